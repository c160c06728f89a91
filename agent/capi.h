/*
 * The few functions of CPython and of the C library that the agent calls, declared by us. All are resolved from the
 * process when the agent is loaded. What the agent asks of the operating system is in system.h.
 */
#ifndef ARMATURE_CAPI_H
#define ARMATURE_CAPI_H
#include "layout.h"
#include "system.h"

typedef Object *(*FrameEvaluator)(ThreadState *, Frame *, int throwflag);

/* On Windows what a library exports must be asked for, or its address is that of a way to it. */
#if defined(_WIN32)
#define IMPORTED extern __attribute__((dllimport))
#else
#define IMPORTED extern
#endif

/* ---- CPython: data ---------------------------------------------------------------------------------------------- */
IMPORTED TypeObject PyType_Type, PyLong_Type, PyFloat_Type, PyBool_Type, PyUnicode_Type, PyBytes_Type, PyByteArray_Type,
    PyList_Type, PyTuple_Type, PyDict_Type, PyFunction_Type, PyCode_Type, PyModule_Type, PyCell_Type, PyMethod_Type,
    PyCFunction_Type, PyMethodDescr_Type, PySet_Type, PyFrozenSet_Type, PyRange_Type, PyRangeIter_Type, PyListIter_Type,
    PyTupleIter_Type, PyBytesIter_Type, PySlice_Type, PyComplex_Type, PyBaseObject_Type, PyEnum_Type, PyZip_Type, PyMap_Type,
    PyReversed_Type, PyProperty_Type, PyClassMethod_Type, PyStaticMethod_Type, PyMemoryView_Type, PyGen_Type,
    PyCFunction_Type, PyFrame_Type;
IMPORTED Object _Py_NoneStruct, _Py_NotImplementedStruct;
IMPORTED LongObject _Py_TrueStruct, _Py_FalseStruct;
IMPORTED Object *PyExc_BaseException, *PyExc_RuntimeError, *PyExc_StopIteration, *PyExc_ZeroDivisionError, *PyExc_ImportError,
    *PyExc_AssertionError, *PyExc_AttributeError;
#define NONE (&_Py_NoneStruct)
#define TRUE_OBJECT ((Object *)&_Py_TrueStruct)
#define FALSE_OBJECT ((Object *)&_Py_FalseStruct)

/* ---- CPython: interpreter ------------------------------------------------------------------------------------------ */
IMPORTED const char *Py_GetVersion(void);
IMPORTED CLong PyImport_GetMagicNumber(void);
IMPORTED ThreadState *PyThreadState_Get(void);
IMPORTED FrameObject *PyThreadState_GetFrame(ThreadState *);
IMPORTED Object *_PyEval_EvalFrameDefault(ThreadState *, Frame *, int);
IMPORTED FrameEvaluator _PyInterpreterState_GetEvalFrameFunc(void *interpreter);
IMPORTED void _PyInterpreterState_SetEvalFrameFunc(void *interpreter, FrameEvaluator);
IMPORTED void *PyInterpreterState_Main(void);
IMPORTED int Py_AddPendingCall(int (*function)(void *), void *argument);
IMPORTED int Py_MakePendingCalls(void);
IMPORTED int Py_IsInitialized(void);
IMPORTED Object *PyImport_GetModuleDict(void);
IMPORTED Object *PyImport_ImportModule(const char *);
IMPORTED Object *PyImport_AddModule(const char *);
IMPORTED int PyTraceBack_Here(FrameObject *);
IMPORTED int Py_AtExit(void (*)(void));

/* ---- CPython: errors ----------------------------------------------------------------------------------------------- */
IMPORTED Object *PyErr_Occurred(void);
IMPORTED void PyErr_Clear(void);
IMPORTED Object *PyErr_NoMemory(void);
IMPORTED void PyErr_SetString(Object *type, const char *message);
IMPORTED void PyErr_SetNone(Object *type);
IMPORTED void PyErr_Fetch(Object **, Object **, Object **);
IMPORTED void PyErr_Restore(Object *, Object *, Object *);
IMPORTED void PyErr_NormalizeException(Object **, Object **, Object **);
IMPORTED int PyErr_ExceptionMatches(Object *);
IMPORTED int PyException_SetTraceback(Object *, Object *);
IMPORTED Object *PyException_GetTraceback(Object *);

/* ---- CPython: objects ------------------------------------------------------------------------------------------------ */
/* The functions for 64 bits have these names where C's long has as many. */
#if defined(_WIN32)
#define PyLong_FromLong PyLong_FromLongLong
#define PyLong_FromUnsignedLong PyLong_FromUnsignedLongLong
#define PyLong_AsLongAndOverflow PyLong_AsLongLongAndOverflow
#endif
IMPORTED Object *PyLong_FromLong(i64);
IMPORTED Object *PyLong_FromUnsignedLong(u64);
IMPORTED i64 PyLong_AsLongAndOverflow(Object *, int *);
IMPORTED Object *PyFloat_FromDouble(double);
IMPORTED Object *PyBool_FromLong(CLong);
IMPORTED Object *PyUnicode_FromString(const char *);
IMPORTED Object *PyUnicode_FromStringAndSize(const char *, Ssize);
IMPORTED const char *PyUnicode_AsUTF8AndSize(Object *, Ssize *);
IMPORTED Object *PyUnicode_InternFromString(const char *);
IMPORTED Object *PyUnicode_FromFormat(const char *, ...);
IMPORTED int PyUnicode_CompareWithASCIIString(Object *, const char *);
IMPORTED void PyUnicode_Append(Object **, Object *);
IMPORTED Object *_PyUnicode_JoinArray(Object *separator, Object *const *, Ssize);
IMPORTED Object *PyBytes_FromStringAndSize(const char *, Ssize);
IMPORTED void *PyMem_Malloc(u64);
IMPORTED void PyMem_Free(void *);
IMPORTED Object *PyTuple_New(Ssize);
IMPORTED Object *PyList_New(Ssize);
IMPORTED int PyList_Append(Object *, Object *);
IMPORTED Object *PyList_AsTuple(Object *);
IMPORTED Object *_PyList_Extend(Object *list, Object *);
IMPORTED Object *PyDict_New(void);
IMPORTED Ssize PyDict_Size(Object *);
IMPORTED int PyDict_Update(Object *, Object *);
IMPORTED Object *PyDict_GetItem(Object *, Object *);
IMPORTED Object *PyDict_GetItemWithError(Object *, Object *);
IMPORTED Object *PyDict_GetItemString(Object *, const char *);
IMPORTED int PyDict_SetItem(Object *, Object *, Object *);
IMPORTED int PyDict_SetItemString(Object *, const char *, Object *);
IMPORTED int PyDict_Contains(Object *, Object *);
IMPORTED int PyDict_Next(Object *, Ssize *, Object **, Object **);
IMPORTED Object *PySet_New(Object *);
IMPORTED int PySet_Add(Object *, Object *), _PySet_Update(Object *, Object *iterable);
IMPORTED Object *PySlice_New(Object *, Object *, Object *);
IMPORTED Object *PyCell_New(Object *);
IMPORTED Object *PyFunction_New(Object *code, Object *globals);
IMPORTED Object *PyCode_GetCode(CodeObject *);
IMPORTED int PyCode_Addr2Line(CodeObject *, int byte_offset);
IMPORTED Object *PyCMethod_New(MethodDef *, Object *self, Object *module, TypeObject *);
IMPORTED Object *PyMarshal_WriteObjectToString(Object *, int version);
IMPORTED Object *PyType_GenericAlloc(TypeObject *, Ssize);
IMPORTED Object *_PyType_Lookup(TypeObject *, Object *name);
IMPORTED int PyType_IsSubtype(TypeObject *, TypeObject *);
IMPORTED Object *PyObject_CallNoArgs(Object *);
IMPORTED Object *PyObject_Vectorcall(Object *, Object *const *, u64, Object *names);
IMPORTED Object *PyObject_Call(Object *, Object *, Object *);
IMPORTED Object *PyObject_GetAttr(Object *, Object *);
IMPORTED Object *PyObject_GetAttrString(Object *, const char *);
IMPORTED int PyObject_SetAttr(Object *, Object *, Object *);
IMPORTED Object *PyObject_GetItem(Object *, Object *);
IMPORTED int PyObject_SetItem(Object *, Object *, Object *);
IMPORTED int PyObject_DelItem(Object *, Object *);
IMPORTED Object *PyObject_GetIter(Object *);
IMPORTED int PyObject_IsTrue(Object *);
IMPORTED Object *PyObject_Str(Object *), *PyObject_Repr(Object *), *PyObject_ASCII(Object *), *PyObject_Format(Object *, Object *spec);
IMPORTED Object *PyObject_RichCompare(Object *, Object *, int);
IMPORTED Ssize PyObject_Size(Object *);
IMPORTED int PySequence_Contains(Object *, Object *);
IMPORTED Object *PyIter_Next(Object *);
IMPORTED void PyObject_GC_Track(Object *);
IMPORTED int PyObject_GC_IsTracked(Object *);
IMPORTED int PyCompile_OpcodeStackEffectWithJump(int opcode, int argument, int jump);
IMPORTED Object *PyNumber_Add(Object *, Object *), *PyNumber_Subtract(Object *, Object *), *PyNumber_Multiply(Object *, Object *),
    *PyNumber_TrueDivide(Object *, Object *), *PyNumber_FloorDivide(Object *, Object *), *PyNumber_Remainder(Object *, Object *),
    *PyNumber_Lshift(Object *, Object *), *PyNumber_Rshift(Object *, Object *), *PyNumber_And(Object *, Object *),
    *PyNumber_Or(Object *, Object *), *PyNumber_Xor(Object *, Object *), *PyNumber_MatrixMultiply(Object *, Object *),
    *PyNumber_InPlaceAdd(Object *, Object *), *PyNumber_InPlaceSubtract(Object *, Object *),
    *PyNumber_InPlaceMultiply(Object *, Object *), *PyNumber_InPlaceTrueDivide(Object *, Object *),
    *PyNumber_InPlaceFloorDivide(Object *, Object *), *PyNumber_InPlaceRemainder(Object *, Object *),
    *PyNumber_InPlaceLshift(Object *, Object *), *PyNumber_InPlaceRshift(Object *, Object *),
    *PyNumber_InPlaceAnd(Object *, Object *), *PyNumber_InPlaceOr(Object *, Object *), *PyNumber_InPlaceXor(Object *, Object *),
    *PyNumber_InPlaceMatrixMultiply(Object *, Object *), *PyNumber_Power(Object *, Object *, Object *),
    *PyNumber_InPlacePower(Object *, Object *, Object *), *PyNumber_Negative(Object *), *PyNumber_Positive(Object *),
    *PyNumber_Invert(Object *), *PyNumber_Absolute(Object *), *PyNumber_Long(Object *), *PyNumber_Float(Object *);

typedef struct ArenaAllocator {
  void *context;
  void *(*allocate)(void *context, u64 size);
  void (*release)(void *context, void *pointer, u64 size);
} ArenaAllocator;
IMPORTED void PyObject_GetArenaAllocator(ArenaAllocator *);

#if ARMATURE_LAYOUT == 314
IMPORTED void PyFunction_SetVectorcall(FunctionObject *, VectorCall);
IMPORTED Frame *_PyEvalFramePushAndInit(ThreadState *, Slot function, Object *locals, const Slot *arguments, u64 count,
                                      Object *names, Frame *previous);
IMPORTED void _PyEval_FrameClearAndPop(ThreadState *, Frame *);
IMPORTED void _PyThreadState_PopFrame(ThreadState *, Frame *);
#endif

/* ---- C library ---------------------------------------------------------------------------------------------------------- */
typedef u64 Size;
extern void *malloc(Size), *calloc(Size, Size), *realloc(void *, Size);
extern void free(void *);
extern void *memcpy(void *, const void *, Size), *memmove(void *, const void *, Size), *memset(void *, int, Size);
extern int memcmp(const void *, const void *, Size);
extern Size strlen(const char *);
extern int strcmp(const char *, const char *), strncmp(const char *, const char *, Size);
extern int snprintf(char *, Size, const char *, ...) __attribute__((format(printf, 3, 4)));
extern int vsnprintf(char *, Size, const char *, __builtin_va_list);

#define offset_of(type, field) __builtin_offsetof(type, field)

static inline int type_is(Object *o, TypeObject *type) {
  return o->type == type;
}
static inline void object_xdecref(Object *o) {
  if (o) object_decref(o);
}
static inline Object *object_new_reference(Object *o) {
  object_incref(o);
  return o;
}
#endif
