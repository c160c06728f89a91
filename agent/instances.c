/*
 * Instances of plain classes: those that a call makes by object.__new__ and fills by an __init__ written in Python. Compiled
 * code makes one when it knows what __init__ would have stored.
 */
#include "helpers.h"

/* All that a call of the class does before __init__ is to allocate; the end of an instance runs nothing of its own. */
int class_is_plain(TypeObject *t) {
  return t->base.base.type == &PyType_Type && (t->flags & TYPE_FLAG_HEAPTYPE) && !(t->flags & TYPE_FLAG_ABSTRACT) && !t->itemsize &&
         t->make == PyBaseObject_Type.make && t->alloc == PyType_GenericAlloc && !t->finalize && !t->del;
}

#if ARMATURE_LAYOUT == 311
/* An error that seems to be set keeps the collector away (collector.c). */
static Object *allocate(Activation *a, TypeObject *type) {
  static Object *no_arguments;
  if (!no_arguments && !(no_arguments = PyTuple_New(0))) return NULL;
  a->tstate->curexc_type = object_new_reference(NONE);
  /* An exit may make an instance of a class that has become an abstract one, or has got a __new__, since. */
  CUnsignedLong abstract = type->flags & TYPE_FLAG_ABSTRACT;
  type->flags &= ~abstract;
  Object *o = PyBaseObject_Type.make(type, no_arguments, NULL);
  type->flags |= abstract;
  PyErr_Clear();
  collect_later(a->tstate);
  return o;
}
#else
static Object *allocate(Activation *a, TypeObject *type) {
  (void)a;
  return type->alloc(type, 0);
}
#endif

/* Each place is 1 + the index of a value, or FIRST_SLOT + the word of the object that a slot is; 0 ends the list. */
#define PLACE_BITS 6
#define FIRST_SLOT 32

static u32 first_place(u64 places) {
  return places & ((1 << PLACE_BITS) - 1);
}

static int set_attributes(Object *o, Object **values, u64 places) {
  for (; places; places >>= PLACE_BITS, values++) {
    u32 place = first_place(places);
    Object **at = (Object **)o + (place - FIRST_SLOT);
    if (place < FIRST_SLOT) {
      DictValues *inside = instance_values(o);
      if (!inside || !values_note_order(inside, (u8)(place - 1))) return 0;
      at = &inside->values[place - 1];
    }
    *at = object_new_reference(*values);
  }
  return 1;
}

#if ARMATURE_LAYOUT == 311
#define HAS_VALUES TYPE_FLAG_MANAGED_DICT
#else
#define HAS_VALUES TYPE_FLAG_INLINE_VALUES
#endif

/* Instances have each of the places, for good; there are `count` of them. */
int instance_has_places(TypeObject *type, u64 places, u32 count) {
  for (; places; places >>= PLACE_BITS, count--) {
    u32 place = first_place(places);
    if (place >= FIRST_SLOT) {
      if ((place - FIRST_SLOT + 1) * sizeof(Object *) > (u64)type->basicsize) return 0;
    } else {
      DictKeys *keys = *(DictKeys **)((char *)type + HEAP_TYPE_KEYS);
      if (!(type->flags & HAS_VALUES) || !keys || place > keys->entry_count) return 0;
    }
  }
  return !count;
}

/* NULL, without an exception, when memory ran out. */
Object *instance_make(Activation *a, TypeObject *type, Object **values, u64 places) {
  Object *o = allocate(a, type);
  if (!o) {
    PyErr_Clear();
    return NULL;
  }
  if (set_attributes(o, values, places)) return o;
  object_decref(o);
  return NULL;
}

/* NULL, without an exception, when the class is not what it was or memory ran out. */
Object *armature_make_instance(Activation *a, TypeObject *type, u64 places, i64 version) {
  if (type->version_tag != (u32)version || !class_is_plain(type)) return NULL;
  return instance_make(a, type, a->arguments, places);
}
