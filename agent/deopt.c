/*
 * Leaving compiled code: rebuilds interpreter frames from an exit's record: its head, and the body that it may share.
 *
 * Records were checked when the unit was installed, so nothing here can be out of range; only memory can run out, and then
 * the frames are rebuilt all the same, with None for what could not be made, and MemoryError is raised.
 */
#include "agent.h"

enum {
  AT_NULL, AT_REGISTER_OBJ, AT_REGISTER_INT, AT_REGISTER_FLOAT, AT_REGISTER_BOOL, AT_SPILL_OBJ, AT_SPILL_INT, AT_SPILL_FLOAT,
  AT_SPILL_BOOL, AT_OBJECT, AT_LITERAL_INT, AT_LITERAL_FLOAT, AT_LITERAL_BOOL, AT_HOME, AT_INSTANCE
};
#define MAX_LOCATIONS 4096
#define MAX_INSTANCES 256
#define BODY_HEAD_SIZE 8
#define FRAME_SIZE 16
#define INSTANCE_SIZE 16

/* ---- checks at installation --------------------------------------------------------------------------------------- */

typedef struct Cursor {
  const UnitView *view;
  const Request *request;
  const u8 *p, *end;
  u32 locations, instances;
  i32 outer_locals;
} Cursor;

static const u8 *take(Cursor *c, u64 size) {
  if ((u64)(c->end - c->p) < size) return NULL;
  const u8 *p = c->p;
  c->p += size;
  return p;
}

/* The unit has to keep this object. */
static int use_object(Cursor *c, u32 index) {
  if (index >= c->request->object_count || !c->request->is_held[index]) return 0;
  c->view->is_used[index] = 1;
  return 1;
}

static int check_location(Cursor *c, const u8 *p, int home_allowed) {
  if (!p) return 0;
  u32 index = read_u32(p + 4);
  c->locations++;
  switch (p[0]) {
    case AT_NULL: return 1;
    case AT_REGISTER_OBJ: case AT_REGISTER_INT: case AT_REGISTER_FLOAT: case AT_REGISTER_BOOL: return index < 8;
    case AT_SPILL_OBJ: case AT_SPILL_INT: case AT_SPILL_FLOAT: case AT_SPILL_BOOL: return index < c->view->spill_count;
    case AT_OBJECT: return use_object(c, index);
    case AT_LITERAL_INT: case AT_LITERAL_FLOAT: case AT_LITERAL_BOOL: return index < c->view->literal_count;
    case AT_HOME: return home_allowed && index < (u32)c->outer_locals;
    case AT_INSTANCE: return index < c->instances;
    default: return 0;
  }
}

/* Its attributes may be instances before it. */
static int check_instance(Cursor *c) {
  const u8 *p = take(c, INSTANCE_SIZE);
  if (!p || !use_object(c, read_u32(p))) return 0;
  TypeObject *type = (TypeObject *)c->request->objects[read_u32(p)];
  u32 count = read_u16(p + 4);
  if (read_u16(p + 6) > c->outer_locals) return 0;
  if (!type_is((Object *)type, &PyType_Type) || !(type->flags & TYPE_FLAG_HEAPTYPE) || !instance_has_places(type, read_u64(p + 8), count)) return 0;
  for (u32 i = 0; i < count; i++)
    if (!check_location(c, take(c, 8), 1)) return 0;
  c->instances++;
  c->locations++;
  return 1;
}

static int check_frame(Cursor *c, int outer) {
  const u8 *p = take(c, FRAME_SIZE);
  if (!p) return 0;
  u32 code_index = read_u16(p), local_count = read_u16(p + 2), stack_count = read_u16(p + 4);
  i32 function = (i32)read_u32(p + 12);
  if (code_index >= c->request->code_count) return 0;
  CodeObject *code = c->request->codes[code_index];
  if (stack_count > (u32)code->stacksize || read_u32(p + 8) >= (u64)code->base.size) return 0;
  if (outer) {
    if (function != -1 || code_index != 0) return 0;
    c->outer_locals = code->nlocalsplus;
  } else {
    if (function < 0 || !use_object(c, (u32)function)) return 0;
    Object *f = c->request->objects[function];
    if (!type_is(f, &PyFunction_Type) || ((FunctionObject *)f)->code != code) return 0;
  }
  for (u32 i = 0; i < local_count; i++) {
    p = take(c, 12);
    if (!p || read_u16(p) >= code->nlocalsplus || !check_location(c, p + 4, outer)) return 0;
  }
  for (u32 i = 0; i < stack_count; i++)
    if (!check_location(c, take(c, 8), outer)) return 0;
  return 1;
}

static int is_number_kind(u8 kind) {
  return kind != AT_NULL && kind != AT_OBJECT && kind != AT_HOME && kind != AT_REGISTER_OBJ && kind != AT_SPILL_OBJ;
}

/*
 * Where the result of a return is when the frame can be dropped as it is: each local is in it already, or a number. *home is the first
 * local that is the same number as the result: it may have an object, which then is the result.
 */
static const u8 *result_location(u8 kind, const u8 *body, i32 *home) {
  *home = -1;
  if (kind != EXIT_RETURN || read_u16(body) != 1 || read_u16(body + 2) || read_u16(body + 4) || read_u16(body + 6)) return NULL;
  const u8 *frame = body + BODY_HEAD_SIZE, *local = frame + FRAME_SIZE;
  u32 count = read_u16(frame + 2);
  if (read_u16(frame + 4) != 1) return NULL;
  const u8 *result = local + 12ull * count;
  for (; count; count--, local += 12) {
    int is_there = local[4] == AT_HOME && read_u32(local + 8) == read_u16(local);
    if (is_there) continue;
    if (!is_number_kind(local[4])) return NULL;
    if (*home < 0 && local[4] == result[0] && read_u32(local + 8) == read_u32(result + 4)) *home = read_u16(local);
  }
  return result;
}

static int check_body(Cursor *c) {
  const u8 *body = take(c, BODY_HEAD_SIZE);
  if (!body) return 0;
  u32 frames = read_u16(body), instances = read_u16(body + 6);
  const Request *r = c->request;
  if (frames == 0 || instances > MAX_INSTANCES) return 0;
  for (u32 i = read_u16(body + 2); i; i--) {
    const u8 *p = take(c, 16);
    if (!p || !check_location(c, p + 8, 1)) return 0;
    u32 dict = read_u32(p), name = read_u32(p + 4);
    if (!use_object(c, dict) || !use_object(c, name)) return 0;
    if (!type_is(r->objects[dict], &PyDict_Type) || !type_is(r->objects[name], &PyUnicode_Type)) return 0;
  }
  for (u32 i = read_u16(body + 4); i; i--)
    if (!check_location(c, take(c, 8), 1)) return 0;
  for (; instances; instances--)
    if (!check_instance(c)) return 0;
  for (u32 i = 0; i < frames; i++)
    if (!check_frame(c, i == 0)) return 0;
  return c->locations <= MAX_LOCATIONS;
}

/* `before`: an exit that was checked, which may have the same body, or NULL. Returns what is wrong, or NULL. */
const char *check_exit(const UnitView *v, const Request *r, const u8 *head, const UnitExit *before, UnitExit *exit) {
  u32 offset = read_u32(head + 12);
  if (head[0] > EXIT_UNSUPPORTED || head[1] >= r->code_count || offset > v->size) return "malformed exit";
  exit->head = head;
  exit->body = v->payload + offset;
  if (before && before->body == exit->body) {
    exit->location_count = before->location_count;
  } else {
    Cursor c = {v, r, exit->body, v->payload + v->size, 0, 0, r->codes[0]->nlocalsplus};
    if (!check_body(&c)) return "malformed exit";
    exit->location_count = c.locations;
  }
  exit->result = result_location(head[0], exit->body, &exit->result_home);
  return NULL;
}

/* ---- making the values ----------------------------------------------------------------------------------------------- */

typedef struct Maker {
  Activation *activation;
  Unit *unit;
  Object **values; /* owned, in the order of the exit's body */
  u64 *keys;       /* kind and index of each */
  u32 count, next;
  u8 out_of_memory;
  u32 first_of_frames;     /* where the values of the frames begin, and */
  const u8 *frames;        /* where the frames do */
  u32 instance_count;
  u16 instances[MAX_INSTANCES]; /* by number: its place among the values */
} Maker;

/* The numbers of instances are written before they are read. */
static void begin_making(Maker *m, Activation *a, Unit *u, Object **values, u64 *keys) {
  m->activation = a;
  m->unit = u;
  m->values = values;
  m->keys = keys;
  m->count = m->next = m->instance_count = 0;
  m->out_of_memory = 0;
}

/* No kind has it. */
#define NOT_A_NUMBER (~0ull)

static i64 bits_at(Maker *m, u8 kind, u32 index) {
  if (kind <= AT_REGISTER_BOOL) return m->activation->int_registers[index];
  if (kind <= AT_SPILL_BOOL) return (i64)m->activation->spill[index];
  return (i64)m->unit->literals[index];
}

static double float_at(Maker *m, u8 kind, u32 index) {
  if (kind == AT_REGISTER_FLOAT) return m->activation->float_registers[index];
  i64 bits = bits_at(m, kind, index);
  double value;
  __builtin_memcpy(&value, &bits, 8);
  return value;
}

static int is_float_kind(u8 kind) {
  return kind == AT_REGISTER_FLOAT || kind == AT_SPILL_FLOAT || kind == AT_LITERAL_FLOAT;
}

/* The home still holds this number: the local that was not changed keeps its object. */
static int is_number_of(Maker *m, Object *home, u8 kind, u32 index) {
  if (!home) return 0;
  if (is_float_kind(kind)) {
    double value = float_at(m, kind, index);
    return type_is(home, &PyFloat_Type) && !memcmp(&((FloatObject *)home)->value, &value, 8);
  }
  int overflow;
  return type_is(home, &PyLong_Type) && PyLong_AsLongAndOverflow(home, &overflow) == bits_at(m, kind, index) && !overflow;
}

/* `home`: what the local holds that the number is for, or NULL. */
static Object *box(Maker *m, u8 kind, u32 index, Object *home) {
  u64 key = (u64)kind << 32 | index;
  for (u32 i = 0; i < m->count; i++)
    if (m->keys[i] == key && m->values[i]) return object_new_reference(m->values[i]);
  if (is_number_of(m, home, kind, index)) return object_new_reference(home);
  Object *made = is_float_kind(kind)
                     ? PyFloat_FromDouble(float_at(m, kind, index)) : PyLong_FromLong(bits_at(m, kind, index));
  if (made) return made;
  m->out_of_memory = 1;
  return object_new_reference(NONE);
}

static Object *make(Maker *m, const u8 *p, Object *home) {
  u8 kind = p[0];
  u32 index = read_u32(p + 4);
  int borrowed = p[1] & 1;
  Object *o;
  switch (kind) {
    case AT_NULL: return NULL;
    case AT_REGISTER_OBJ: case AT_SPILL_OBJ: o = (Object *)bits_at(m, kind, index); break;
    case AT_OBJECT:
      o = m->unit->objects[index];
      borrowed = 1;
      break;
    case AT_HOME:
      o = slot_object(m->activation->locals[index]);
      borrowed = 1;
      break;
    case AT_INSTANCE:
      o = m->values[m->instances[index]];
      borrowed = 1;
      break;
    case AT_REGISTER_BOOL: case AT_SPILL_BOOL: case AT_LITERAL_BOOL:
      o = (u8)bits_at(m, kind, index) ? TRUE_OBJECT : FALSE_OBJECT;
      borrowed = 1;
      break;
    default: return box(m, kind, index, home);
  }
  if (o && borrowed) object_incref(o);
  return o;
}

/* What one location holds: an owned reference, or NULL without an exception when there is no memory. `home`: as for box(). */
Object *exit_value(Activation *a, Unit *u, const u8 *location, Object *home) {
  Maker m;
  begin_making(&m, a, u, NULL, NULL);
  Object *made = make(&m, location, home);
  if (!m.out_of_memory) return made;
  object_decref(made);
  PyErr_Clear();
  return NULL;
}

static void make_next(Maker *m, const u8 *p, Object *home) {
  m->keys[m->count] = (u64)p[0] << 32 | read_u32(p + 4);
  m->values[m->count] = make(m, p, home);
  m->count++;
}

/*
 * An object that compiled code did without: its attributes, then the object itself. It may be one from elsewhere after all,
 * which is then in the home of a local.
 */
static const u8 *make_instance(Maker *m, const u8 *p) {
  TypeObject *type = (TypeObject *)m->unit->objects[read_u32(p)];
  u64 places = read_u64(p + 8);
  u32 first = m->count, count = read_u16(p + 4), local = read_u16(p + 6);
  Object *home = local ? slot_object(m->activation->locals[local - 1]) : NULL;
  p += INSTANCE_SIZE;
  for (; count; count--, p += 8) make_next(m, p, NULL);
  Object *made = home ? object_new_reference(home) : instance_make(m->activation, type, m->values + first, places);
  if (!made) {
    m->out_of_memory = 1;
    made = object_new_reference(NONE);
  }
  m->instances[m->instance_count++] = (u16)m->count;
  m->keys[m->count] = NOT_A_NUMBER;
  m->values[m->count++] = made;
  return p;
}

static void make_all(Maker *m, const u8 *p) {
  u32 frames = read_u16(p), globals = read_u16(p + 2), drops = read_u16(p + 4), instances = read_u16(p + 6);
  p += BODY_HEAD_SIZE;
  const u8 *of_instances = p + 16ull * globals + 8ull * drops;
  for (; instances; instances--) of_instances = make_instance(m, of_instances);
  m->next = m->count;
  for (; globals; globals--, p += 16) make_next(m, p + 8, NULL);
  for (; drops; drops--, p += 8) make_next(m, p, NULL);
  m->first_of_frames = m->count;
  m->frames = p = of_instances;
  for (u32 frame = 0; frame < frames; frame++) {
    u32 locals = read_u16(p + 2), stack = read_u16(p + 4);
    p += FRAME_SIZE;
    for (; locals; locals--, p += 12) make_next(m, p + 4, frame ? NULL : slot_object(m->activation->locals[read_u16(p)]));
    for (; stack; stack--, p += 8) make_next(m, p, NULL);
  }
}

/* ---- rebuilding --------------------------------------------------------------------------------------------------------- */

static Object *next_value(Maker *m) {
  return m->values[m->next++];
}

static void store_globals(Maker *m, const u8 *p, u32 count) {
  for (; count; count--, p += 16) {
    Object *value = next_value(m);
    m->values[m->next - 1] = NULL;
    if (!value) continue;
    if (PyDict_SetItem(m->unit->objects[read_u32(p)], m->unit->objects[read_u32(p + 4)], value)) m->out_of_memory = 1;
    object_decref(value);
  }
}

/* Writes locals and operands; what was in a home takes the value's place in the list, to be released later. */
static const u8 *fill_frame(Maker *m, Frame *f, const u8 *p) {
  u32 locals = read_u16(p + 2), stack = read_u16(p + 4);
  p += FRAME_SIZE;
  for (; locals; locals--, p += 12) {
    Object *value = next_value(m);
    u32 local = read_u16(p);
    if (p[4] == AT_HOME && read_u32(p + 8) == local) continue; /* the extra reference is released with the others */
    if (f == m->activation->frame && local_was_written(m->activation, local)) continue;
    Slot *home = &f->localsplus[local];
    Slot old = *home;
    *home = value ? slot_from_owned(value) : SLOT_NULL;
    m->values[m->next - 1] = slot_owns(old) ? slot_object(old) : NULL;
  }
  Slot *base = f->localsplus + frame_code(f)->nlocalsplus;
  for (u32 i = 0; i < stack; i++, p += 8) {
    Object *value = next_value(m);
    base[i] = value ? slot_from_owned(value) : SLOT_NULL;
    m->values[m->next - 1] = NULL;
  }
  frame_set_depth(f, (i32)stack);
  return p;
}

static void set_failing_position(Frame *f, i32 offset) {
#if ARMATURE_LAYOUT == 311
  f->prev_instr = f->code->code + offset;
#else
  /* 3.14 looks for the handler one unit before the position, and takes the line from the position itself. */
  CodeObject *code = frame_code(f);
  i32 level, lasti, length = instruction_length(code, offset);
  i32 at = offset + length - 1;
  if (length == 1 && exception_handler(code, offset, &level, &lasti) != exception_handler(code, offset - 1, &level, &lasti))
    at = offset + 1;
  f->instr_ptr = code->code + at;
  f->return_offset = 0;
#endif
}

static void set_position(Frame *f, const u8 *p, int innermost, u8 kind) {
  i32 offset = (i32)read_u32(p + 8);
  if (!innermost) frame_set_waiting(f, offset, instruction_length(frame_code(f), offset));
  else if (kind == EXIT_EXCEPTION) set_failing_position(f, offset);
  else frame_set_position(f, offset);
}

/* Returns the innermost frame that could be made; when memory runs out that is an outer one, which waits at its call. */
static Frame *rebuild_frames(Driver *d, Maker *m, Frame *f, const u8 *p, u32 count, u8 kind) {
  set_position(f, p, count == 1, kind);
  p = fill_frame(m, f, p);
  for (u32 i = 1; i < count; i++) {
    Frame *inner = frame_push(d->tstate, (FunctionObject *)m->unit->objects[read_u32(p + 12)]);
    if (!inner) {
      m->out_of_memory = 1;
      break;
    }
    inner->previous = f;
    set_position(inner, p, i == count - 1, kind);
    p = fill_frame(m, inner, p);
    d->tstate->recursion_remaining--;
    f = inner;
  }
  return f;
}

/* ---- counting ------------------------------------------------------------------------------------------------------------ */

#define FAILURES_BEFORE_RECOMPILING 20

static void copy_name(char *to, u64 size, const char *from) {
  u64 i = 0;
  for (; i + 1 < size && from[i]; i++) to[i] = from[i];
  to[i] = 0;
}

/* The reason code of an exit: the text has one line per exit, after a line with a bracket. */
static void exit_reason(Unit *u, u32 index, char *reason, u64 size) {
  const char *p = u->text, *end = p + u->text_size;
  copy_name(reason, size, "guard");
  for (u32 line = 0; line <= index && p < end; line++) {
    while (p < end && *p != '\n') p++;
    p++;
  }
  static const char key[] = "\"reason\":\"";
  for (; p + sizeof key < end && *p != '\n'; p++) {
    if (memcmp(p, key, sizeof key - 1)) continue;
    p += sizeof key - 1;
    u64 i = 0;
    for (; i + 1 < size && p < end && *p != '"'; i++) reason[i] = *p++;
    reason[i] = 0;
    return;
  }
}

/* The type of the value that a guard refused. */
static void observe(Unit *u, UnitExit *exit, Activation *a) {
  i32 watched = (i32)read_u32(exit->head + 8);
  if (watched < 0) return;
  u8 kind = (u8)(watched >> 16);
  u32 index = watched & 0xffff;
  Object *o = NULL;
  if (kind == AT_REGISTER_OBJ && index < 8) o = (Object *)a->int_registers[index];
  else if (kind == AT_SPILL_OBJ && index < u->spill_count) o = (Object *)a->spill[index];
  copy_name(exit->observed, sizeof exit->observed, o ? o->type->name : "NULL");
}

/*
 * A dict of names has got one more: that holds for good, and every entry would end there. The loop goes on interpreted until
 * its next unit is there; a function's unit stays, for its calls are what asks for that.
 */
static int is_outdated(Unit *u, UnitExit *exit) {
  char reason[40];
  exit_reason(u, read_u16(exit->head + 2), reason, sizeof reason);
  if (strcmp(reason, "guard.dict_keys")) return 0;
  u->outdated = 1;
  if (!u->disabled && !u->site->is_entry) unit_disable(u);
  u->site->retry_at = now_nanoseconds();
  return 1;
}

static void count_exit(Unit *u, UnitExit *exit, Activation *a) {
  u8 kind = exit->head[0];
  exit->taken++;
  Site *s = u->site;
  if (kind == EXIT_RETURN) s->returns++;
  if (kind == EXIT_DEOPT) u->failures++;
  if (s->is_entry && !u->disabled && u->failures > 200 && u->failures * 2 > u->entries && !agent.threshold_zero) unit_disable(u);
  if (kind != EXIT_DEOPT || exit->taken > FAILURES_BEFORE_RECOMPILING) return;
  if (exit->taken == 1 && is_outdated(u, exit)) return;
  observe(u, exit, a);
  if (exit->taken < FAILURES_BEFORE_RECOMPILING && !(agent.threshold_zero && exit->taken >= 2)) return;
  char reason[40];
  exit_reason(u, read_u16(exit->head + 2), reason, sizeof reason);
  site_add_feedback(s, u->codes[exit->head[1]], (i32)read_u32(exit->head + 4), reason, exit->observed);
  s->retry_at = now_nanoseconds();
}

/* ---- the exit -------------------------------------------------------------------------------------------------------------- */

static void release_rest(Maker *m) {
  for (u32 i = 0; i < m->count; i++) object_xdecref(m->values[i]);
}

static void forget_exception(Object *type, Object *value, Object *traceback) {
  object_xdecref(type);
  object_xdecref(value);
  object_xdecref(traceback);
}

/* Rebuilds the frames; *top becomes the innermost, not counted against the recursion limit. Returns the throwflag. */
int deoptimize(Driver *d, Activation *a, Unit *u, u32 exit_id, Frame **top) {
  UnitExit *exit = &u->exits[exit_id < u->exit_count ? exit_id : 0];
  count_exit(u, exit, a);
  const u8 *body = exit->body;
  u8 kind = exit->head[0];
  u32 count = exit->location_count;
  Object **values = __builtin_alloca(8ull * count + 8);
  u64 *keys = __builtin_alloca(8ull * count + 8);
  Maker m;
  begin_making(&m, a, u, values, keys);
  Object *type, *value, *traceback;
  PyErr_Fetch(&type, &value, &traceback);
  make_all(&m, body);
  store_globals(&m, body + BODY_HEAD_SIZE, read_u16(body + 2));
  m.next = m.first_of_frames;
  Frame *innermost = rebuild_frames(d, &m, a->frame, m.frames, read_u16(body), kind);
  set_current_frame(d->tstate, d, innermost);
  release_rest(&m); /* finalisers run here: every frame is as the interpreter wants it */
  d->tstate->recursion_remaining++;
  *top = innermost;
  /* What failed on the way to an exit that says nothing of it will fail again: the interpreter does all of the instruction. */
  if (kind == EXIT_EXCEPTION) PyErr_Restore(type, value, traceback);
  else forget_exception(type, value, traceback);
  if (m.out_of_memory) {
    PyErr_NoMemory();
    return 1;
  }
  return kind == EXIT_EXCEPTION;
}
