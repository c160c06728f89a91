/*
 * The object table of a request: what the server has to know about each object, as plain tuples. No Python code runs
 * here: fields are read from memory, and only exact types are looked into.
 */
#include "agent.h"

#define MAX_OBJECTS 20000
#define MAX_CODES 60
#define MAX_TEXT 4096
#define MAX_TUPLE 64
#define METHOD_DEPTH 3

int table_begin(ObjectTable *t) {
  memset(t, 0, sizeof *t);
  t->slot_count = 1024;
  t->slots = malloc(4ull * t->slot_count);
  t->codes = malloc(8ull * MAX_CODES);
  t->functions = malloc(8ull * MAX_CODES);
  if (!t->slots || !t->codes || !t->functions) {
    table_end(t);
    return 0;
  }
  memset(t->slots, 0xff, 4ull * t->slot_count);
  return 1;
}

/* What a request took over has been set to NULL. */
void table_end(ObjectTable *t) {
  for (u32 i = 0; i < t->count; i++) {
    object_xdecref(t->described[i]);
    if (t->objects && t->held[i]) object_decref(t->objects[i]);
  }
  free(t->objects);
  free(t->held);
  free(t->unshared);
  free(t->described);
  free(t->codes);
  free(t->functions);
  free(t->slots);
}

static u32 slot_of(ObjectTable *t, Object *o) {
  u32 mask = t->slot_count - 1;
  u32 i = (u32)(((u64)o >> 4) * 2654435761u) & mask;
  while (t->slots[i] >= 0 && t->objects[t->slots[i]] != o) i = (i + 1) & mask;
  return i;
}

static int grow(ObjectTable *t) {
  u32 capacity = t->capacity ? t->capacity * 2 : 512;
  Object **objects = realloc(t->objects, 8ull * capacity);
  if (objects) t->objects = objects;
  u8 *held = realloc(t->held, capacity);
  if (held) t->held = held;
  u8 *unshared = realloc(t->unshared, capacity);
  if (unshared) t->unshared = unshared;
  Object **described = realloc(t->described, 8ull * capacity);
  if (described) t->described = described;
  i32 *slots = malloc(16ull * capacity);
  if (!objects || !held || !unshared || !described || !slots) {
    free(slots);
    return 0;
  }
  free(t->slots);
  t->slots = slots;
  t->slot_count = capacity * 4;
  memset(slots, 0xff, 16ull * capacity);
  t->capacity = capacity;
  for (u32 i = 0; i < t->count; i++)
    if (!t->unshared[i]) t->slots[slot_of(t, t->objects[i])] = (i32)i;
  return 1;
}

static void hold(ObjectTable *t, i32 index) {
  if (t->held[index]) return;
  t->held[index] = 1;
  object_incref(t->objects[index]);
}

/* Index of a function's code, added with what it refers to; -1 when there are enough. */
int table_code(ObjectTable *t, FunctionObject *f) {
  for (u32 i = 0; i < t->code_count; i++)
    if (t->codes[i] == f->code && t->functions[i]->globals == f->globals) return (int)i;
  if (t->code_count == MAX_CODES || !type_is(f->globals, &PyDict_Type) || !type_is(f->builtins, &PyDict_Type)) return -1;
  t->codes[t->code_count] = f->code;
  t->functions[t->code_count] = f;
  return (int)t->code_count++;
}

/* ---- tuples: every item given is taken over -------------------------------------------------------------------------- */

static Object *int_item(i64 v) {
  return PyLong_FromLong(v);
}
static Object *address_item(const void *p) {
  return PyLong_FromUnsignedLong((u64)p);
}
/* Names are cut, and must be UTF-8. */
static Object *text_item(const char *s) {
  return PyUnicode_FromFormat("%.200s", s ? s : "");
}

static Object *tuple_of(const char *kind, i32 type, Object *o, int count, ...) {
  Object *made = PyTuple_New(3 + count);
  if (!made) return NULL;
  Object **items = ((TupleObject *)made)->items;
  items[0] = text_item(kind);
  items[1] = int_item(type);
  items[2] = address_item(o);
  __builtin_va_list arguments;
  __builtin_va_start(arguments, count);
  for (int i = 0; i < count; i++) items[3 + i] = __builtin_va_arg(arguments, Object *);
  __builtin_va_end(arguments);
  for (int i = 0; i < 3 + count; i++)
    if (!items[i]) {
      object_decref(made);
      return NULL;
    }
  return made;
}

static i32 optional(ObjectTable *t, Object *o, int depth, int held) {
  return o ? table_add(t, o, depth, held) : -1;
}

static Object *describe_function(ObjectTable *t, Object *o, i32 type, int depth, int held) {
  FunctionObject *f = (FunctionObject *)o;
  i32 code = depth > 0 ? table_code(t, f) : -1;
  i32 globals = table_add(t, f->globals, depth - 1, 1);
  i32 code_object = table_add(t, (Object *)f->code, 0, held);
  return tuple_of("function", type, o, 7, int_item(code), int_item(f->version), int_item(globals),
                  int_item(optional(t, f->closure, depth - 1, held)), int_item(optional(t, f->defaults, depth - 1, held)),
                  int_item(optional(t, f->kwdefaults, depth - 1, held)), int_item(code_object));
}

/* The method of a type that a builtin is, bound to an object; -1 for none. It lives on when the builtin does not. */
static i32 method_of(ObjectTable *t, BuiltinObject *b) {
  if (!b->self || type_is(b->self, &PyModule_Type)) return -1;
  Object *name = PyUnicode_InternFromString(b->definition->name);
  Object *found = name ? _PyType_Lookup(b->self->type, name) : NULL;
  object_xdecref(name);
  if (!found || !type_is(found, &PyMethodDescr_Type) || ((MethodDescrObject *)found)->definition != b->definition) return -1;
  return table_add(t, found, 0, 0);
}

static Object *describe_builtin(ObjectTable *t, Object *o, i32 type) {
  BuiltinObject *b = (BuiltinObject *)o;
  Object *module = b->module && type_is(b->module, &PyUnicode_Type) ? object_new_reference(b->module) : text_item("");
  /* The self of a module's function is the module: not looked into. */
  i32 self = b->self && !type_is(b->self, &PyModule_Type) ? table_add(t, b->self, 0, 0) : -1;
  return tuple_of("builtin", type, o, 5, text_item(b->definition->name), module, int_item(self), int_item(b->definition->flags),
                  int_item(method_of(t, b)));
}

static Object *describe_tuple(ObjectTable *t, Object *o, i32 type, int depth, int held) {
  TupleObject *tuple = (TupleObject *)o;
  if (tuple->base.size > MAX_TUPLE || depth < -3) return tuple_of("object", type, o, 0);
  Object *items = PyTuple_New(tuple->base.size);
  if (!items) return NULL;
  for (Ssize i = 0; i < tuple->base.size; i++) {
    i32 index = tuple->items[i] ? table_add(t, tuple->items[i], depth - 1, held) : -1;
    ((TupleObject *)items)->items[i] = int_item(index);
  }
  return tuple_of("tuple", type, o, 1, items);
}

/* Methods that operators and calls of a class run. */
static const char *const special_methods[] = {
    "__init__",     "__add__",  "__sub__",  "__mul__",  "__truediv__",  "__floordiv__",  "__mod__",  "__pow__",
    "__radd__", "__rsub__", "__rmul__", "__rtruediv__", "__iadd__", "__isub__", "__imul__", "__itruediv__", "__ifloordiv__", "__imod__",
    "__ipow__", "__neg__",  "__pos__",  "__lt__",       "__le__",        "__eq__",   "__ne__",   "__gt__",   "__ge__",       "__getitem__",
    "__len__",  "__bool__",
};

/*
 * (name, object index) of those that a class has, -1 for what is no Python function; those of `object` are left out. Looking for
 * them gives the type its version.
 */
static Object *methods_of(ObjectTable *t, TypeObject *type) {
  Object *list = PyList_New(0);
  for (u64 i = 0; list && i < sizeof special_methods / sizeof *special_methods; i++) {
    Object *name = PyUnicode_InternFromString(special_methods[i]);
    Object *found = name ? _PyType_Lookup(type, name) : NULL;
    Object *pair = NULL;
    int is_own = found && found != _PyType_Lookup(&PyBaseObject_Type, name);
    if (is_own && (pair = PyTuple_New(2))) {
      ((TupleObject *)pair)->items[0] = object_new_reference(name);
      ((TupleObject *)pair)->items[1] = int_item(type_is(found, &PyFunction_Type) ? table_add(t, found, METHOD_DEPTH, 1) : -1);
      if (PyList_Append(list, pair)) t->failed = 1;
    }
    object_xdecref(pair);
    object_xdecref(name);
  }
  Object *made = list ? PyList_AsTuple(list) : NULL;
  object_xdecref(list);
  return made;
}

static Object *describe_type(ObjectTable *table, Object *o, i32 type) {
  TypeObject *t = (TypeObject *)o;
  int is_class = (t->flags & TYPE_FLAG_HEAPTYPE) && type_is(o, &PyType_Type);
  Object *methods = is_class ? methods_of(table, t) : PyTuple_New(0);
  return tuple_of("type", type, o, 6, text_item(t->name), int_item(t->version_tag), PyLong_FromUnsignedLong(t->flags),
                  int_item(t->basicsize), int_item(is_class && class_is_plain(t)), methods);
}

/* The class of what a list, or an iterator over one, has first; -1 for anything else. */
static i32 item_class(ObjectTable *t, Object *o) {
  if (type_is(o, &PyListIter_Type)) o = ((SequenceIter *)o)->sequence;
  if (!o || !type_is(o, &PyList_Type) || !((ListObject *)o)->base.size) return -1;
  TypeObject *type = ((ListObject *)o)->items[0]->type;
  return (type->flags & TYPE_FLAG_HEAPTYPE) && type_is((Object *)type, &PyType_Type) ? table_add(t, (Object *)type, 0, 1) : -1;
}

static Object *describe_structure(ObjectTable *t, Object *o, int depth, int held) {
  i32 type = table_add(t, (Object *)o->type, 0, 1);
  if (o->type->flags & TYPE_FLAG_TYPE_SUBCLASS) return describe_type(t, o, type);
  if (type_is(o, &PyFunction_Type)) return describe_function(t, o, type, depth, held);
  if (type_is(o, &PyCFunction_Type)) return describe_builtin(t, o, type);
  if (type_is(o, &PyTuple_Type)) return describe_tuple(t, o, type, depth, held);
  if (type_is(o, &PyModule_Type)) {
    Object *dict = ((ModuleObject *)o)->dict;
    if (!dict || !type_is(dict, &PyDict_Type)) return tuple_of("object", type, o, 0);
    Object *name = PyDict_GetItemString(dict, "__name__");
    Object *text = name && type_is(name, &PyUnicode_Type) ? object_new_reference(name) : text_item("");
    return tuple_of("module", type, o, 2, text, int_item(table_add(t, dict, 0, 1)));
  }
  if (type_is(o, &PyMethodDescr_Type)) {
    MethodDescrObject *d = (MethodDescrObject *)o;
    return tuple_of("method_descriptor", type, o, 3, text_item(d->definition->name),
                    int_item(table_add(t, (Object *)d->owner, 0, 1)), int_item(d->definition->flags));
  }
  if (type_is(o, &PyDict_Type)) {
    DictObject *d = (DictObject *)o;
    return tuple_of("dict", type, o, 3, address_item(d->keys), int_item(d->keys->version), int_item(d->keys->entry_count));
  }
  if (type_is(o, &PyCell_Type))
    return tuple_of("cell", type, o, 1, int_item(optional(t, ((CellObject *)o)->content, depth - 1, 0)));
  return tuple_of("object", type, o, 1, int_item(item_class(t, o)));
}

static int is_short_int(Object *o) {
#if ARMATURE_LAYOUT == 311
  Ssize size = ((LongObject *)o)->size;
  return size > -32 && size < 32;
#else
  return ((LongObject *)o)->tag >> LONG_NON_SIZE_BITS < 32;
#endif
}

/* Numbers and texts; NULL without `*failed` when the object is of another kind. */
static Object *describe_simple(Object *o) {
  if (o == NONE) return tuple_of("none", -1, o, 0);
  if (o == TRUE_OBJECT || o == FALSE_OBJECT) return tuple_of("bool", -1, o, 1, int_item(o == TRUE_OBJECT));
  if (type_is(o, &PyLong_Type) && is_short_int(o)) return tuple_of("int", -1, o, 1, object_new_reference(o));
  if (type_is(o, &PyFloat_Type)) return tuple_of("float", -1, o, 1, object_new_reference(o));
  if (type_is(o, &PyUnicode_Type) && ((StrObject *)o)->length <= MAX_TEXT) return tuple_of("str", -1, o, 1, object_new_reference(o));
  if (type_is(o, &PyBytes_Type)) return tuple_of("bytes", -1, o, 1, int_item(((VarObject *)o)->size));
  return NULL;
}

/* A bound method of an instance is as short-lived as the instance. */
static int is_bound_to_instance(Object *o) {
  Object *self = ((BuiltinObject *)o)->self;
  return self && !type_is(self, &PyModule_Type) && !(self->type->flags & TYPE_FLAG_TYPE_SUBCLASS);
}

static int is_number_or_text(Object *o) {
  TypeObject *t = o->type;
  return t == &PyLong_Type || t == &PyFloat_Type || t == &PyUnicode_Type || t == &PyBytes_Type;
}

static int is_simple(Object *o) {
  return o == NONE || type_is(o, &PyBool_Type) || is_number_or_text(o);
}

/* Nothing that anybody waits for the end of dies with this function. */
int function_is_plain(FunctionObject *f) {
  TupleObject *defaults = (TupleObject *)f->defaults;
  for (Ssize i = 0; defaults && i < defaults->base.size; i++)
    if (!is_simple(defaults->items[i])) return 0;
  Object *key, *value;
  for (Ssize i = 0; f->kwdefaults && PyDict_Next(f->kwdefaults, &i, &key, &value);)
    if (!is_simple(value)) return 0;
  return !f->closure;
}

/* What compiled code may name wherever it was found: nothing else hangs on the life of these (Unit.isNameable). */
static int is_nameable(Object *o) {
  TypeObject *t = o->type;
  if (t == &PyFunction_Type) return function_is_plain((FunctionObject *)o);
  if (t == &PyCFunction_Type) return !is_bound_to_instance(o);
  return o == NONE || t == &PyBool_Type || t == &PyMethodDescr_Type || t == &PyModule_Type || (t->flags & TYPE_FLAG_TYPE_SUBCLASS);
}

/* What it may name where it is the value of a module's or a class's name. */
int is_plain_value(Object *o) {
  TypeObject *t = o->type;
  return is_nameable(o) || t == &PyFunction_Type || is_number_or_text(o);
}

/* Index of a new entry, -1 when there is no room. Only entries that are `shared` are found again. */
static i32 add_entry(ObjectTable *t, Object *o, int shared) {
  if (t->count >= MAX_OBJECTS || (t->count == t->capacity && !grow(t))) {
    t->failed = 1;
    return -1;
  }
  i32 index = (i32)t->count++;
  t->objects[index] = o;
  t->held[index] = 0;
  t->unshared[index] = (u8)!shared;
  t->described[index] = NULL;
  if (shared) t->slots[slot_of(t, o)] = index;
  return index;
}

/*
 * Index of what a variable holds at the moment. That it holds the 5 that is also a constant, say, is chance: with an entry of
 * its own the request stays the same the next time, when it is a 6, and the server knows the answer.
 */
int table_add_variable(ObjectTable *t, Object *o, int depth, int held) {
  if (!is_number_or_text(o)) return table_add(t, o, depth, held);
  i32 index = add_entry(t, o, 0);
  if (index < 0) return 0;
  if (held) hold(t, index);
  t->described[index] = describe_simple(o);
  if (!t->described[index]) t->described[index] = tuple_of("object", table_add(t, (Object *)o->type, 0, 1), o, 0);
  if (!t->described[index]) t->failed = 1;
  return index;
}

/* Index of an object, added when it is new. `held`: the request keeps it alive, so that compiled code may name it. */
int table_add(ObjectTable *t, Object *o, int depth, int held) {
  held = held || is_nameable(o);
  if (t->count) {
    i32 known = t->slots[slot_of(t, o)];
    if (known >= 0) {
      if (held) hold(t, known);
      return known;
    }
  }
  i32 index = add_entry(t, o, 1);
  if (index < 0) return 0;
  if (held) hold(t, index);
  Object *made = describe_simple(o);
  if (!made) made = describe_structure(t, o, depth, held);
  if (!made) t->failed = 1;
  t->described[index] = made;
  return index;
}

/* ---- namespaces -------------------------------------------------------------------------------------------------------- */

static int same_name(Object *a, Object *b) {
  if (a == b) return 1;
  if (!a || !type_is(a, &PyUnicode_Type) || !type_is(b, &PyUnicode_Type)) return 0;
  StrObject *x = (StrObject *)a, *y = (StrObject *)b;
  if (x->length != y->length || STR_KIND(x) != STR_KIND(y) || !STR_ASCII(x) || !STR_ASCII(y)) return 0;
  return STR_COMPACT(x) && STR_COMPACT(y) && !memcmp(x + 1, y + 1, (u64)x->length);
}

static i64 index_at(DictKeys *k, u64 i) {
  if (k->log2_size < 8) return ((i8 *)k->indices)[i];
  if (k->log2_size < 16) return ((i16 *)k->indices)[i];
  if (k->log2_size < 32) return ((i32 *)k->indices)[i];
  return ((i64 *)k->indices)[i];
}

/* Entry of an exact str in a combined dict, without running Python code. */
int dict_lookup(DictObject *d, Object *key, i32 *entry, Object **value) {
  if (d->values || !type_is(key, &PyUnicode_Type)) return 0;
  DictKeys *k = d->keys;
  if (k->kind == DICT_KEYS_GENERAL) return 0; /* compiled code knows the other kind of entries only */
  i64 hash = ((StrObject *)key)->hash;
  if (hash == -1) return 0;
  u64 mask = ((u64)1 << k->log2_size) - 1, perturb = (u64)hash, i = (u64)hash & mask;
  for (;;) {
    i64 at = index_at(k, i);
    if (at == -1) return 0;
    if (at >= 0) {
      if (same_name(dict_unicode_entries(k)[at].key, key)) {
        *entry = (i32)at;
        *value = dict_unicode_entries(k)[at].value;
        return *value != NULL;
      }
    }
    perturb >>= 5;
    i = (i * 5 + perturb + 1) & mask;
  }
}
