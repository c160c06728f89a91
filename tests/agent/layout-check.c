/* Compares agent/layout.h with CPython's own headers. Nothing is run: every difference is a compile error. */
#define Py_BUILD_CORE 1
#include <Python.h>
#include <stddef.h>
#include "internal/pycore_code.h"
#include "internal/pycore_dict.h"
#include "internal/pycore_frame.h"
#include "internal/pycore_interp.h"
#if PY_VERSION_HEX >= 0x030e0000
#include "internal/pycore_interpframe_structs.h"
#include "internal/pycore_list.h"
#include "internal/pycore_long.h"
#include "internal/pycore_range.h"
#include "internal/pycore_tuple.h"
#endif
#include "internal/pycore_moduleobject.h"
#include "layout.h"

#define SAME(theirs, their_field, ours, our_field) \
  _Static_assert(offsetof(theirs, their_field) == offsetof(ours, our_field), #theirs "." #their_field); \
  _Static_assert(sizeof(((theirs *)0)->their_field) == sizeof(((ours *)0)->our_field), "size of " #theirs "." #their_field)
#define SAME_PLACE(theirs, their_field, ours, our_field) \
  _Static_assert(offsetof(theirs, their_field) == offsetof(ours, our_field), #theirs "." #their_field)

_Static_assert(ARMATURE_LAYOUT == (PY_VERSION_HEX >> 24) * 100 + ((PY_VERSION_HEX >> 16) & 255), "version");
_Static_assert(sizeof(PyObject) == sizeof(Object) && sizeof(PyVarObject) == sizeof(VarObject), "object");
_Static_assert(sizeof(PyDictKeyEntry) == sizeof(GeneralEntry) && sizeof(PyDictUnicodeEntry) == sizeof(UnicodeEntry), "entries");
_Static_assert(Py_TPFLAGS_HEAPTYPE == TYPE_FLAG_HEAPTYPE && Py_TPFLAGS_MANAGED_DICT == TYPE_FLAG_MANAGED_DICT, "type flags");
SAME(PyObject, ob_type, Object, type);
SAME(PyVarObject, ob_size, VarObject, size);
SAME(PyTypeObject, tp_name, TypeObject, name);
SAME(PyTypeObject, tp_basicsize, TypeObject, basicsize);
SAME(PyTypeObject, tp_dealloc, TypeObject, dealloc);
SAME(PyTypeObject, tp_flags, TypeObject, flags);
SAME(PyTypeObject, tp_base, TypeObject, tp_base);
SAME(PyTypeObject, tp_dict, TypeObject, dict);
SAME(PyTypeObject, tp_dictoffset, TypeObject, dictoffset);
SAME(PyTypeObject, tp_mro, TypeObject, mro);
SAME(PyTypeObject, tp_version_tag, TypeObject, version_tag);
_Static_assert(offsetof(PyTypeObject, tp_iternext) == 28 * 8, "tp_iternext");
SAME(PyTypeObject, tp_members, TypeObject, members);
SAME(PyTypeObject, tp_alloc, TypeObject, alloc);
SAME(PyTypeObject, tp_new, TypeObject, make);
SAME(PyTypeObject, tp_del, TypeObject, del);
SAME(PyTypeObject, tp_finalize, TypeObject, finalize);
_Static_assert(offsetof(PyHeapTypeObject, ht_cached_keys) == HEAP_TYPE_KEYS, "keys of a heap type");
_Static_assert(Py_TPFLAGS_IS_ABSTRACT == TYPE_FLAG_ABSTRACT, "abstract types");
SAME(PyFloatObject, ob_fval, FloatObject, value);
SAME(PyListObject, ob_item, ListObject, items);
SAME(PyListObject, allocated, ListObject, allocated);
SAME(PyTupleObject, ob_item, TupleObject, items);
SAME(PyBytesObject, ob_sval, BytesObject, value);
SAME(PyByteArrayObject, ob_alloc, ByteArrayObject, allocated);
SAME(PyByteArrayObject, ob_bytes, ByteArrayObject, bytes);
SAME(PyByteArrayObject, ob_start, ByteArrayObject, start);
SAME_PLACE(PyByteArrayObject, ob_exports, ByteArrayObject, exports);
SAME(PyASCIIObject, length, StrObject, length);
SAME(PyASCIIObject, hash, StrObject, hash);
SAME_PLACE(PyASCIIObject, state, StrObject, state);
_Static_assert(sizeof(PyASCIIObject) == sizeof(StrObject), "str");
_Static_assert(sizeof(PyCompactUnicodeObject) == sizeof(CompactStrObject), "compact str");
SAME(PyDictObject, ma_used, DictObject, used);
SAME(PyDictObject, ma_keys, DictObject, keys);
SAME(PyDictObject, ma_values, DictObject, values);
SAME(PyDictKeysObject, dk_log2_size, DictKeys, log2_size);
SAME(PyDictKeysObject, dk_log2_index_bytes, DictKeys, log2_index_bytes);
SAME(PyDictKeysObject, dk_kind, DictKeys, kind);
SAME(PyDictKeysObject, dk_version, DictKeys, version);
SAME(PyDictKeysObject, dk_usable, DictKeys, usable);
SAME(PyDictKeysObject, dk_nentries, DictKeys, entry_count);
SAME_PLACE(PyDictKeysObject, dk_indices, DictKeys, indices);
SAME(struct _dictvalues, values, DictValues, values);
SAME(PyCellObject, ob_ref, CellObject, content);
SAME(PyModuleObject, md_dict, ModuleObject, dict);
SAME(PyMethodObject, im_func, MethodObject, function);
SAME(PyMethodObject, im_self, MethodObject, self);
SAME(PyCFunctionObject, m_ml, BuiltinObject, definition);
SAME(PyCFunctionObject, m_self, BuiltinObject, self);
SAME(PyCFunctionObject, m_module, BuiltinObject, module);
SAME(PyMethodDef, ml_flags, MethodDef, flags);
SAME(PyMethodDescrObject, d_method, MethodDescrObject, definition);
SAME(PyDescrObject, d_type, MethodDescrObject, owner);
SAME(PyDescrObject, d_name, MethodDescrObject, name);
SAME(PyFunctionObject, func_globals, FunctionObject, globals);
SAME(PyFunctionObject, func_builtins, FunctionObject, builtins);
SAME(PyFunctionObject, func_code, FunctionObject, code);
SAME(PyFunctionObject, func_defaults, FunctionObject, defaults);
SAME(PyFunctionObject, func_kwdefaults, FunctionObject, kwdefaults);
SAME(PyFunctionObject, func_closure, FunctionObject, closure);
SAME(PyFunctionObject, vectorcall, FunctionObject, vectorcall);
SAME(PyFunctionObject, func_version, FunctionObject, version);
SAME(PyCodeObject, co_consts, CodeObject, consts);
SAME(PyCodeObject, co_names, CodeObject, names);
SAME(PyCodeObject, co_exceptiontable, CodeObject, exceptiontable);
SAME(PyCodeObject, co_flags, CodeObject, flags);
SAME(PyCodeObject, co_argcount, CodeObject, argcount);
SAME(PyCodeObject, co_posonlyargcount, CodeObject, posonlyargcount);
SAME(PyCodeObject, co_kwonlyargcount, CodeObject, kwonlyargcount);
SAME(PyCodeObject, co_stacksize, CodeObject, stacksize);
SAME(PyCodeObject, co_firstlineno, CodeObject, firstlineno);
SAME(PyCodeObject, co_nlocalsplus, CodeObject, nlocalsplus);
SAME(PyCodeObject, co_nlocals, CodeObject, nlocals);
SAME(PyCodeObject, co_ncellvars, CodeObject, ncellvars);
SAME(PyCodeObject, co_nfreevars, CodeObject, nfreevars);
SAME(PyCodeObject, co_localsplusnames, CodeObject, localsplusnames);
SAME(PyCodeObject, co_localspluskinds, CodeObject, localspluskinds);
SAME(PyCodeObject, co_filename, CodeObject, filename);
SAME(PyCodeObject, co_name, CodeObject, name);
SAME(PyCodeObject, co_qualname, CodeObject, qualname);
SAME(PyCodeObject, co_linetable, CodeObject, linetable);
SAME(PyCodeObject, _co_firsttraceable, CodeObject, first_traceable);
SAME_PLACE(PyCodeObject, co_code_adaptive, CodeObject, code);
SAME(_PyInterpreterFrame, previous, Frame, previous);
SAME(_PyInterpreterFrame, f_globals, Frame, globals);
SAME(_PyInterpreterFrame, f_builtins, Frame, builtins);
SAME(_PyInterpreterFrame, f_locals, Frame, f_locals);
SAME(_PyInterpreterFrame, frame_obj, Frame, frame_object);
SAME(_PyInterpreterFrame, owner, Frame, owner);
SAME(_PyInterpreterFrame, localsplus, Frame, localsplus);
_Static_assert(sizeof(_PyInterpreterFrame) == sizeof(Frame), "frame");
SAME(PyFrameObject, f_back, FrameObject, back);
SAME(PyFrameObject, f_frame, FrameObject, frame);
SAME(PyFrameObject, f_trace, FrameObject, trace);
SAME(PyFrameObject, _f_frame_data, FrameObject, frame_data);
SAME(_PyStackChunk, previous, StackChunk, previous);
SAME(_PyStackChunk, size, StackChunk, size);
SAME(_PyStackChunk, top, StackChunk, top);
SAME(_PyStackChunk, data, StackChunk, data);
SAME(PyThreadState, interp, ThreadState, interpreter);
SAME(PyThreadState, recursion_headroom, ThreadState, recursion_headroom);
SAME(PyThreadState, tracing, ThreadState, tracing);
SAME(PyThreadState, c_profilefunc, ThreadState, c_profilefunc);
SAME(PyThreadState, c_tracefunc, ThreadState, c_tracefunc);
SAME(PyThreadState, exc_info, ThreadState, exc_info);
SAME(PyThreadState, thread_id, ThreadState, thread_id);
SAME(PyThreadState, datastack_chunk, ThreadState, datastack_chunk);
SAME(PyThreadState, datastack_top, ThreadState, datastack_top);
SAME(PyThreadState, datastack_limit, ThreadState, datastack_limit);
_Static_assert(FRAME_OWNED_BY_THREAD == 0, "owners");

#if ARMATURE_LAYOUT == 311
SAME(PyLongObject, ob_digit, LongObject, digits);
SAME(PyCodeObject, _co_code, CodeObject, cached_code);
SAME(_PyInterpreterFrame, f_func, Frame, function);
SAME(_PyInterpreterFrame, f_code, Frame, code);
SAME(_PyInterpreterFrame, prev_instr, Frame, prev_instr);
SAME(_PyInterpreterFrame, stacktop, Frame, stacktop);
SAME(_PyInterpreterFrame, is_entry, Frame, is_entry);
SAME(PyThreadState, recursion_remaining, ThreadState, recursion_remaining);
SAME(PyThreadState, recursion_limit, ThreadState, recursion_limit);
SAME(PyThreadState, cframe, ThreadState, cframe);
SAME(PyThreadState, curexc_type, ThreadState, curexc_type);
SAME(PyThreadState, curexc_value, ThreadState, curexc_value);
SAME(PyThreadState, curexc_traceback, ThreadState, curexc_traceback);
SAME(_PyCFrame, use_tracing, CFrame, use_tracing);
SAME(_PyCFrame, current_frame, CFrame, current_frame);
SAME(_PyCFrame, previous, CFrame, previous);
_Static_assert(offsetof(PyInterpreterState, ceval.eval_breaker) == INTERPRETER_EVAL_BREAKER, "eval breaker");
_Static_assert(offsetof(PyInterpreterState, gc.enabled) == INTERPRETER_COLLECTS, "collector");
_Static_assert(offsetof(PyInterpreterState, gc.generations) == INTERPRETER_YOUNGEST, "youngest generation");
_Static_assert(offsetof(PyInterpreterState, gc.generation0) == INTERPRETER_YOUNGEST_POINTER, "pointer to the youngest generation");
SAME(struct gc_generation, threshold, Generation, threshold);
SAME(struct gc_generation, count, Generation, count);
#else
SAME(PyLongObject, long_value.lv_tag, LongObject, tag);
SAME(PyLongObject, long_value.ob_digit, LongObject, digits);
SAME(struct _dictvalues, valid, DictValues, valid);
SAME(PyCodeObject, co_framesize, CodeObject, framesize);
SAME(PyCodeObject, co_version, CodeObject, version);
SAME(PyCodeObject, _co_instrumentation_version, CodeObject, instrumentation_version);
SAME(_PyInterpreterFrame, f_executable, Frame, executable);
SAME(_PyInterpreterFrame, f_funcobj, Frame, function_slot);
SAME(_PyInterpreterFrame, instr_ptr, Frame, instr_ptr);
SAME(_PyInterpreterFrame, stackpointer, Frame, stackpointer);
SAME(_PyInterpreterFrame, return_offset, Frame, return_offset);
SAME(_PyInterpreterFrame, visited, Frame, visited);
SAME(PyThreadState, eval_breaker, ThreadState, eval_breaker);
SAME(PyThreadState, py_recursion_remaining, ThreadState, recursion_remaining);
SAME(PyThreadState, py_recursion_limit, ThreadState, recursion_limit);
SAME(PyThreadState, current_frame, ThreadState, current_frame);
SAME(PyThreadState, current_exception, ThreadState, current_exception);
SAME(_PyRangeIterObject, start, RangeIter, start);
SAME(_PyRangeIterObject, step, RangeIter, step);
SAME(_PyRangeIterObject, len, RangeIter, length);
SAME(_PyListIterObject, it_index, ListIter, index);
SAME(_PyListIterObject, it_seq, ListIter, sequence);
SAME(_PyTupleIterObject, it_index, TupleIter, index);
SAME(_PyTupleIterObject, it_seq, TupleIter, sequence);
_Static_assert((int)FRAME_OWNED_BY_INTERPRETER == 3, "owners");
_Static_assert(Py_TPFLAGS_INLINE_VALUES == TYPE_FLAG_INLINE_VALUES, "inline values");
_Static_assert(_Py_IMMORTAL_INITIAL_REFCNT == IMMORTAL_INITIAL_REFCOUNT, "immortal objects");
#endif
