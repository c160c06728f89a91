/*
 * The few functions of CPython and of the C library that the agent calls, declared by us. All are resolved from the
 * process when the agent is loaded. What the agent asks of the operating system is in system.h.
 */
#ifndef ARMATURE_CAPI_H
#define ARMATURE_CAPI_H
#include "layout.h"
#include "system.h"

typedef Object *(*FrameEvaluator)(ThreadState *, Frame *, int throwflag);

/* ---- CPython: data ---------------------------------------------------------------------------------------------- */
extern TypeObject PyType_Type, PyLong_Type, PyFloat_Type, PyBool_Type, PyUnicode_Type, PyBytes_Type, PyByteArray_Type,
    PyList_Type, PyTuple_Type, PyDict_Type, PyFunction_Type, PyCode_Type, PyModule_Type, PyCell_Type, PyMethod_Type,
    PyCFunction_Type, PyMethodDescr_Type, PySet_Type, PyFrozenSet_Type, PyRange_Type, PyRangeIter_Type, PyListIter_Type,
    PyTupleIter_Type, PyBytesIter_Type, PySlice_Type, PyComplex_Type, PyBaseObject_Type, PyEnum_Type, PyZip_Type, PyMap_Type,
    PyReversed_Type, PyProperty_Type, PyClassMethod_Type, PyStaticMethod_Type, PyMemoryView_Type, PyGen_Type,
    PyCFunction_Type, PyFrame_Type;
extern Object _Py_NoneStruct, _Py_NotImplementedStruct;
extern LongObject _Py_TrueStruct, _Py_FalseStruct;
extern Object *PyExc_BaseException, *PyExc_RuntimeError, *PyExc_StopIteration, *PyExc_ZeroDivisionError, *PyExc_ImportError;
#define NONE (&_Py_NoneStruct)
#define TRUE_OBJECT ((Object *)&_Py_TrueStruct)
#define FALSE_OBJECT ((Object *)&_Py_FalseStruct)

/* ---- CPython: interpreter ------------------------------------------------------------------------------------------ */
extern const char *Py_GetVersion(void);
extern long PyImport_GetMagicNumber(void);
extern ThreadState *PyThreadState_Get(void);
extern FrameObject *PyThreadState_GetFrame(ThreadState *);
extern Object *_PyEval_EvalFrameDefault(ThreadState *, Frame *, int);
extern FrameEvaluator _PyInterpreterState_GetEvalFrameFunc(void *interpreter);
extern void _PyInterpreterState_SetEvalFrameFunc(void *interpreter, FrameEvaluator);
extern void *PyInterpreterState_Main(void);
extern int Py_AddPendingCall(int (*function)(void *), void *argument);
extern int Py_MakePendingCalls(void);
extern int Py_IsInitialized(void);
extern Object *PyImport_GetModuleDict(void);
extern Object *PyImport_ImportModule(const char *);
extern Object *PyImport_AddModule(const char *);
extern int PyTraceBack_Here(FrameObject *);
extern int Py_AtExit(void (*)(void));

/* ---- CPython: errors ----------------------------------------------------------------------------------------------- */
extern Object *PyErr_Occurred(void);
extern void PyErr_Clear(void);
extern Object *PyErr_NoMemory(void);
extern void PyErr_SetString(Object *type, const char *message);
extern void PyErr_SetNone(Object *type);
extern void PyErr_Fetch(Object **, Object **, Object **);
extern void PyErr_Restore(Object *, Object *, Object *);
extern void PyErr_NormalizeException(Object **, Object **, Object **);
extern int PyErr_ExceptionMatches(Object *);
extern int PyException_SetTraceback(Object *, Object *);
extern Object *PyException_GetTraceback(Object *);

/* ---- CPython: objects ------------------------------------------------------------------------------------------------ */
extern Object *PyLong_FromLong(long);
extern Object *PyLong_FromUnsignedLong(u64);
extern long PyLong_AsLongAndOverflow(Object *, int *);
extern Object *PyFloat_FromDouble(double);
extern Object *PyBool_FromLong(long);
extern Object *PyUnicode_FromString(const char *);
extern Object *PyUnicode_FromStringAndSize(const char *, Ssize);
extern const char *PyUnicode_AsUTF8AndSize(Object *, Ssize *);
extern Object *PyUnicode_InternFromString(const char *);
extern Object *PyUnicode_FromFormat(const char *, ...);
extern int PyUnicode_CompareWithASCIIString(Object *, const char *);
extern Object *PyBytes_FromStringAndSize(const char *, Ssize);
extern Object *PyTuple_New(Ssize);
extern Object *PyList_New(Ssize);
extern int PyList_Append(Object *, Object *);
extern Object *PyList_AsTuple(Object *);
extern Object *PyDict_New(void);
extern Object *PyDict_GetItem(Object *, Object *);
extern Object *PyDict_GetItemWithError(Object *, Object *);
extern Object *PyDict_GetItemString(Object *, const char *);
extern int PyDict_SetItem(Object *, Object *, Object *);
extern int PyDict_SetItemString(Object *, const char *, Object *);
extern int PyDict_Contains(Object *, Object *);
extern int PyDict_Next(Object *, Ssize *, Object **, Object **);
extern Object *PySet_New(Object *);
extern int PySet_Add(Object *, Object *);
extern Object *PySlice_New(Object *, Object *, Object *);
extern Object *PyCell_New(Object *);
extern Object *PyFunction_New(Object *code, Object *globals);
extern Object *PyCode_GetCode(CodeObject *);
extern int PyCode_Addr2Line(CodeObject *, int byte_offset);
extern Object *PyCMethod_New(MethodDef *, Object *self, Object *module, TypeObject *);
extern Object *PyMarshal_WriteObjectToString(Object *, int version);
extern Object *_PyType_Lookup(TypeObject *, Object *name);
extern int PyType_IsSubtype(TypeObject *, TypeObject *);
extern Object *PyObject_CallNoArgs(Object *);
extern Object *PyObject_Vectorcall(Object *, Object *const *, u64, Object *names);
extern Object *_PyFunction_Vectorcall(Object *, Object *const *, u64, Object *names);
extern Object *PyObject_Call(Object *, Object *, Object *);
extern Object *PyObject_GetAttr(Object *, Object *);
extern Object *PyObject_GetAttrString(Object *, const char *);
extern int PyObject_SetAttr(Object *, Object *, Object *);
extern Object *PyObject_GetItem(Object *, Object *);
extern int PyObject_SetItem(Object *, Object *, Object *);
extern int PyObject_DelItem(Object *, Object *);
extern Object *PyObject_GetIter(Object *);
extern int PyObject_IsTrue(Object *);
extern Object *PyObject_RichCompare(Object *, Object *, int);
extern Ssize PyObject_Size(Object *);
extern int PySequence_Contains(Object *, Object *);
extern Object *PyIter_Next(Object *);
extern void PyObject_GC_Track(Object *);
extern int PyObject_GC_IsTracked(Object *);
extern int PyCompile_OpcodeStackEffectWithJump(int opcode, int argument, int jump);
extern Object *PyNumber_Add(Object *, Object *), *PyNumber_Subtract(Object *, Object *), *PyNumber_Multiply(Object *, Object *),
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
extern void PyObject_GetArenaAllocator(ArenaAllocator *);

#if ARMATURE_LAYOUT == 314
extern void PyFunction_SetVectorcall(FunctionObject *, VectorCall);
extern Frame *_PyEvalFramePushAndInit(ThreadState *, Slot function, Object *locals, const Slot *arguments, u64 count,
                                      Object *names, Frame *previous);
extern void _PyEval_FrameClearAndPop(ThreadState *, Frame *);
extern void _PyThreadState_PopFrame(ThreadState *, Frame *);
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
