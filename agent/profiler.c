/*
 * A map of compiled code for perf, in /tmp/perf-PID.map: one line a unit, `START SIZE NAME` in hexadecimal
 * (tools/perf/Documentation/jit-interface.txt of Linux). CPython writes the same file for its own trampolines, so lines are
 * appended. It gives names only: there are no unwind tables.
 */
#include "agent.h"

static const char *text_of(Object *o) {
  Ssize length;
  const char *text = o ? PyUnicode_AsUTF8AndSize(o, &length) : NULL;
  if (!text) PyErr_Clear();
  return text ? text : "?";
}

/* A line of the map ends at the end of the line, whatever is in the name of a file. */
static void write_line(Handle map, const Unit *u) {
  char line[512];
  const CodeObject *code = u->site->record->code;
  int length = snprintf(line, sizeof line, "%llx %x armature:%s:%s", (unsigned long long)u->entry, u->arena_size, text_of(code->qualname), text_of(code->filename));
  if (length < 0) return;
  if (length > (int)sizeof line - 2) length = (int)sizeof line - 2;
  for (int i = 0; i < length; i++)
    if ((u8)line[i] < 32) line[i] = '?';
  line[length] = '\n';
  file_write(map, line, (u64)length + 1);
}

/* A unit was installed. */
void profiler_note(const Unit *u) {
  if (!agent.writes_perf_map) return;
  Handle map = profiler_map_open();
  if (map == NO_HANDLE) return;
  write_line(map, u);
  file_close(map);
}

/* A forked process has a map of its own, and the units of its parent. */
void profiler_note_all(void) {
  for (const Unit *u = agent.writes_perf_map ? agent.units : NULL; u; u = u->next) profiler_note(u);
}
