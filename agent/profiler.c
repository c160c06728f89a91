/*
 * A map of compiled code for perf, in /tmp/perf-PID.map: one line a unit, `START SIZE NAME` in hexadecimal
 * (tools/perf/Documentation/jit-interface.txt of Linux). CPython writes the same file for its own trampolines, so lines are
 * appended. It gives names only: there are no unwind tables.
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

static const char *text_of(Object *o) {
  Ssize length;
  const char *text = o ? PyUnicode_AsUTF8AndSize(o, &length) : NULL;
  if (!text) PyErr_Clear();
  return text ? text : "?";
}

/* A line of the map ends at the end of the line, whatever is in the name of a file. */
static void write_line(int fd, const Unit *u) {
  char line[512];
  const CodeObject *code = u->site->record->code;
  int length = snprintf(line, sizeof line, "%lx %x armature:%s:%s", (u64)u->entry, u->arena_size, text_of(code->qualname), text_of(code->filename));
  if (length < 0) return;
  if (length > (int)sizeof line - 2) length = (int)sizeof line - 2;
  for (int i = 0; i < length; i++)
    if ((u8)line[i] < 32) line[i] = '?';
  line[length] = '\n';
  if (write(fd, line, (u64)length + 1) < 0) return;
}

/* A unit was installed. */
void profiler_note(const Unit *u) {
  if (!agent.writes_perf_map) return;
  int fd = open_map();
  if (fd < 0) return;
  write_line(fd, u);
  close(fd);
}

/* A forked process has a map of its own, and the units of its parent. */
void profiler_note_all(void) {
  for (const Unit *u = agent.writes_perf_map ? agent.units : NULL; u; u = u->next) profiler_note(u);
}
