/*
 * C functions that compiled code calls. Unless said otherwise arguments are borrowed and a result is owned; NULL or -1
 * means that an exception is set.
 */
#include "helpers.h"

IMPORTED void Py_FatalError(const char *) __attribute__((noreturn));
IMPORTED Object *PyUnicode_Concat(Object *, Object *);
IMPORTED void *PyMem_Malloc(Size);
IMPORTED Object *PyUnicode_FromOrdinal(int);
IMPORTED int PyUnicode_Compare(Object *, Object *);
double fmod(double, double);
double pow(double, double);
double floor(double);

/* Compiled code has no way to go on without its own number. */
Object *armature_box_float(double value) {
  Object *o = PyFloat_FromDouble(value);
  if (!o) Py_FatalError("armature: no memory for a float");
  return o;
}

typedef struct LibmTable {
  double (*fmod)(double, double);
  double (*pow)(double, double);
  double (*floor)(double);
} LibmTable;

static LibmTable libm;

/* The one str of each character below 256, as they are first met. */
static Object *latin1_characters[256];

static const LibmTable *libm_table(void) {
  if (!libm.floor) {
    libm.fmod = (double (*)(double, double))mathematics_function("fmod");
    libm.pow = (double (*)(double, double))mathematics_function("pow");
    libm.floor = (double (*)(double))mathematics_function("floor");
  }
  return &libm;
}

/* float % and // as in CPython; the divisor is not 0. */
static double divide(double a, double b, double *quotient) {
  const LibmTable *m = libm_table();
  double mod = m->fmod(a, b), div = (a - mod) / b;
  if (mod != 0) {
    if ((b < 0) != (mod < 0)) {
      mod += b;
      div -= 1.0;
    }
  } else {
    mod = __builtin_copysign(0.0, b);
  }
  if (div != 0) {
    *quotient = m->floor(div);
    if (div - *quotient > 0.5) *quotient += 1.0;
  } else {
    *quotient = __builtin_copysign(0.0, a / b);
  }
  return mod;
}

double armature_float_floordiv(double a, double b) {
  double quotient;
  divide(a, b, &quotient);
  return quotient;
}

double armature_float_mod(double a, double b) {
  double quotient;
  return divide(a, b, &quotient);
}

/* NaN where CPython raises or returns a complex number; not-finite results are left to CPython by the caller. */
double armature_float_pow(double a, double b) {
  const LibmTable *m = libm_table();
  if (a == 0 && b < 0) return __builtin_nan("");
  if (a < 0 && b != m->floor(b)) return __builtin_nan("");
  return m->pow(a, b);
}

/* Takes the value over. */
void armature_list_append(ListObject *list, Object *value) {
  Ssize size = list->base.size;
  if (size < list->allocated) {
    list->items[size] = value;
    list->base.size = size + 1;
    return;
  }
  if (PyList_Append((Object *)list, value)) Py_FatalError("armature: no memory for a list");
  object_decref(value);
}

/* NULL, without an exception, when the index is out of range. */
Object *armature_str_item(StrObject *text, Ssize index) {
  if (index < 0) index += text->length;
  if ((u64)index >= (u64)text->length || !STR_COMPACT(text)) return NULL;
  u32 code = str_code_at(text, index);
  Object *item = code < 256 ? latin1_characters[code] : NULL;
  if (item) return object_new_reference(item);
  item = PyUnicode_FromOrdinal((int)code);
  if (!item) PyErr_Clear();
  else if (code < 256) latin1_characters[code] = object_new_reference(item); /* one of CPython's own, which live for ever */
  return item;
}

/* Both are str. Equal texts have the same kind: CPython keeps each in the narrowest one. */
i64 armature_str_equal(StrObject *a, StrObject *b) {
  if (a == b) return 1;
  if (a->length != b->length) return 0;
  if (!STR_COMPACT(a) || !STR_COMPACT(b)) return PyUnicode_Compare((Object *)a, (Object *)b) == 0;
  if (STR_KIND(a) != STR_KIND(b)) return 0;
  const u8 *x = str_data(a), *y = str_data(b);
  /* Most texts that differ do so in the first character. */
  return !a->length || (*x == *y && !memcmp(x, y, (u64)a->length * STR_KIND(a)));
}

/* Calls a builtin that is this method, bound to its object; NULL, without an exception, when it is something else. */
Object *armature_call_method(Object *callable, MethodDescrObject *method) {
  BuiltinObject *b = (BuiltinObject *)callable;
  if (!type_is(callable, &PyCFunction_Type) || b->definition != method->definition) return NULL;
  Object *result = ((Object *(*)(Object *, Object *))b->definition->function)(b->self, NULL);
  if (!result) PyErr_Clear();
  return result;
}

/* MAKE_FUNCTION. */
Object *armature_make_function(Object *code, Object *globals) {
  Object *function = PyFunction_New(code, globals);
#if ARMATURE_LAYOUT == 314
  /* Functions of the same code share a version; the cache from versions to functions may stay without this one. */
  if (function) ((FunctionObject *)function)->version = ((CodeObject *)code)->version;
#endif
  return function;
}

/* The parts of a function just made, which has none yet: SET_FUNCTION_ATTRIBUTE, or MAKE_FUNCTION of 3.11. */
#define FUNCTION_PART(part) \
  i64 armature_set_##part(Object *function, Object *value) { \
    ((FunctionObject *)function)->part = object_new_reference(value); \
    return 0; \
  }
FUNCTION_PART(defaults)
FUNCTION_PART(kwdefaults)
FUNCTION_PART(annotations)
FUNCTION_PART(closure)
#if ARMATURE_LAYOUT == 314
FUNCTION_PART(annotate)
#else
i64 armature_set_annotate(Object *function, Object *value) {
  (void)function, (void)value;
  return 0;
}
#endif

/* NULL, without an exception, when the key is missing. */
Object *armature_dict_item(Object *dict, Object *key) {
  Object *value = PyDict_GetItemWithError(dict, key);
  if (value) object_incref(value);
  else if (PyErr_Occurred()) PyErr_Clear();
  return value;
}

void armature_dict_store(Object *dict, Object *key, Object *value) {
  if (PyDict_SetItem(dict, key, value)) Py_FatalError("armature: no memory for a dict");
}

i64 armature_dict_contains(Object *dict, Object *key) {
  int found = PyDict_Contains(dict, key);
  if (found < 0) PyErr_Clear();
  return found > 0;
}

void armature_global_store(Object *value, Object *dict, Object *name) {
  if (PyDict_SetItem(dict, name, value)) Py_FatalError("armature: no memory for a dict");
}

/* Not PyObject_RichCompareBool: that does not ask an object whether it is equal to itself. */
static i64 truth_and_release(Object *outcome) {
  if (!outcome) return -1;
  i64 truth = PyObject_IsTrue(outcome);
  object_decref(outcome);
  return truth;
}

#define COMPARE(name, operator) \
  Object *armature_compare_##name(Object *a, Object *b) { \
    return PyObject_RichCompare(a, b, operator); \
  } \
  i64 armature_test_##name(Object *a, Object *b) { \
    return truth_and_release(PyObject_RichCompare(a, b, operator)); \
  }
COMPARE(lt, 0)
COMPARE(le, 1)
COMPARE(eq, 2)
COMPARE(ne, 3)
COMPARE(gt, 4)
COMPARE(ge, 5)

Object *armature_power(Object *a, Object *b) {
  return PyNumber_Power(a, b, NONE);
}

Object *armature_power_in_place(Object *a, Object *b) {
  return PyNumber_InPlacePower(a, b, NONE);
}

typedef Object *(*NextFunction)(Object *);

typedef struct EnumerateObject {
  Object base;
  Ssize index;
  Object *iterator;
} EnumerateObject;

typedef struct ZipObject {
  Object base;
  Ssize count;
  TupleObject *iterators;
} ZipObject;

static int is_container_iterator(TypeObject *type) {
  static const char *const names[] = {
      "list_iterator", "tuple_iterator", "range_iterator", "bytes_iterator", "bytearray_iterator", "str_iterator",
      "str_ascii_iterator", "dict_keyiterator", "dict_valueiterator", "dict_itemiterator", "set_iterator",
      "list_reverseiterator",
  };
  if (type->flags & TYPE_FLAG_HEAPTYPE) return 0;
  for (u64 i = 0; i < sizeof names / sizeof *names; i++)
    if (strcmp(type->name, names[i]) == 0) return 1;
  return 0;
}

/* Types made in C cannot change, nor can what an enumerate or zip object iterates over. */
i64 armature_iterator_is_plain(Object *iterator) {
  if (iterator->type == &PyEnum_Type) return armature_iterator_is_plain(((EnumerateObject *)iterator)->iterator);
  if (iterator->type != &PyZip_Type) return is_container_iterator(iterator->type);
  TupleObject *inner = ((ZipObject *)iterator)->iterators;
  for (Ssize i = 0; i < inner->base.size; i++)
    if (!armature_iterator_is_plain(inner->items[i])) return 0;
  return 1;
}

/* NULL at the end too; armature_iter_error tells which. */
Object *armature_iter_next(Object *iterator) {
  NextFunction next = ((NextFunction *)iterator->type)[28]; /* tp_iternext: byte 224 */
  return next(iterator);
}

int armature_iter_error(Object *iterator) {
  (void)iterator;
  if (!PyErr_Occurred()) return 0;
  if (!PyErr_ExceptionMatches(PyExc_StopIteration)) return -1;
  PyErr_Clear();
  return 0;
}

#define COUNT_BITS 4

/* In the order of the interpreter, after a call of a C function. */
void release_handed_over(Object **objects, u32 handed_over) {
#if ARMATURE_LAYOUT == 311
  for (; handed_over; handed_over &= handed_over - 1) object_decref(objects[__builtin_ctz(handed_over)]);
#else
  while (handed_over) {
    u32 last = 31 - (u32)__builtin_clz(handed_over);
    handed_over &= ~(1u << last);
    object_decref(objects[last]);
  }
#endif
}

/* As CALL does with a bound method: the object takes the method's place among the stored arguments. */
static Object *unpack_method(Activation *a, u32 *handed_over) {
  MethodObject *method = (MethodObject *)a->arguments[0];
  Object *function = object_new_reference(method->function);
  a->arguments[0] = object_new_reference(method->self);
  if (*handed_over & 1) object_decref((Object *)method);
  *handed_over |= 1;
  return function;
}

/* In place of names. */
#define UNPACKED ((Object *)1)

/* Stored are the callable, a tuple of arguments and, if the count is 2, a dict of those passed by name. */
static Object *call_unpacked(Activation *a, u64 count, u32 handed_over) {
  Object *callable = a->arguments[0], *result;
#if ARMATURE_LAYOUT == 314
  if (type_is(callable, &PyFunction_Type) &&
      call_function_unpacked((FunctionObject *)callable, a->arguments + 1, count, handed_over >> 1, &result)) {
    if (handed_over & 1) object_decref(callable);
    return result;
  }
#endif
  result = PyObject_Call(callable, a->arguments[1], count > 1 ? a->arguments[2] : NULL);
  release_handed_over(a->arguments, handed_over);
  return result;
}

/*
 * Slot 0 holds the callable and may be overwritten by the callee; the count includes the arguments passed by name.
 * `packed`: how many arguments, then a bit for each stored object (the callable is the first) whose reference is ours to give.
 */
Object *armature_vectorcall(Activation *a, i64 packed, Object *names) {
  u64 count = (u64)packed & ((1 << COUNT_BITS) - 1);
  u32 handed_over = (u32)packed >> COUNT_BITS;
  if (names == UNPACKED) return call_unpacked(a, count, handed_over);
  u64 positional = count - (names ? (u64)((VarObject *)names)->size : 0);
  Object *callable = a->arguments[0], *result;
  if (type_is(callable, &PyMethod_Type) && type_is(((MethodObject *)callable)->function, &PyFunction_Type)) {
    callable = unpack_method(a, &handed_over);
    if (!call_function((FunctionObject *)callable, a->arguments, positional + 1, names, handed_over, &result)) {
      result = PyObject_Vectorcall(callable, a->arguments, positional + 1, names);
      release_handed_over(a->arguments, handed_over);
    }
    object_decref(callable);
    return result;
  }
  if (type_is(callable, &PyFunction_Type) &&
      call_function((FunctionObject *)callable, a->arguments + 1, positional, names, handed_over >> 1, &result)) {
    if (handed_over & 1) object_decref(callable);
    return result;
  }
#if ARMATURE_LAYOUT == 311
  /* The operand stack holds a reference to every argument, which sys.getrefcount() counts; that of 3.14 borrows. */
  u32 stored = (2u << count) - 1;
  for (u32 i = 1; stored >> i; i++)
    if (!(handed_over >> i & 1)) object_incref(a->arguments[i]);
  handed_over |= stored & ~1u;
#endif
  result = PyObject_Vectorcall(callable, a->arguments + 1, positional | VECTORCALL_ARGUMENTS_OFFSET, names);
  release_handed_over(a->arguments, handed_over);
  return result;
}

Object *armature_build_list(Object **items, i64 count) {
  Object *list = PyList_New(count);
  for (i64 i = 0; list && i < count; i++) ((ListObject *)list)->items[i] = object_new_reference(items[i]);
  return list;
}

Object *armature_build_tuple(Object **items, i64 count) {
  Object *tuple = PyTuple_New(count);
  for (i64 i = 0; tuple && i < count; i++) ((TupleObject *)tuple)->items[i] = object_new_reference(items[i]);
  return tuple;
}

/* NULL: the object is neither a tuple nor a list, or there is no memory. */
Object *armature_tuple_from(Object *items) {
  if (type_is(items, &PyTuple_Type)) return object_new_reference(items);
  if (!type_is(items, &PyList_Type)) return NULL;
  armature_hold_collector();
  Object *tuple = PyList_AsTuple(items);
  armature_release_collector();
  if (!tuple) PyErr_Clear();
  return tuple;
}

/* NULL: the tuple has less items, or there is no memory. */
Object *armature_tuple_rest(TupleObject *tuple, i64 before, i64 after) {
  Ssize count = tuple->base.size - before - after;
  if (count < 0) return NULL;
  armature_hold_collector();
  Object *list = PyList_New(count);
  armature_release_collector();
  if (!list) PyErr_Clear();
  for (Ssize i = 0; list && i < count; i++) ((ListObject *)list)->items[i] = object_new_reference(tuple->items[before + i]);
  return list;
}

#define TYPE_FLAG_METHOD_DESCRIPTOR (1u << 17)

/* As _PyObject_LookupSpecialMethod; NULL: there is none, or it has to be asked what it is for this object. */
Object *armature_special_method(Object *o, i64 which) {
  static Object *names[2];
  if (!names[which] && !(names[which] = PyUnicode_InternFromString(which ? "__exit__" : "__enter__"))) {
    PyErr_Clear();
    return NULL;
  }
  Object *found = _PyType_Lookup(o->type, names[which]);
  return found && found->type->flags & TYPE_FLAG_METHOD_DESCRIPTOR ? object_new_reference(found) : NULL;
}

/* The rest of the order in which attributes of an object are looked up is all of the type's own. */
static int is_tail(const TupleObject *order, Ssize from, const TypeObject *type) {
  const TupleObject *own = (const TupleObject *)type->mro;
  return own->base.size == order->base.size - from && !memcmp(own->items, order->items + from, 8ull * (u64)own->base.size);
}

/* As super(class, o).name is looked up; NULL: there is none, or it is no method that takes the object as its first argument. */
Object *armature_super_method(Object *class, Object *o, Object *name) {
  if (!(class->type->flags & TYPE_FLAG_TYPE_SUBCLASS) || o->type->flags & TYPE_FLAG_TYPE_SUBCLASS ||
      !PyType_IsSubtype(o->type, (TypeObject *)class)) return NULL;
  TupleObject *order = (TupleObject *)o->type->mro;
  Object *found = NULL;
  int is_looking = 1;
  Ssize i = 0;
  while (i < order->base.size && order->items[i] != class) i++;
  for (i++; is_looking && i < order->base.size; i++) {
    TypeObject *type = (TypeObject *)order->items[i];
    found = type->dict ? PyDict_GetItemWithError(type->dict, name) : is_tail(order, i, type) ? _PyType_Lookup(type, name) : NULL;
    is_looking = !found && type->dict && !PyErr_Occurred();
  }
  if (!found) PyErr_Clear();
  return found && found->type->flags & TYPE_FLAG_METHOD_DESCRIPTOR ? object_new_reference(found) : NULL;
}

Object *armature_bind(Object *method, Object *o) {
  Object *(*get)(Object *, Object *, Object *) = method->type->descr_get;
  return get(method, o, (Object *)o->type);
}

i64 armature_is_sequence(Object *o) {
  return type_is(o, &PyTuple_Type) || type_is(o, &PyList_Type);
}

int armature_list_extend(Object *list, Object *sequence) {
  Object *none = _PyList_Extend(list, sequence);
  object_xdecref(none);
  return none ? 0 : -1;
}

/* The other is a dict too, whose keys are text and not in the first one. */
i64 armature_dict_can_merge(Object *dict, Object *other) {
  if (!type_is(other, &PyDict_Type)) return 0;
  Object *key, *value;
  int is_empty = PyDict_Size(dict) == 0;
  for (Ssize place = 0; PyDict_Next(other, &place, &key, &value);)
    if (!type_is(key, &PyUnicode_Type) || (!is_empty && PyDict_Contains(dict, key))) return 0;
  return 1;
}

Object *armature_build_map(Object **items, i64 count) {
  Object *dict = PyDict_New();
  for (i64 i = 0; dict && i + 1 < count; i += 2) {
    if (!PyDict_SetItem(dict, items[i], items[i + 1])) continue;
    object_decref(dict);
    return NULL;
  }
  return dict;
}

Object *armature_build_set(Object **items, i64 count) {
  Object *set = PySet_New(NULL);
  for (i64 i = 0; set && i < count; i++) {
    if (!PySet_Add(set, items[i])) continue;
    object_decref(set);
    return NULL;
  }
  return set;
}

Object *armature_build_slice(Object **items, i64 count) {
  return PySlice_New(items[0], items[1], count > 2 ? items[2] : NULL);
}

void armature_decref(Object *o) {
  object_decref(o);
}

/* Takes the value over. */
void armature_set_home(Activation *a, i64 local, Object *value) {
  Slot old = a->locals[local];
  a->locals[local] = value ? slot_from_owned(value) : SLOT_NULL;
  slot_release(old);
}
