/* Text: formatting, joining, appending. */
#include "helpers.h"

/* FORMAT_VALUE, FORMAT_SIMPLE and FORMAT_WITH_SPEC: what `f"{value:spec}"` puts into the text. `spec` may be NULL. */
static Object *format(Object *value, Object *spec) {
  if (!spec && type_is(value, &PyUnicode_Type)) return object_new_reference(value);
  return PyObject_Format(value, spec);
}

static Object *format_converted(Object *converted, Object *spec) {
  if (!converted) return NULL;
  Object *text = format(converted, spec);
  object_decref(converted);
  return text;
}

Object *armature_format(Object *value) {
  return format(value, NULL);
}

Object *armature_format_spec(Object *value, Object *spec) {
  return format(value, spec);
}

#define CONVERTED(name, convert)                                                                                       \
  Object *armature_format_##name(Object *value) { return format_converted(convert(value), NULL); }                     \
  Object *armature_format_##name##_spec(Object *value, Object *spec) { return format_converted(convert(value), spec); }
CONVERTED(str, PyObject_Str)
CONVERTED(repr, PyObject_Repr)
CONVERTED(ascii, PyObject_ASCII)

Object *armature_build_string(Object **items, i64 count) {
  Object *separator = PyUnicode_FromStringAndSize(NULL, 0);
  Object *text = separator ? _PyUnicode_JoinArray(separator, items, count) : NULL;
  if (separator) object_decref(separator);
  return text;
}

/*
 * `text += more` of a local, as BINARY_OP_INPLACE_ADD_UNICODE does it: without a copy where the local holds the only reference.
 * Takes the text out of its home, which is empty afterwards. Both are exactly str.
 */
Object *armature_append_text(Activation *a, Object *more, i64 local) {
  Slot slot = a->locals[local];
  Object *text = slot_object(slot);
  if (!slot_owns(slot)) object_incref(text);
  a->locals[local] = SLOT_NULL;
  /* What is appended has no reference of its own where it is the local itself. */
  int is_itself = more == text;
  if (is_itself) object_incref(more);
  PyUnicode_Append(&text, more);
  if (is_itself) object_decref(more);
  return text;
}
