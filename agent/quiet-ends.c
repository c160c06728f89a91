/*
 * Whether Python code can run because a reference is dropped. Compiled code that keeps module-level names in registers asks before it
 * drops one: a finaliser would see old values, and what it writes would be overwritten.
 */
#include "helpers.h"

/* Items looked at in all, and containers within containers: asking must not cost more than the end of the object does. */
#define MOST_ITEMS 64
#define MOST_LEVELS 3

static int refers_to_nothing(const TypeObject *type) {
  return type == &PyLong_Type || type == &PyFloat_Type || type == &PyUnicode_Type || type == &PyBool_Type || type == NONE->type ||
         type == &PyBytes_Type || type == &PyByteArray_Type || type == &PyComplex_Type || type == &PyRange_Type || type == &PyRangeIter_Type;
}

static int is_quiet(const Object *o, int levels, int *items);

static int are_quiet(Object *const *all, Ssize count, int levels, int *items) {
  for (Ssize n = 0; n < count; n++)
    if (all[n] && !is_quiet(all[n], levels, items)) return 0;
  return 1;
}

static int is_quiet_dict(const Object *dict, int levels, int *items) {
  Ssize at = 0;
  Object *key, *value;
  while (PyDict_Next((Object *)dict, &at, &key, &value))
    if (!is_quiet(key, levels, items) || !is_quiet(value, levels, items)) return 0;
  return 1;
}

/*
 * Of what dies with a container, whether anybody else holds it or not: it may hold the same object several times. No look at
 * instances of classes in Python, which have finalisers, weak references and attributes.
 */
static int is_quiet(const Object *o, int levels, int *items) {
  const TypeObject *type = o->type;
  if (--*items < 0) return 0;
  if (refers_to_nothing(type)) return 1;
  if (levels == 0) return 0;
  if (type == &PyList_Type) return are_quiet(((const ListObject *)o)->items, ((const ListObject *)o)->base.size, levels - 1, items);
  if (type == &PyTuple_Type) return are_quiet(((const TupleObject *)o)->items, ((const TupleObject *)o)->base.size, levels - 1, items);
  return type == &PyDict_Type && is_quiet_dict(o, levels - 1, items);
}

/* `dropped`: how many references. Without this, only those who hold the object otherwise know whether it dies. */
i64 armature_ends_quietly(Object *o, i64 dropped) {
  if ((i64)o->refcount > dropped || refers_to_nothing(o->type)) return 1;
  int items = MOST_ITEMS;
  if (o->type != &PyListIter_Type && o->type != &PyTupleIter_Type) return is_quiet(o, MOST_LEVELS, &items);
  Object *sequence = ((SequenceIter *)o)->sequence;
  return !sequence || sequence->refcount > 1 || is_quiet(sequence, MOST_LEVELS, &items);
}

/* Of what a dict has under a key that is a number or text: it is about to get something else there. */
i64 armature_dict_item_ends_quietly(Object *dict, Object *key) {
  Object *value = PyDict_GetItemWithError(dict, key);
  if (value) return armature_ends_quietly(value, 1);
  if (PyErr_Occurred()) PyErr_Clear();
  return 1;
}
