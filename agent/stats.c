/* Statistics: a JSON file on request, and the report to the server. */
#include "agent.h"

static const char *const exit_kinds[] = {"deopt", "exception", "safepoint", "return", "unsupported"};

static void write_text(int fd, Object *o) {
  Ssize length = 0;
  const char *s = o ? PyUnicode_AsUTF8AndSize(o, &length) : NULL;
  if (!s) {
    PyErr_Clear();
    length = 0;
  }
  dprintf(fd, "\"");
  for (Ssize i = 0; i < length; i++) {
    u8 c = (u8)s[i];
    if (c == '"' || c == '\\') dprintf(fd, "\\%c", c);
    else if (c < 32) dprintf(fd, "\\u%04x", c);
    else dprintf(fd, "%c", c);
  }
  dprintf(fd, "\"");
}

static void write_place(int fd, Site *s) {
  CodeObject *code = s->record->code;
  dprintf(fd, "\"code\": ");
  write_text(fd, code->qualname);
  dprintf(fd, ", \"file\": ");
  write_text(fd, code->filename);
  dprintf(fd, ", \"line\": %d, \"kind\": \"%s\", \"offset\": %d, \"placeLine\": %d", code->firstlineno, s->is_entry ? "entry" : "osr",
          s->is_entry ? 0 : s->offset, PyCode_Addr2Line(code, 2 * s->offset));
}

static void write_unit(int fd, Unit *u, const char *separator) {
  dprintf(fd, "%s\n    {", separator);
  write_place(fd, u->site);
  dprintf(fd, ", \"entries\": %lu, \"nanoseconds\": %lu, \"bytes\": %u, \"disabled\": %s, \"retired\": %s, \"exits\": [",
          u->entries, u->nanoseconds, u->arena_size, u->disabled && !u->outdated ? "true" : "false", u->retired ? "true" : "false");
  const char *comma = "";
  for (u32 i = 0; i < u->exit_count; i++) {
    UnitExit *e = &u->exits[i];
    if (!e->taken) continue;
    dprintf(fd, "%s{\"exit\": %u, \"kind\": \"%s\", \"offset\": %u, \"taken\": %u, \"observed\": \"%s\"}", comma, i,
            exit_kinds[e->record[0]], read_u32(e->record + 8), e->taken, e->observed);
    comma = ", ";
  }
  dprintf(fd, "], \"text\": %.*s}", u->text_size ? (int)u->text_size : 2, u->text_size ? u->text : "[]");
}

static void write_refusals(int fd) {
  const char *separator = "";
  for (u32 b = 0; b < 1024; b++)
    for (CodeRecord *r = agent.records[b]; r; r = r->next)
      for (i32 i = -1; i < r->loop_count; i++) {
        Site *s = i < 0 ? &r->entry : &r->loops[i];
        if (!s->refusal[0] && !s->in_flight) continue;
        dprintf(fd, "%s\n    {", separator);
        write_place(fd, s);
        dprintf(fd, ", \"reason\": \"%s\"}", s->in_flight ? "in flight" : s->refusal);
        separator = ",";
      }
}

void stats_write(void) {
  int fd = open(agent.stats_path, 01 | 0100 | 01000 | 02000000, 0600);
  if (fd < 0) return;
  dprintf(fd, "{\n  \"layout\": %d, \"pid\": %d, \"requests\": %u, \"request_bytes\": %lu, \"units\": %u, \"refused\": %u, \"malformed\": %u, "
              "\"stale\": %u, \"osr_entries\": %u, \"disabled\": %u, \"arena_bytes\": %u,\n  \"unit_list\": [",
          ARMATURE_LAYOUT, getpid(), agent.request_count, agent.request_bytes, agent.unit_count, agent.refuse_count,
          agent.malformed_count, agent.stale_count, agent.osr_count, agent.disabled_count, arena_used());
  const char *separator = "";
  for (Unit *u = agent.units; u; u = u->next, separator = ",") write_unit(fd, u, separator);
  for (Unit *u = agent.graveyard; u; u = u->next, separator = ",") write_unit(fd, u, separator);
  dprintf(fd, "\n  ],\n  \"refusals\": [");
  write_refusals(fd);
  dprintf(fd, "\n  ]\n}\n");
  close(fd);
}

static void put(Object *d, const char *key, Object *value) {
  if (d && value) PyDict_SetItemString(d, key, value);
  object_xdecref(value);
}

static Object *report_unit(Unit *u) {
  Object *d = PyDict_New(), *exits = PyList_New(0);
  put(d, "name", object_new_reference(u->site->record->code->qualname));
  put(d, "filename", object_new_reference(u->site->record->code->filename));
  put(d, "kind", PyUnicode_FromString(u->site->is_entry ? "entry" : "osr"));
  put(d, "offset", PyLong_FromLong(u->site->offset));
  put(d, "entries", PyLong_FromLong((long)u->entries));
  put(d, "nanoseconds", PyLong_FromLong((long)u->nanoseconds));
  for (u32 i = 0; exits && i < u->exit_count; i++) {
    if (!u->exits[i].taken) continue;
    Object *row = PyTuple_New(2);
    if (!row) break;
    ((TupleObject *)row)->items[0] = PyLong_FromLong(i);
    ((TupleObject *)row)->items[1] = PyLong_FromLong(u->exits[i].taken);
    PyList_Append(exits, row);
    object_decref(row);
  }
  put(d, "exits", exits ? PyList_AsTuple(exits) : NULL);
  object_xdecref(exits);
  return d;
}

Object *stats_report(void) {
  Object *d = PyDict_New(), *units = PyList_New(0);
  for (Unit *u = agent.units; units && u; u = u->next) {
    Object *row = report_unit(u);
    if (row) PyList_Append(units, row);
    object_xdecref(row);
  }
  put(d, "pid", PyLong_FromLong(getpid()));
  put(d, "requests", PyLong_FromLong(agent.request_count));
  put(d, "osr_entries", PyLong_FromLong(agent.osr_count));
  put(d, "arena_bytes", PyLong_FromLong(arena_used()));
  put(d, "units", units ? PyList_AsTuple(units) : NULL);
  object_xdecref(units);
  return d;
}
