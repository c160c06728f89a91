/*
 * `match`, as the interpreter does it (Python/ceval.c). No Python code runs here: NULL, without an exception, where that would be
 * needed, or where something is to be raised.
 */
#include "helpers.h"

IMPORTED TypeObject PyMemberDescr_Type;
IMPORTED Object *PyObject_GenericGetAttr(Object *, Object *);

#define TYPE_FLAG_IMMUTABLE (1u << 8)
#define TYPE_FLAG_MATCH_SELF (1u << 22)
/* Of tp_getattro. */
#define GET_ATTRIBUTE 3

i64 armature_has_flag(Object *o, i64 flag) {
  return (o->type->flags & (u64)flag) != 0;
}

/* None: a key is missing. The keys differ, and nothing but numbers, texts and None is among them. */
static Object *match_keys(Object *dict, TupleObject *keys) {
  TupleObject *values = (TupleObject *)PyTuple_New(keys->base.size);
  for (Ssize i = 0; values && i < keys->base.size; i++) {
    Object *value = PyDict_GetItemWithError(dict, keys->items[i]);
    if (value) {
      values->items[i] = object_new_reference(value);
      continue;
    }
    object_decref((Object *)values);
    return PyErr_Occurred() ? NULL : object_new_reference(NONE);
  }
  return (Object *)values;
}

Object *armature_match_keys(Object *dict, TupleObject *keys) {
  if (!type_is(dict, &PyDict_Type)) return NULL;
  armature_hold_collector();
  Object *values = match_keys(dict, keys);
  if (!values) PyErr_Clear();
  armature_release_collector();
  return values;
}

static Object *interned(Object **name, const char *text) {
  if (!*name && !(*name = PyUnicode_InternFromString(text))) PyErr_Clear();
  return *name;
}

/* As isinstance(); -1: it has to be asked. */
static int is_instance(Object *o, TypeObject *type) {
  static Object *name;
  if (!type_is((Object *)type, &PyType_Type)) return -1;
  if (o->type == type || PyType_IsSubtype(o->type, type)) return 1;
  /* Its `__class__` may say something else. */
  if (o->type->slots_hash[GET_ATTRIBUTE] != (void *)PyObject_GenericGetAttr || !interned(&name, "__class__")) return -1;
  return _PyType_Lookup(o->type, name) == _PyType_Lookup(&PyBaseObject_Type, name) ? 0 : -1;
}

/* What named tuples have for their fields. */
static int is_tuple_getter(TypeObject *type) {
  return type->flags & TYPE_FLAG_IMMUTABLE && strcmp(type->name, "_collections._tuplegetter") == 0;
}

/* Reading the attribute runs no Python code. */
static int is_plain_attribute(Object *o, Object *name) {
  if (!type_is(name, &PyUnicode_Type) || o->type->slots_hash[GET_ATTRIBUTE] != (void *)PyObject_GenericGetAttr) return 0;
  Object *found = _PyType_Lookup(o->type, name);
  return !found || !found->type->descr_get || type_is(found, &PyMemberDescr_Type) || is_tuple_getter(found->type);
}

typedef struct ClassPattern {
  Object *subject;
  TupleObject *positional; /* names, of which the first few count */
  Ssize positional_count;
  TupleObject *keywords;
} ClassPattern;

static Ssize name_count(const ClassPattern *p) {
  return p->positional_count + p->keywords->base.size;
}

static Object *name_at(const ClassPattern *p, Ssize i) {
  return i < p->positional_count ? p->positional->items[i] : p->keywords->items[i - p->positional_count];
}

/* All attributes can be read, and none is asked for twice. */
static int is_plain_pattern(const ClassPattern *p) {
  for (Ssize i = 0; i < name_count(p); i++) {
    if (!is_plain_attribute(p->subject, name_at(p, i))) return 0;
    for (Ssize k = 0; k < i; k++)
      if (armature_str_equal((StrObject *)name_at(p, i), (StrObject *)name_at(p, k))) return 0;
  }
  return 1;
}

/* The attributes after `first`, if that is not NULL. None: one is missing. */
static Object *attributes(const ClassPattern *p, Object *first) {
  Ssize count = name_count(p), before = first ? 1 : 0;
  TupleObject *found = (TupleObject *)PyTuple_New(before + count);
  if (found && first) found->items[0] = object_new_reference(first);
  for (Ssize i = 0; found && i < count; i++) {
    Object *value = PyObject_GenericGetAttr(p->subject, name_at(p, i));
    found->items[before + i] = value;
    if (value) continue;
    object_decref((Object *)found);
    if (!PyErr_ExceptionMatches(PyExc_AttributeError)) return NULL;
    PyErr_Clear();
    return object_new_reference(NONE);
  }
  return (Object *)found;
}

static Object *match_class(Object *subject, TypeObject *type, TupleObject *keywords, Ssize positional_count) {
  static Object *match_args;
  int matches = is_instance(subject, type);
  if (matches <= 0) return matches < 0 ? NULL : object_new_reference(NONE);
  ClassPattern p = {subject, NULL, 0, keywords};
  Object *self = NULL;
  if (positional_count) {
    Object *names = interned(&match_args, "__match_args__") ? _PyType_Lookup(type, match_args) : NULL;
    if (names && type_is(names, &PyTuple_Type) && ((TupleObject *)names)->base.size >= positional_count) {
      p.positional = (TupleObject *)names;
      p.positional_count = positional_count;
    } else if (!names && match_args && type->flags & TYPE_FLAG_MATCH_SELF && positional_count == 1) {
      self = subject;
    } else {
      return NULL;
    }
  }
  return is_plain_pattern(&p) ? attributes(&p, self) : NULL;
}

/* None: it does not match. Else its attributes. */
Object *armature_match_class(Object *subject, TypeObject *type, TupleObject *keywords, i64 positional_count) {
  armature_hold_collector();
  Object *made = match_class(subject, type, keywords, positional_count);
  if (!made) PyErr_Clear();
  armature_release_collector();
  return made;
}
