/*
 * Compares layout.h with live objects of known content, before the agent touches anything. A build that is laid out in any
 * other way runs plain. Returns what did not match, or NULL.
 */
#include "agent.h"
#include "helpers.h"

IMPORTED void *PyThreadState_GetInterpreter(ThreadState *);
IMPORTED Object *PySys_GetObject(const char *);
IMPORTED int PyFrame_GetLasti(FrameObject *);
IMPORTED int Py_GetRecursionLimit(void);

#define EXPECT(condition, what) \
  if (!(condition)) return what

static int text_starts(const char *text, const char *start) {
  return !strncmp(text, start, strlen(start));
}

static int text_contains(const char *text, const char *part) {
  for (; *text; text++)
    if (text_starts(text, part)) return 1;
  return 0;
}

static const char *probe_version(void) {
  const char *version = Py_GetVersion();
#if ARMATURE_LAYOUT == 311
  EXPECT(text_starts(version, "3.11."), "version");
  EXPECT((PyImport_GetMagicNumber() & 0xffff) == 3495, "bytecode version");
#else
  EXPECT(text_starts(version, "3.14."), "version");
  EXPECT((PyImport_GetMagicNumber() & 0xffff) == 3627, "bytecode version");
#endif
  EXPECT(!text_contains(version, "free-threading"), "free-threaded build");
  EXPECT(!PySys_GetObject("gettotalrefcount"), "debug build");
  return NULL;
}

static const char *probe_numbers(void) {
  EXPECT(PyFloat_Type.basicsize == sizeof(FloatObject) && !strcmp(PyFloat_Type.name, "float"), "float type");
  FloatObject *f = (FloatObject *)PyFloat_FromDouble(-1234.5);
  EXPECT(f && f->base.type == &PyFloat_Type && f->value == -1234.5, "float");
  object_decref((Object *)f);
  LongObject *i = (LongObject *)PyLong_FromLong(-((7ll << 30) + 5));
  EXPECT(i && i->base.type == &PyLong_Type && i->digits[0] == 5 && i->digits[1] == 7, "int digits");
#if ARMATURE_LAYOUT == 311
  EXPECT(i->size == -2, "int size");
#else
  EXPECT(i->tag == (2 << LONG_NON_SIZE_BITS | 2), "int tag");
  EXPECT(object_is_immortal(NONE) && (NONE->flags & 1), "immortal objects");
#endif
  object_decref((Object *)i);
  EXPECT(PyBaseObject_Type.alloc == PyType_GenericAlloc && PyBaseObject_Type.make && !PyLong_Type.finalize && PyGen_Type.finalize,
         "type slots");
  EXPECT((PyLong_Type.flags & TYPE_FLAG_LONG_SUBCLASS) && PyLong_Type.tp_base == &PyBaseObject_Type, "type flags");
  EXPECT(PyLong_Type.mro && type_is(PyLong_Type.mro, &PyTuple_Type) &&
             ((TupleObject *)PyLong_Type.mro)->items[0] == (Object *)&PyLong_Type, "type mro");
  return NULL;
}

Object *armature_small_integers[SMALL_INTEGERS];

static const char *probe_small_integers(void) {
  for (int n = 0; n < SMALL_INTEGERS; n++) {
    Object *o = PyLong_FromLong(n - SMALL_INTEGERS_BELOW_ZERO), *again = PyLong_FromLong(n - SMALL_INTEGERS_BELOW_ZERO);
#if ARMATURE_LAYOUT == 314
    EXPECT(o && object_is_immortal(o), "immortal small ints");
#endif
    EXPECT(o && o == again, "small ints");
    armature_small_integers[n] = o; /* keeps a reference */
    object_decref(again);
  }
  return NULL;
}

static const char *probe_sequences(void) {
  TupleObject *t = (TupleObject *)PyTuple_New(2);
  EXPECT(t && t->base.size == 2 && !t->items[1], "tuple");
  t->items[0] = object_new_reference(NONE);
  t->items[1] = object_new_reference(TRUE_OBJECT);
  ListObject *l = (ListObject *)PyObject_CallNoArgs((Object *)&PyList_Type);
  EXPECT(l && PyList_Append((Object *)l, (Object *)t) == 0 && l->base.size == 1 && l->items[0] == (Object *)t &&
             l->allocated >= 1, "list");
  SequenceIter *it = (SequenceIter *)PyObject_GetIter((Object *)l);
  EXPECT(it && it->base.type == &PyListIter_Type && it->index == 0 && it->sequence == (Object *)l, "list iterator");
  object_decref((Object *)it);
  it = (SequenceIter *)PyObject_GetIter((Object *)t);
  EXPECT(it && it->base.type == &PyTupleIter_Type && it->index == 0 && it->sequence == (Object *)t, "tuple iterator");
  object_decref((Object *)it);
  object_decref((Object *)l);
  object_decref((Object *)t);
  BytesObject *b = (BytesObject *)PyBytes_FromStringAndSize("armature", 8);
  EXPECT(b && b->base.size == 8 && !memcmp(b->value, "armature", 9), "bytes");
  object_decref((Object *)b);
  StrObject *s = (StrObject *)PyUnicode_FromString("armature probe");
  EXPECT(s && s->length == 14 && STR_KIND(s) == 1 && STR_COMPACT(s) && STR_ASCII(s), "str");
  EXPECT(!memcmp((char *)(s + 1), "armature probe", 15), "str data");
  object_decref((Object *)s);
  EXPECT(PyByteArray_Type.basicsize == sizeof(ByteArrayObject), "bytearray");
  return NULL;
}

static const char *probe_range(void) {
  Object *arguments[4] = {NULL, PyLong_FromLong(5), PyLong_FromLong(50), PyLong_FromLong(3)};
  Object *range = PyObject_Vectorcall((Object *)&PyRange_Type, arguments + 1, 3 | VECTORCALL_ARGUMENTS_OFFSET, NULL);
  RangeIter *it = range ? (RangeIter *)PyObject_GetIter(range) : NULL;
  EXPECT(it && it->base.type == &PyRangeIter_Type && it->start == 5 && it->step == 3 && it->length == 15, "range iterator");
  object_decref(PyIter_Next((Object *)it));
#if ARMATURE_LAYOUT == 311
  EXPECT(it->index == 1 && it->start == 5 && it->length == 15, "range iterator state");
#else
  EXPECT(it->start == 8 && it->length == 14, "range iterator state");
#endif
  object_decref((Object *)it);
  object_decref(range);
  for (int i = 1; i < 4; i++) object_decref(arguments[i]);
  CellObject *cell = (CellObject *)PyCell_New(NONE);
  EXPECT(cell && cell->content == NONE, "cell");
  object_decref((Object *)cell);
  return NULL;
}

static const char *probe_dict(void) {
  DictObject *d = (DictObject *)PyDict_New();
  EXPECT(d && PyDict_SetItemString((Object *)d, "armature", TRUE_OBJECT) == 0, "dict");
  DictKeys *k = d->keys;
  EXPECT(d->used == 1 && !d->values && k->kind == DICT_KEYS_UNICODE && k->entry_count == 1 && k->log2_size == 3, "dict keys");
  EXPECT(dict_unicode_entries(k)[0].value == TRUE_OBJECT &&
             !PyUnicode_CompareWithASCIIString(dict_unicode_entries(k)[0].key, "armature"), "dict entries");
  EXPECT(PyDict_SetItem((Object *)d, NONE, FALSE_OBJECT) == 0 && d->keys->kind == DICT_KEYS_GENERAL, "general dict");
  EXPECT(dict_general_entries(d->keys)[1].key == NONE && dict_general_entries(d->keys)[1].value == FALSE_OBJECT,
         "general dict entries");
  object_decref((Object *)d);
  return NULL;
}

static int attribute_is(void *o, const char *name, void *expected) {
  Object *value = PyObject_GetAttrString(o, name);
  if (!value) {
    PyErr_Clear();
    return 0;
  }
  object_decref(value);
  return value == expected || (!expected && value == NONE);
}

static int attribute_equals(void *o, const char *name, i64 expected) {
  Object *value = PyObject_GetAttrString(o, name);
  if (!value) {
    PyErr_Clear();
    return 0;
  }
  int overflow;
  i64 found = PyLong_AsLongAndOverflow(value, &overflow);
  object_decref(value);
  return found == expected;
}

static const char *probe_code(CodeObject *c) {
  EXPECT(type_is((Object *)c, &PyCode_Type), "code object of the frame");
  EXPECT(attribute_is(c, "co_consts", c->consts) && attribute_is(c, "co_names", c->names) &&
             attribute_is(c, "co_exceptiontable", c->exceptiontable) && attribute_is(c, "co_filename", c->filename) &&
             attribute_is(c, "co_name", c->name) && attribute_is(c, "co_qualname", c->qualname) &&
             attribute_is(c, "co_linetable", c->linetable), "code object");
  EXPECT(attribute_equals(c, "co_flags", c->flags) && attribute_equals(c, "co_argcount", c->argcount) &&
             attribute_equals(c, "co_stacksize", c->stacksize) && attribute_equals(c, "co_firstlineno", c->firstlineno) &&
             attribute_equals(c, "co_nlocals", c->nlocals) && attribute_equals(c, "co_kwonlyargcount", c->kwonlyargcount) &&
             attribute_equals(c, "co_posonlyargcount", c->posonlyargcount), "numbers of a code object");
  EXPECT(type_is(c->localsplusnames, &PyTuple_Type) && type_is(c->localspluskinds, &PyBytes_Type) &&
             ((TupleObject *)c->localsplusnames)->base.size == c->nlocalsplus, "names of locals");
  Object *bytes = PyCode_GetCode(c);
  EXPECT(bytes && ((BytesObject *)bytes)->base.size == 2 * c->base.size, "bytecode size");
  EXPECT(c->first_traceable >= 0 && c->first_traceable < c->base.size, "first traceable instruction");
  object_decref(bytes);
  return NULL;
}

static const char *probe_function(FunctionObject *f) {
  EXPECT(type_is((Object *)f, &PyFunction_Type), "function of the frame");
  EXPECT(attribute_is(f, "__code__", f->code) && attribute_is(f, "__globals__", f->globals) &&
             attribute_is(f, "__defaults__", f->defaults) && attribute_is(f, "__closure__", f->closure) &&
             attribute_is(f, "__name__", f->name) && attribute_is(f, "__kwdefaults__", f->kwdefaults), "function");
  EXPECT(f->vectorcall && type_is(f->builtins, &PyDict_Type), "function builtins");
  return NULL;
}

static int nothing_to_do(void *unused) {
  (void)unused;
  return 0;
}

static const char *probe_thread(ThreadState *ts) {
  EXPECT(ts->interpreter == PyThreadState_GetInterpreter(ts), "interpreter");
  EXPECT(ts->recursion_limit == Py_GetRecursionLimit(), "recursion limit");
  EXPECT(ts->recursion_remaining > 0 && ts->recursion_remaining < ts->recursion_limit, "recursion count");
  EXPECT(ts->tracing == 0 && !ts->c_tracefunc && !ts->c_profilefunc, "tracing");
  PyErr_SetNone(PyExc_BaseException);
#if ARMATURE_LAYOUT == 311
  EXPECT(ts->curexc_type == PyExc_BaseException, "current exception");
  EvalBreaker *breaker = (EvalBreaker *)(ts->interpreter + INTERPRETER_EVAL_BREAKER);
  EXPECT(*(char **)(ts->interpreter + INTERPRETER_YOUNGEST_POINTER) == ts->interpreter + INTERPRETER_YOUNGEST, "youngest generation");
#else
  EXPECT(ts->current_exception && ts->current_exception->type == (TypeObject *)PyExc_BaseException, "current exception");
  EvalBreaker *breaker = &ts->eval_breaker;
#endif
  PyErr_Clear();
  EvalBreaker before = *breaker;
  EXPECT(Py_AddPendingCall(nothing_to_do, NULL) == 0, "pending calls");
  EXPECT((before & EVAL_BREAKER_MASK) != 0 || (*breaker & EVAL_BREAKER_MASK) != 0, "eval breaker");
  EXPECT((*breaker & ~(EvalBreaker)0xff) == 0, "eval breaker range");
  Object **top = ts->datastack_top;
  StackChunk *chunk = ts->datastack_chunk;
  EXPECT(chunk && top >= &chunk->data[0] && top < ts->datastack_limit &&
             (char *)ts->datastack_limit == (char *)chunk + chunk->size, "data stack");
  return NULL;
}

static const char *probe_frame(ThreadState *ts, FrameObject *object) {
  Frame *f = object->frame;
  EXPECT(f == current_frame(ts) && f->frame_object == object && f->owner == FRAME_OWNED_BY_THREAD, "current frame");
  EXPECT(attribute_is(object, "f_globals", f->globals) && attribute_is(object, "f_builtins", f->builtins), "frame globals");
  EXPECT(PyFrame_GetLasti(object) == 2 * frame_position(f), "frame position");
  const char *wrong = probe_code(frame_code(f));
  if (!wrong) wrong = probe_function(frame_function(f));
  if (wrong) return wrong;
  EXPECT((Object **)f >= &ts->datastack_chunk->data[0] &&
             (Object **)f + code_frame_size(frame_code(f)) == ts->datastack_top, "frame size");
#if ARMATURE_LAYOUT == 314
  EXPECT(f->stackpointer >= f->localsplus + frame_code(f)->nlocalsplus &&
             f->stackpointer <= f->localsplus + frame_code(f)->nlocalsplus + frame_code(f)->stacksize, "stack pointer");
#else
  EXPECT(f->is_entry <= 1 && ts->cframe->use_tracing == 0, "evaluator call");
#endif
  Object *locals = PyObject_GetAttrString((Object *)object, "f_locals");
  EXPECT(locals, "frame locals");
  object_decref(locals);
  return NULL;
}

const char *probe_layout(ThreadState *ts) {
  const char *wrong = probe_version();
  if (!wrong) wrong = probe_numbers();
  if (!wrong) wrong = probe_small_integers();
  if (!wrong) wrong = probe_sequences();
  if (!wrong) wrong = probe_range();
  if (!wrong) wrong = probe_dict();
  if (!wrong) wrong = probe_thread(ts);
  if (wrong) return wrong;
  FrameObject *object = PyThreadState_GetFrame(ts);
  EXPECT(object, "frame object");
  wrong = probe_frame(ts, object);
  object_decref((Object *)object);
  return wrong;
}
