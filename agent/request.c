/* The compile message: everything the server needs, in one piece (docs/protocol.md). Built at a checkpoint. */
#include "agent.h"

#if ARMATURE_LAYOUT == 311
enum {
  OP_EXTENDED_ARG_QUICK = 34, OP_LOAD_COMMON_CONSTANT = 74 /* LOAD_ASSERTION_ERROR */, OP_STORE_NAME = 90, OP_STORE_GLOBAL = 97,
  OP_LOAD_NAME = 101, OP_LOAD_ATTR = 106, OP_LOAD_GLOBAL = 116, OP_EXTENDED_ARG = 144, OP_LOAD_METHOD = 160
};
#define GLOBAL_NAME(argument) ((argument) >> 1)
#define ATTRIBUTE_NAME(op, argument) (argument)
#define IS_ATTRIBUTE(op) ((op) == OP_LOAD_ATTR || (op) == OP_LOAD_METHOD)
#else
enum {
  OP_EXTENDED_ARG = 69, OP_EXTENDED_ARG_QUICK = 69, OP_LOAD_ATTR = 80, OP_LOAD_COMMON_CONSTANT = 81, OP_LOAD_GLOBAL = 92,
  OP_LOAD_NAME = 93, OP_STORE_GLOBAL = 115, OP_STORE_NAME = 116
};
#define GLOBAL_NAME(argument) ((argument) >> 1)
#define ATTRIBUTE_NAME(op, argument) ((argument) >> 1)
#define IS_ATTRIBUTE(op) ((op) == OP_LOAD_ATTR)
#endif
#define VALUE_DEPTH 3

static void set(Object *dict, const char *key, Object *value, u8 *failed) {
  if (!value || PyDict_SetItemString(dict, key, value)) *failed = 1;
  object_xdecref(value);
}

static Object *number(i64 v) {
  return PyLong_FromLong(v);
}

/* Takes the items over. */
static Object *tuple(int count, Object **items) {
  Object *made = PyTuple_New(count);
  for (int i = 0; i < count; i++) {
    if (made) ((TupleObject *)made)->items[i] = items[i];
    else object_xdecref(items[i]);
  }
  return made;
}

static void append(Object *list, Object *item, u8 *failed) {
  if (!list || !item || PyList_Append(list, item)) *failed = 1;
  object_xdecref(item);
}

static Object *as_tuple(Object *list) {
  Object *made = list ? PyList_AsTuple(list) : NULL;
  object_xdecref(list);
  return made;
}

static Object *indices_of(ObjectTable *t, Object *items) {
  TupleObject *source = (TupleObject *)items;
  Object *made = PyTuple_New(source->base.size);
  if (!made) return NULL;
  for (Ssize i = 0; i < source->base.size; i++)
    ((TupleObject *)made)->items[i] = number(table_add(t, source->items[i], 0, 1));
  return made;
}

/* By name: whether some instruction of the code seems to store it. Words of inline caches may look like one: no harm. */
static u8 *find_stored_names(CodeObject *code, Ssize count) {
  u8 *stored = calloc((u64)count + 1, 1);
  u32 extension = 0;
  for (i32 i = 0; stored && i < code->base.size; i++) {
    u8 op = (u8)code->code[i];
    u32 argument = extension | (u32)(code->code[i] >> 8);
    int extends = op == OP_EXTENDED_ARG || op == OP_EXTENDED_ARG_QUICK;
    extension = extends ? argument << 8 : 0;
    if ((op == OP_STORE_NAME || op == OP_STORE_GLOBAL) && argument < (u64)count) stored[argument] = 1;
  }
  return stored;
}

/* Where each name of the code is found now, and what it holds. */
static Object *name_values(ObjectTable *t, FunctionObject *f, u8 *failed) {
  Object *list = PyList_New(0);
  TupleObject *names = (TupleObject *)f->code->names;
  u8 *stored = find_stored_names(f->code, names->base.size);
  if (!stored) *failed = 1;
  table_add(t, NONE, 0, 1); /* comparisons with it need no name */
  for (Ssize i = 0; i < names->base.size; i++) {
    i32 entry = -1, index = -1;
    Object *value = NULL;
    const char *where = "";
    table_add(t, names->items[i], 0, 1); /* stores name it */
    if (dict_lookup((DictObject *)f->globals, names->items[i], &entry, &value)) where = "g";
    else if (dict_lookup((DictObject *)f->builtins, names->items[i], &entry, &value)) where = "b";
    if (value && stored && stored[i]) index = table_add_variable(t, value, VALUE_DEPTH, is_plain_value(value));
    else if (value) index = table_add(t, value, VALUE_DEPTH, is_plain_value(value));
    append(list, tuple(4, (Object *[]){number(i), PyUnicode_FromString(where), number(value ? entry : -1), number(index)}), failed);
  }
  free(stored);
  return as_tuple(list);
}

/* ---- attributes behind inline caches ------------------------------------------------------------------------------------ */

typedef struct Attributes {
  ObjectTable *table;
  FunctionObject *function;
  Object *cached;  /* list of (offset, object); common constants too */
  Object *modules; /* list of (offset, dict, entry, object) */
  u8 *failed;
} Attributes;

/* A live type with this version, among those the request knows: the pointers in a cache may be stale, a version is not. */
static TypeObject *type_with_version(ObjectTable *t, u32 version) {
  TypeObject *const common_types[] = {&PyList_Type, &PyDict_Type, &PyUnicode_Type, &PyBytes_Type, &PyByteArray_Type,
                                      &PySet_Type, &PyTuple_Type, &PyLong_Type, &PyFloat_Type};
  if (!version) return NULL;
  for (u32 i = 0; i < sizeof common_types / sizeof *common_types; i++)
    if (common_types[i]->version_tag == version) return common_types[i];
  for (u32 i = 0; i < t->count; i++) {
    Object *o = t->objects[i];
    TypeObject *type = (o->type->flags & TYPE_FLAG_TYPE_SUBCLASS) ? (TypeObject *)o : o->type;
    if (type->version_tag == version) return type;
  }
  return NULL;
}

static void add_cached(Attributes *a, i32 offset, Object *o) {
  i32 index = table_add(a->table, o, VALUE_DEPTH, is_plain_value(o));
  append(a->cached, tuple(2, (Object *[]){number(offset), number(index)}), a->failed);
}

/* The attribute, or NULL. */
static Object *module_attribute(Attributes *a, i32 offset, Object *module, Object *name) {
  Object *dict = ((ModuleObject *)module)->dict, *value;
  i32 entry;
  if (!dict || !type_is(dict, &PyDict_Type) || !dict_lookup((DictObject *)dict, name, &entry, &value)) return NULL;
  add_cached(a, offset, value);
  Object *row[] = {number(offset), number(table_add(a->table, dict, 0, 1)), number(entry),
                   number(table_add(a->table, value, VALUE_DEPTH, is_plain_value(value)))};
  append(a->modules, tuple(4, row), a->failed);
  return value;
}

/* The attribute of a module, which may be a module itself; else NULL. */
static Object *attribute_at(Attributes *a, i32 offset, u32 name_index, Object *receiver) {
  CodeObject *code = a->function->code;
  TupleObject *names = (TupleObject *)code->names;
  if (name_index >= (u64)names->base.size) return NULL;
  Object *name = names->items[name_index];
  if (receiver && type_is(receiver, &PyModule_Type)) return module_attribute(a, offset, receiver, name);
  if (offset + 3 >= code->base.size) return NULL;
  u32 version = read_u32((const u8 *)&code->code[offset + 2]);
  TypeObject *type = receiver && (receiver->type->flags & TYPE_FLAG_TYPE_SUBCLASS) ? (TypeObject *)receiver : NULL;
  if (!type || type->version_tag != version) type = type_with_version(a->table, version);
  Object *found = type ? _PyType_Lookup(type, name) : NULL;
  if (!found) return NULL;
  table_add(a->table, (Object *)type, 0, 1);
  add_cached(a, offset, found);
  return NULL;
}

static Object *global_value(FunctionObject *f, u32 name_index) {
  TupleObject *names = (TupleObject *)f->code->names;
  i32 entry;
  Object *value;
  if (name_index >= (u64)names->base.size) return NULL;
  if (dict_lookup((DictObject *)f->globals, names->items[name_index], &entry, &value)) return value;
  return dict_lookup((DictObject *)f->builtins, names->items[name_index], &entry, &value) ? value : NULL;
}

static void walk_attributes(Attributes *a) {
  CodeObject *code = a->function->code;
  Object *bytes = PyCode_GetCode(code);
  if (!bytes) {
    *a->failed = 1;
    return;
  }
  const u8 *base = (const u8 *)((BytesObject *)bytes)->value;
  u32 argument = 0;
  Object *receiver = NULL;
  for (i32 i = 0; i < code->base.size; i++) {
    u8 op = base[2 * i];
    if (op == 0) continue; /* cache */
    argument |= base[2 * i + 1];
    if (op == OP_EXTENDED_ARG) {
      argument <<= 8;
      continue;
    }
    Object *constant = op == OP_LOAD_COMMON_CONSTANT ? common_constant(argument) : NULL;
    if (constant) add_cached(a, i, constant);
    receiver = IS_ATTRIBUTE(op) ? attribute_at(a, i, ATTRIBUTE_NAME(op, argument), receiver)
               : op == OP_LOAD_GLOBAL ? global_value(a->function, GLOBAL_NAME(argument))
               : op == OP_LOAD_NAME ? global_value(a->function, argument) : NULL;
    argument = 0;
  }
  object_decref(bytes);
}

/* ---- one code object ------------------------------------------------------------------------------------------------------ */

static void set_plain_fields(Object *d, CodeObject *c, u8 *failed) {
  set(d, "name", object_new_reference(c->name), failed);
  set(d, "qualname", object_new_reference(c->qualname), failed);
  set(d, "filename", object_new_reference(c->filename), failed);
  set(d, "firstlineno", number(c->firstlineno), failed);
  set(d, "flags", number(c->flags), failed);
  set(d, "argcount", number(c->argcount), failed);
  set(d, "posonly", number(c->posonlyargcount), failed);
  set(d, "kwonly", number(c->kwonlyargcount), failed);
  set(d, "nlocals", number(c->nlocals), failed);
  set(d, "stacksize", number(c->stacksize), failed);
  set(d, "localsplusnames", object_new_reference(c->localsplusnames), failed);
  set(d, "localspluskinds", object_new_reference(c->localspluskinds), failed);
  set(d, "names", object_new_reference(c->names), failed);
  set(d, "code", PyBytes_FromStringAndSize((const char *)c->code, 2 * c->base.size), failed);
  set(d, "exceptiontable", object_new_reference(c->exceptiontable), failed);
  set(d, "linetable", object_new_reference(c->linetable), failed);
}

static Object *describe_code(ObjectTable *t, u32 index, u8 *failed) {
  FunctionObject *f = t->functions[index];
  Object *d = PyDict_New();
  if (!d) return NULL;
  set_plain_fields(d, f->code, failed);
  set(d, "consts", indices_of(t, f->code->consts), failed);
  set(d, "globals", number(table_add(t, f->globals, 0, 1)), failed);
  set(d, "builtins", number(table_add(t, f->builtins, 0, 1)), failed);
  set(d, "names_values", name_values(t, f, failed), failed);
  Attributes a = {t, f, PyList_New(0), PyList_New(0), failed};
  if (a.cached && a.modules) walk_attributes(&a);
  set(d, "cache_objects", as_tuple(a.cached), failed);
  set(d, "module_attributes", as_tuple(a.modules), failed);
  return d;
}

/* ---- the frame -------------------------------------------------------------------------------------------------------------- */

static Object *slots_of(ObjectTable *t, Slot *slots, i32 count) {
  Object *made = PyTuple_New(count);
  for (i32 i = 0; made && i < count; i++) {
    i32 index = -1;
#if ARMATURE_LAYOUT == 314
    if (slot_is_tagged_int(slots[i])) {
      object_decref(made);
      return NULL;
    }
#endif
    Object *o = slot_object(slots[i]);
    if (o) index = table_add_variable(t, o, 1, 0);
    ((TupleObject *)made)->items[i] = number(index);
  }
  return made;
}

static i32 index_of_code(const ObjectTable *t, const CodeObject *code) {
  i32 index = (i32)t->code_count - 1;
  while (index >= 0 && t->codes[index] != code) index--;
  return index;
}

/* What was learned in functions that this request does not know is of no use to it. */
static Object *feedback_of(const ObjectTable *t, Site *s, u8 *failed) {
  Object *list = PyList_New(0);
  for (Feedback *f = s->feedback; f; f = f->next) {
    i32 code = index_of_code(t, f->code);
    if (code < 0) continue;
    append(list, tuple(4, (Object *[]){number(code), number(f->offset), PyUnicode_FromString(f->reason),
                                       PyUnicode_FromFormat("%s", f->observed)}), failed);
  }
  return as_tuple(list);
}

static Object *objects_of(ObjectTable *t) {
  Object *made = PyTuple_New(t->count);
  for (u32 i = 0; made && i < t->count; i++) {
    Object *description = t->described[i] ? t->described[i] : NONE;
    ((TupleObject *)made)->items[i] = object_new_reference(description);
  }
  return made;
}

static Object *build_message(ObjectTable *t, Site *s, Frame *x, u32 id) {
  u8 failed = 0;
  Object *d = PyDict_New();
  if (!d) return NULL;
  table_code(t, frame_function(x));
  set(d, "request", number(id), &failed);
  set(d, "kind", PyUnicode_FromString(s->is_entry ? "entry" : "osr"), &failed);
  set(d, "code", number(0), &failed);
  set(d, "offset", number(site_start(s)), &failed);
  i32 nlocalsplus = frame_code(x)->nlocalsplus;
  set(d, "locals", slots_of(t, x->localsplus, nlocalsplus), &failed);
  set(d, "stack", slots_of(t, x->localsplus + nlocalsplus, s->is_entry ? 0 : s->depth), &failed);
  Object *codes = PyList_New(0);
  u32 described = 0; /* the list of codes grows meanwhile */
  while (described < t->code_count) append(codes, describe_code(t, described++, &failed), &failed);
  set(d, "attributes", as_tuple(sample_attributes(t)), &failed);
  while (described < t->code_count) append(codes, describe_code(t, described++, &failed), &failed);
  set(d, "codes", as_tuple(codes), &failed);
  set(d, "objects", objects_of(t), &failed);
  set(d, "feedback", feedback_of(t, s, &failed), &failed);
  set(d, "disable", PyTuple_New(0), &failed);
  if (!failed && !t->failed) return d;
  object_decref(d);
  return NULL;
}

/* ---- requests that are out ----------------------------------------------------------------------------------------------------- */

static void keep_request(Site *s, ObjectTable *t, Frame *x, u32 id) {
  Request *r = calloc(1, sizeof *r);
  if (!r) return;
  r->id = id;
  r->site = s;
  r->object_count = t->count;
  r->objects = t->objects;
  r->is_held = t->held;
  r->code_count = t->code_count;
  r->codes = t->codes;
  r->globals = x->globals;
  r->builtins = x->builtins;
  r->nulls = s->is_entry ? 0 : frame_null_operands(x, s->depth);
  for (u32 i = 0; i < r->code_count; i++) object_incref((Object *)r->codes[i]);
  t->objects = NULL;
  t->held = NULL;
  t->codes = NULL;
  r->next = agent.requests;
  agent.requests = r;
}

Request *request_take(u32 id) {
  for (Request **link = &agent.requests; *link; link = &(*link)->next) {
    Request *r = *link;
    if (r->id != id) continue;
    *link = r->next;
    return r;
  }
  return NULL;
}

static void let_go(Request held) {
  for (u32 i = 0; i < held.object_count; i++)
    if (held.is_held[i]) object_decref(held.objects[i]);
  for (u32 i = 0; i < held.code_count; i++) object_decref((Object *)held.codes[i]);
  free(held.objects);
  free(held.is_held);
  free(held.codes);
}

void request_free(Request *r) {
  let_go(*r);
  free(r);
}

/* Units for this code are not wanted any more. Finalisers run here, and whatever they do. */
void requests_abandon(const CodeRecord *record) {
  for (Request *r = agent.requests; r;) {
    if (!r->site || r->site->record != record) {
      r = r->next;
      continue;
    }
    Request held = *r;
    r->site->in_flight = 0;
    r->site = NULL;
    r->objects = NULL;
    r->is_held = NULL;
    r->codes = NULL;
    r->object_count = r->code_count = 0;
    let_go(held);
    r = agent.requests;
  }
}

/* Asks for a unit for this place; the frame stands there. */
void request_compile(Site *s, Frame *x) {
  ObjectTable t;
  if (!table_begin(&t)) return;
#if ARMATURE_LAYOUT == 314
  if (!s->is_entry) s->depth = (i32)(x->stackpointer - (x->localsplus + frame_code(x)->nlocalsplus));
#endif
  u32 id = ++agent.next_request;
  Object *message = build_message(&t, s, x, id);
  Object *bytes = message ? PyMarshal_WriteObjectToString(message, 2) : NULL;
  object_xdecref(message);
  s->retry_at = 0;
  s->versions++;
  Ssize size = bytes ? ((BytesObject *)bytes)->base.size : 0;
  if (bytes && size < MESSAGE_LIMIT - 16) {
    s->in_flight = 1;
    agent.request_count++;
    agent.request_bytes += (u64)size;
    keep_request(s, &t, x, id);
    io_send(MESSAGE_COMPILE, ((BytesObject *)bytes)->value, (u32)size);
  } else {
    s->given_up = 1;
  }
  object_xdecref(bytes);
  if (PyErr_Occurred()) PyErr_Clear();
  table_end(&t);
}
