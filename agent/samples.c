/*
 * What the attributes of instances are, by example: the class of what each attribute of a class holds in some instance that the
 * request can see. A hint for the compiler, which guards for it. No Python code runs here.
 */
#include "agent.h"

#define MAX_CLASSES 24
#define MAX_DEPTH 4

typedef struct Member { /* PyMemberDef */
  const char *name;
  i32 type;
  Ssize offset;
  i32 flags;
  const char *doc;
} Member;
#define MEMBER_OBJECT 16 /* T_OBJECT_EX: a slot */

typedef struct Samples {
  ObjectTable *table;
  Object *rows; /* list of (class, name, class of the value) */
  TypeObject *seen[MAX_CLASSES];
  u32 count;
} Samples;

static void visit(Samples *s, Object *o, int depth);

static int is_class(TypeObject *t) {
  return (t->flags & TYPE_FLAG_HEAPTYPE) && type_is((Object *)t, &PyType_Type);
}

static void add_row(Samples *s, TypeObject *owner, Object *name, Object *value) {
  if (!is_class(value->type)) return;
  Object *row = PyTuple_New(3);
  if (row) {
    Object **items = ((TupleObject *)row)->items;
    items[0] = PyLong_FromLong(table_add(s->table, (Object *)owner, 0, 1));
    items[1] = object_new_reference(name);
    items[2] = PyLong_FromLong(table_add(s->table, (Object *)value->type, 0, 1));
  }
  if (!row || PyList_Append(s->rows, row)) s->table->failed = 1;
  object_xdecref(row);
}

static void visit_values(Samples *s, Object *o, int depth) {
  DictKeys *keys = *(DictKeys **)((char *)o->type + HEAP_TYPE_KEYS);
  DictValues *values = instance_values(o);
#if ARMATURE_LAYOUT == 314
  if (!values->valid) return;
#else
  if (!values) return;
#endif
  for (Ssize i = 0; keys && i < keys->entry_count; i++) {
    Object *value = values->values[i];
    if (!value) continue;
    add_row(s, o->type, dict_unicode_entries(keys)[i].key, value);
    visit(s, value, depth - 1);
  }
}

static void visit_slots(Samples *s, Object *o, int depth) {
  for (TypeObject *t = o->type; t && is_class(t); t = t->tp_base) {
    for (Member *m = t->members; m && m->name; m++) {
      Object *value = m->type == MEMBER_OBJECT && m->offset > 0 ? *(Object **)((char *)o + m->offset) : NULL;
      if (!value) continue;
      Object *name = PyUnicode_InternFromString(m->name);
      if (name) add_row(s, o->type, name, value);
      object_xdecref(name);
      visit(s, value, depth - 1);
    }
  }
}

static void visit(Samples *s, Object *o, int depth) {
  if (depth == 0) return;
  if (type_is(o, &PyList_Type)) {
    if (((ListObject *)o)->base.size) visit(s, ((ListObject *)o)->items[0], depth);
    return;
  }
  if (type_is(o, &PyTuple_Type)) {
    if (((TupleObject *)o)->base.size) visit(s, ((TupleObject *)o)->items[0], depth);
    return;
  }
  if (!is_class(o->type) || s->count == MAX_CLASSES) return;
  for (u32 i = 0; i < s->count; i++)
    if (s->seen[i] == o->type) return;
  s->seen[s->count++] = o->type;
#if ARMATURE_LAYOUT == 314
  int has_values = (o->type->flags & TYPE_FLAG_INLINE_VALUES) != 0;
#else
  int has_values = (o->type->flags & TYPE_FLAG_MANAGED_DICT) != 0;
#endif
  if (has_values) visit_values(s, o, depth);
  visit_slots(s, o, depth);
}

/* A list of rows (index of a class, name, index of the class of a value), or NULL. */
Object *sample_attributes(ObjectTable *t) {
  Samples s = {.table = t, .rows = PyList_New(0)};
  /* The table grows meanwhile, by classes and what their methods name. */
  for (u32 i = 0, count = t->count; s.rows && i < count; i++) visit(&s, t->objects[i], MAX_DEPTH);
  return s.rows;
}
