/*
 * A map of compiled code for perf, in /tmp/perf-PID.map: one line a unit, `START SIZE NAME` in hexadecimal
 * (tools/perf/Documentation/jit-interface.txt of Linux). CPython writes the same file for its own trampolines, so lines are
 * appended. It gives names only; jitdump-linux.c writes the code and the unwind tables too.
 */
#include "agent.h"

static void append_to_map(const Unit *u) {
  Handle map = profiler_map_open();
  if (map == NO_HANDLE) return;
  char name[UNIT_NAME_SIZE], line[UNIT_NAME_SIZE + 40];
  unit_name(u, name);
  int length = snprintf(line, sizeof line, "%llx %x %s\n", (unsigned long long)u->entry, u->code_size, name);
  if (length > 0) file_write(map, line, (u64)length);
  file_close(map);
}

/* A unit was installed. */
void profiler_note(const Unit *u) {
  if (agent.writes_perf_map) append_to_map(u);
  if (agent.writes_jitdump) jitdump_note(u);
}

/* A forked process has files of its own, and the units of its parent. */
void profiler_forked(void) {
  jitdump_forked();
  for (const Unit *u = agent.units; u; u = u->next) profiler_note(u);
}
