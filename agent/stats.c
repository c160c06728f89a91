/* Statistics: a JSON file on request, and the report to the server. */
#include "agent.h"

static const char *const exit_kinds[] = {"deopt", "exception", "safepoint", "return", "unsupported"};

/* A line at most; longer texts are written as they are. */
static void __attribute__((format(printf, 2, 3))) print(Handle file, const char *format, ...) {
  __builtin_va_list arguments;
  __builtin_va_start(arguments, format);
  char line[512];
  int length = vsnprintf(line, sizeof line, format, arguments);
  __builtin_va_end(arguments);
  if (length > 0) file_write(file, line, (u64)length < sizeof line ? (u64)length : sizeof line - 1);
}

static void write_text(Handle file, Object *o) {
  Ssize length = 0;
  const char *s = o ? PyUnicode_AsUTF8AndSize(o, &length) : NULL;
  if (!s) {
    PyErr_Clear();
    length = 0;
  }
  print(file, "\"");
  for (Ssize i = 0; i < length; i++) {
    u8 c = (u8)s[i];
    if (c == '"' || c == '\\') print(file, "\\%c", c);
    else if (c < 32) print(file, "\\u%04x", c);
    else print(file, "%c", c);
  }
  print(file, "\"");
}

static void write_place(Handle file, Site *s) {
  CodeObject *code = s->record->code;
  print(file, "\"code\": ");
  write_text(file, code->qualname);
  print(file, ", \"file\": ");
  write_text(file, code->filename);
  print(file, ", \"line\": %d, \"kind\": \"%s\", \"offset\": %d, \"placeLine\": %d", code->firstlineno, s->is_entry ? "entry" : "osr",
          site_start(s), PyCode_Addr2Line(code, 2 * s->offset));
}

static void write_unit(Handle file, Unit *u, const char *separator) {
  print(file, "%s\n    {", separator);
  write_place(file, u->site);
  print(file, ", \"entries\": %llu, \"nanoseconds\": %llu, \"bytes\": %u, \"disabled\": %s, \"retired\": %s, \"exits\": [",
          (unsigned long long)u->entries, (unsigned long long)u->nanoseconds, u->arena_size, u->disabled && !u->outdated ? "true" : "false", u->retired ? "true" : "false");
  const char *comma = "";
  for (u32 i = 0; i < u->exit_count; i++) {
    UnitExit *e = &u->exits[i];
    if (!e->taken) continue;
    print(file, "%s{\"exit\": %u, \"kind\": \"%s\", \"offset\": %u, \"taken\": %u, \"observed\": \"%s\"}", comma, i,
            exit_kinds[e->head[0]], read_u32(e->head + 4), e->taken, e->observed);
    comma = ", ";
  }
  print(file, "], \"text\": ");
  file_write(file, u->text_size ? u->text : "[]", u->text_size ? u->text_size : 2);
  print(file, "}");
}

static void write_refusals(Handle file) {
  const char *separator = "";
  for (u32 b = 0; b < 1024; b++)
    for (CodeRecord *r = agent.records[b]; r; r = r->next)
      for (i32 i = -1; i < r->loop_count; i++) {
        Site *s = i < 0 ? &r->entry : &r->loops[i];
        if (!s->refusal[0] && !s->in_flight) continue;
        print(file, "%s\n    {", separator);
        write_place(file, s);
        print(file, ", \"reason\": \"%s\"}", s->in_flight ? "in flight" : s->refusal);
        separator = ",";
      }
}

void stats_write(void) {
  Handle file = file_create(agent.stats_path);
  if (file == NO_HANDLE) return;
  print(file, "{\n  \"layout\": %d, \"pid\": %d, \"requests\": %u, \"request_bytes\": %llu, \"units\": %u, \"refused\": %u, \"malformed\": %u, "
              "\"stale\": %u, \"osr_entries\": %u, \"disabled\": %u, \"arena_bytes\": %u,\n  \"unit_list\": [",
          ARMATURE_LAYOUT, process_id(), agent.request_count, (unsigned long long)agent.request_bytes, agent.unit_count, agent.refuse_count,
          agent.malformed_count, agent.stale_count, agent.osr_count, agent.disabled_count, arena_used());
  const char *separator = "";
  for (Unit *u = agent.units; u; u = u->next, separator = ",") write_unit(file, u, separator);
  for (Unit *u = agent.graveyard; u; u = u->next, separator = ",") write_unit(file, u, separator);
  for (Unit *u = agent.over; u; u = u->next, separator = ",") write_unit(file, u, separator);
  print(file, "\n  ],\n  \"refusals\": [");
  write_refusals(file);
  print(file, "\n  ]\n}\n");
  file_close(file);
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
  put(d, "entries", PyLong_FromLong((i64)u->entries));
  put(d, "nanoseconds", PyLong_FromLong((i64)u->nanoseconds));
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
  put(d, "pid", PyLong_FromLong(process_id()));
  put(d, "requests", PyLong_FromLong(agent.request_count));
  put(d, "osr_entries", PyLong_FromLong(agent.osr_count));
  put(d, "arena_bytes", PyLong_FromLong(arena_used()));
  put(d, "units", units ? PyList_AsTuple(units) : NULL);
  object_xdecref(units);
  return d;
}
