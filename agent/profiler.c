/*
 * A map of compiled code for perf, in /tmp/perf-PID.map: one line a unit, `START SIZE NAME` in hexadecimal
 * (tools/perf/Documentation/jit-interface.txt of Linux). CPython writes the same file for its own trampolines, so lines are
 * appended. It gives names only; jitdump.c writes the code and the unwind tables too.
 */
#include "agent.h"

#define FILE_FLAGS (01 /* write only */ | 0100 /* create */ | 02000 /* append */ | 0400000 /* no symbolic link */ | 02000000 /* close on exec */)
#if defined(__aarch64__)
#undef FILE_FLAGS
#define FILE_FLAGS (01 | 0100 | 02000 | 0100000 /* no symbolic link */ | 02000000)
#endif

static int open_map(void) {
  char path[64];
  snprintf(path, sizeof path, "/tmp/perf-%d.map", getpid());
  return open(path, FILE_FLAGS, 0600);
}

static void write_line(int fd, const Unit *u) {
  char name[UNIT_NAME_SIZE], line[UNIT_NAME_SIZE + 40];
  unit_name(u, name);
  int length = snprintf(line, sizeof line, "%lx %x %s\n", (u64)u->entry, u->code_size, name);
  if (length < 0 || write(fd, line, (u64)length) < 0) return;
}

static void append_to_map(const Unit *u) {
  int fd = open_map();
  if (fd < 0) return;
  write_line(fd, u);
  close(fd);
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
