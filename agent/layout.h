/*
 * Memory layouts of CPython 3.11 and 3.14 (64-bit, little endian, with GIL), written down by us.
 *
 * CPython's headers are not included, so that one agent serves every build of a version. tests/agent compares this file
 * with the real headers by static assertions; probe.c compares it with live objects before the agent touches anything.
 *
 * Shared by the agent and the stencils. Types only, inline functions only: nothing here needs a library.
 */
#ifndef ARMATURE_LAYOUT_H
#define ARMATURE_LAYOUT_H

#if !defined(ARMATURE_LAYOUT) || (ARMATURE_LAYOUT != 311 && ARMATURE_LAYOUT != 314)
#error "define ARMATURE_LAYOUT as 311 or 314"
#endif

typedef signed char i8;
typedef unsigned char u8;
typedef short i16;
typedef unsigned short u16;
typedef int i32;
typedef unsigned int u32;
typedef __INT64_TYPE__ i64;
typedef __UINT64_TYPE__ u64;
typedef i64 Ssize;

/*
 * C's own long, where CPython has one: 64 bits on Linux and macOS, 32 on Windows. ARMATURE_LLP64 gives a compiler for
 * Linux the structures of Windows.
 */
#if defined(_WIN32) || defined(ARMATURE_LLP64)
typedef i32 CLong;
typedef u32 CUnsignedLong;
#else
typedef i64 CLong;
typedef u64 CUnsignedLong;
#endif

_Static_assert(sizeof(i64) == 8 && sizeof(void *) == 8, "64-bit processors only");

/* ---- objects ------------------------------------------------------------------------------------------------ */

typedef struct TypeObject TypeObject;

#if ARMATURE_LAYOUT == 311
typedef struct Object {
  Ssize refcount;
  TypeObject *type;
} Object;
#else
typedef struct Object {
  union {
    i64 refcount_full;
    struct {
      u32 refcount;
      u16 overflow;
      u16 flags; /* bit 0: statically immortal; equals the tag bit of a slot */
    };
  };
  TypeObject *type;
} Object;
#endif

typedef struct VarObject {
  Object base;
  Ssize size;
} VarObject;

struct TypeObject {
  VarObject base;
  const char *name;
  Ssize basicsize;
  Ssize itemsize;
  void (*dealloc)(Object *);
  void *slots_1[5];
  void *as_number;   /* 96 */
  void *as_sequence;
  void *as_mapping;  /* 112 */
  void *slots_hash[6];
  CUnsignedLong flags; /* byte 168 */
  void *slots_2[8];
  struct Member *members; /* 240 */
  void *getset;
  TypeObject *tp_base; /* 256 */
  Object *dict;        /* 264; 3.12+: NULL for static builtin types */
  void *descr_get;
  void *descr_set;
  Ssize dictoffset; /* 288 */
  void *init;
  Object *(*alloc)(TypeObject *, Ssize count);
  Object *(*make)(TypeObject *, Object *arguments, Object *names); /* tp_new, 312 */
  void *slots_3[3];
  Object *mro; /* 344 */
  void *slots_4[3];
  void *del;       /* 376 */
  u32 version_tag; /* 384 */
  void *finalize;  /* 392 */
};

/* Byte offset of ht_cached_keys in a heap type. */
#if ARMATURE_LAYOUT == 314
#define HEAP_TYPE_KEYS 880
#else
#define HEAP_TYPE_KEYS 872
#endif

typedef struct FloatObject {
  Object base;
  double value;
} FloatObject;

#if ARMATURE_LAYOUT == 311
/* size: number of 30-bit digits, negative for negative numbers, 0 for zero. */
typedef struct LongObject {
  Object base;
  Ssize size;
  u32 digits[1];
} LongObject;
#else
/* tag: number of digits << 3 | sign (0 positive, 1 zero, 2 negative); compact (one digit or none) when tag < 16. */
typedef struct LongObject {
  Object base;
  u64 tag;
  u32 digits[1];
} LongObject;
#define LONG_NON_SIZE_BITS 3
#define LONG_SIGN_MASK 3
#define LONG_COMPACT_LIMIT 16
#endif
#define LONG_SHIFT 30

typedef struct ListObject {
  VarObject base;
  Object **items;
  Ssize allocated;
} ListObject;

typedef struct TupleObject {
  VarObject base;
#if ARMATURE_LAYOUT == 314
  i64 hash;
#endif
  Object *items[1];
} TupleObject;

typedef struct BytesObject {
  VarObject base;
  i64 hash;
  char value[1];
} BytesObject;

typedef struct ByteArrayObject {
  VarObject base;
  Ssize allocated;
  char *bytes;
  char *start; /* first byte of the value */
  Ssize exports;
} ByteArrayObject;

/* Every str starts so. Compact ASCII data follow the ASCII header. */
typedef struct StrObject {
  Object base;
  Ssize length;
  i64 hash;
  u32 state; /* see STR_* */
#if ARMATURE_LAYOUT == 311
  void *wstr;
#endif
} StrObject;
/* interned: 2 bits, kind: 3, compact: 1, ascii: 1. */
#define STR_KIND(s) (((s)->state >> 2) & 7)
#define STR_COMPACT(s) (((s)->state >> 5) & 1)
#define STR_ASCII(s) (((s)->state >> 6) & 1)

/* A compact str that is not ASCII: its data follow. */
typedef struct CompactStrObject {
  StrObject base;
  Ssize utf8_length;
  char *utf8;
#if ARMATURE_LAYOUT == 311
  Ssize wstr_length;
#endif
} CompactStrObject;

static inline const void *str_data(const StrObject *s) {
  return STR_ASCII(s) ? (const void *)(s + 1) : (const void *)((const CompactStrObject *)s + 1);
}
/* Code point at an index in range, of a compact str. */
static inline u32 str_code_at(const StrObject *s, Ssize index) {
  const void *data = str_data(s);
  switch (STR_KIND(s)) {
    case 1: return ((const u8 *)data)[index];
    case 2: return ((const u16 *)data)[index];
    default: return ((const u32 *)data)[index];
  }
}

typedef struct DictKeys {
  Ssize refcount;
  u8 log2_size;
  u8 log2_index_bytes;
  u8 kind; /* DICT_KEYS_* */
#if ARMATURE_LAYOUT == 314
  u8 mutex;
#endif
  u32 version; /* 0: none assigned */
  Ssize usable;
  Ssize entry_count;
  char indices[]; /* 1 << log2_index_bytes bytes, then the entries */
} DictKeys;
#define DICT_KEYS_GENERAL 0
#define DICT_KEYS_UNICODE 1
#define DICT_KEYS_SPLIT 2

typedef struct GeneralEntry {
  i64 hash;
  Object *key;
  Object *value;
} GeneralEntry;

typedef struct UnicodeEntry {
  Object *key;
  Object *value;
} UnicodeEntry;

#if ARMATURE_LAYOUT == 311
typedef struct DictValues {
  Object *values[1];
} DictValues;
#else
typedef struct DictValues {
  u8 capacity;
  u8 size;
  u8 embedded;
  u8 valid;
  Object *values[1];
} DictValues;
#endif

typedef struct DictObject {
  Object base;
  Ssize used;
  u64 version; /* 3.14: watcher bits */
  DictKeys *keys;
  DictValues *values; /* NULL: combined table */
} DictObject;

static inline UnicodeEntry *dict_unicode_entries(DictKeys *keys) {
  return (UnicodeEntry *)(keys->indices + ((u64)1 << keys->log2_index_bytes));
}
static inline GeneralEntry *dict_general_entries(DictKeys *keys) {
  return (GeneralEntry *)(keys->indices + ((u64)1 << keys->log2_index_bytes));
}

/*
 * Attribute values of an instance.
 * 3.11 (Py_TPFLAGS_MANAGED_DICT): the word 4 before the object holds the values pointer, the word 3 before it the dict.
 * 3.14 (Py_TPFLAGS_INLINE_VALUES): the values lie in the object at tp_basicsize; the dict pointer is 3 words before it.
 */
#if ARMATURE_LAYOUT == 311
static inline DictValues *instance_values(Object *o) {
  return ((DictValues **)o)[-4];
}
static inline Object *instance_dict(Object *o) {
  return ((Object **)o)[-3];
}
/* The order in which attributes came, backwards from the byte that counts them; before the values, after room for both. */
static inline int values_note_order(DictValues *values, u8 index) {
  u8 *count = (u8 *)values - 2;
  if (*count + 2 >= count[1] || index + 2 >= count[1]) return 0;
  ++*count;
  count[-*count] = index;
  return 1;
}
#else
/* The order in which attributes came lies after the values. */
static inline int values_note_order(DictValues *values, u8 index) {
  if (values->size >= values->capacity || index >= values->capacity) return 0;
  ((u8 *)&values->values[values->capacity])[values->size++] = index;
  return 1;
}
static inline DictValues *instance_values(Object *o) {
  return (DictValues *)((char *)o + o->type->basicsize);
}
static inline Object *instance_dict(Object *o) {
  return ((Object **)o)[-3];
}
#define TYPE_FLAG_INLINE_VALUES (1u << 2)
#endif
#define TYPE_FLAG_MANAGED_DICT (1u << 4)
#define TYPE_FLAG_HEAPTYPE (1u << 9)
#define TYPE_FLAG_ABSTRACT (1u << 20)
#define TYPE_FLAG_LONG_SUBCLASS (1u << 24)
#define TYPE_FLAG_TYPE_SUBCLASS (1u << 31)

#if ARMATURE_LAYOUT == 311
/* start + (index++) * step; 3.11 counts the index up to len. */
typedef struct RangeIter {
  Object base;
  CLong index;
  CLong start;
  CLong step;
  CLong length;
} RangeIter;
#else
/* start is the next item; length counts down. */
typedef struct RangeIter {
  Object base;
  CLong start;
  CLong step;
  CLong length;
} RangeIter;
#endif

/* index is -1 and sequence NULL once exhausted (3.11: index is left alone). Tuple iterators have the same shape. */
typedef struct SequenceIter {
  Object base;
  Ssize index;
  Object *sequence;
} SequenceIter;
typedef SequenceIter ListIter;
typedef SequenceIter TupleIter;

typedef struct CellObject {
  Object base;
  Object *content;
} CellObject;

typedef struct ModuleObject {
  Object base;
  Object *dict;
} ModuleObject;

typedef struct MethodObject {
  Object base;
  Object *function;
  Object *self;
} MethodObject;

typedef struct MethodDef {
  const char *name;
  void *function;
  i32 flags;
  const char *doc;
} MethodDef;

typedef struct BuiltinObject {
  Object base;
  MethodDef *definition;
  Object *self;
  Object *module;
  Object *weak_references;
  void *vectorcall;
} BuiltinObject;

typedef struct MethodDescrObject {
  Object base;
  TypeObject *owner;
  Object *name;
  Object *qualname;
  MethodDef *definition;
  void *vectorcall;
} MethodDescrObject;

typedef Object *(*VectorCall)(Object *callable, Object *const *arguments, u64 count_and_flag, Object *names);
#define VECTORCALL_ARGUMENTS_OFFSET ((u64)1 << 63)

typedef u16 CodeUnit; /* low byte: opcode, high byte: argument */

typedef struct CodeObject {
  VarObject base; /* size: number of code units */
  Object *consts;
  Object *names;
  Object *exceptiontable;
  i32 flags;
#if ARMATURE_LAYOUT == 311
  i16 warmup;
  i16 linearray_entry_size;
#endif
  i32 argcount;
  i32 posonlyargcount;
  i32 kwonlyargcount;
  i32 stacksize;
  i32 firstlineno;
  i32 nlocalsplus;
#if ARMATURE_LAYOUT == 314
  i32 framesize;
#endif
  i32 nlocals;
#if ARMATURE_LAYOUT == 311
  i32 nplaincellvars;
#endif
  i32 ncellvars;
  i32 nfreevars;
#if ARMATURE_LAYOUT == 314
  u32 version;
#endif
  Object *localsplusnames;
  Object *localspluskinds;
  Object *filename;
  Object *name;
  Object *qualname;
  Object *linetable;
  Object *weak_references;
#if ARMATURE_LAYOUT == 311
  Object *cached_code;
  char *linearray;
#else
  void *executors;
  void *cached;
  u64 instrumentation_version;
  void *monitoring;
  u64 unique_id;
#endif
  i32 first_traceable;
  void *extra;
  CodeUnit code[1];
} CodeObject;

typedef struct FunctionObject {
  Object base;
  Object *globals;
  Object *builtins;
  Object *name;
  Object *qualname;
  CodeObject *code;
  Object *defaults;
  Object *kwdefaults;
  Object *closure;
  Object *doc;
  Object *dict;
  Object *weak_references;
  Object *module;
  Object *annotations;
#if ARMATURE_LAYOUT == 314
  Object *annotate;
  Object *typeparams;
#endif
  VectorCall vectorcall;
  u32 version;
} FunctionObject;

/* ---- references ------------------------------------------------------------------------------------------------ */

/* The ints from -5 to 256 exist once. */
#define SMALL_INTEGERS_BELOW_ZERO 5
#define SMALL_INTEGERS 262

/* Releasing the last reference calls this; the caller of object_decref must be ready for any Python code to run. */
static inline void object_dealloc(Object *o) {
  o->type->dealloc(o);
}

#if ARMATURE_LAYOUT == 311
static inline int object_is_immortal(Object *o) {
  (void)o;
  return 0;
}
static inline void object_incref(Object *o) {
  o->refcount++;
}
static inline void object_decref(Object *o) {
  if (--o->refcount == 0) object_dealloc(o);
}
#else
#define IMMORTAL_INITIAL_REFCOUNT (3u << 30)
static inline int object_is_immortal(Object *o) {
  return (i32)o->refcount < 0;
}
static inline void object_incref(Object *o) {
  u32 count = o->refcount;
  if (count < IMMORTAL_INITIAL_REFCOUNT) o->refcount = count + 1;
}
static inline void object_decref(Object *o) {
  if ((i32)o->refcount < 0) return;
  if (--o->refcount == 0) object_dealloc(o);
}
#endif

/* ---- slots: locals and operand stack of a frame -------------------------------------------------------------------- */

typedef u64 Slot;

#if ARMATURE_LAYOUT == 311
#define SLOT_NULL ((Slot)0)
static inline Object *slot_object(Slot s) {
  return (Object *)s;
}
/* Takes the reference over. */
static inline Slot slot_from_owned(Object *o) {
  return (Slot)o;
}
static inline Object *slot_take(Slot s) {
  return (Object *)s;
}
static inline int slot_owns(Slot s) {
  return s != 0;
}
#else
/* Bit 0: the slot holds no reference (immortal or borrowed). Tagged small integers (bits 11) occur only on the stack. */
#define SLOT_NULL ((Slot)1)
#define SLOT_TAG_MASK ((Slot)3)
static inline Object *slot_object(Slot s) {
  return (Object *)(s & ~SLOT_TAG_MASK);
}
static inline int slot_is_tagged_int(Slot s) {
  return (s & 3) == 3;
}
static inline Slot slot_from_owned(Object *o) {
  return (Slot)o | (o->flags & 1);
}
/* An owned reference (or NULL) out of a slot that is given up. */
static inline Object *slot_take(Slot s) {
  Object *o = slot_object(s);
  if ((s & 1) && o) object_incref(o);
  return o;
}
static inline int slot_owns(Slot s) {
  return (s & 1) == 0;
}
#endif
static inline void slot_release(Slot s) {
  if (slot_owns(s)) object_decref(slot_object(s));
}

/* ---- frames and threads ----------------------------------------------------------------------------------------- */

#define FRAME_OWNED_BY_THREAD 0
#define FRAME_OWNED_BY_GENERATOR 1
#define FRAME_OWNED_BY_FRAME_OBJECT 2
#define FRAME_OWNED_BY_INTERPRETER 3 /* 3.14: the sentinel of an evaluator call */

typedef struct FrameObject FrameObject;

#if ARMATURE_LAYOUT == 311
typedef struct Frame {
  FunctionObject *function; /* strong */
  Object *globals;
  Object *builtins;
  Object *f_locals; /* strong or NULL */
  CodeObject *code; /* strong */
  FrameObject *frame_object;
  struct Frame *previous;
  CodeUnit *prev_instr; /* the unit before the next one */
  i32 stacktop;         /* from localsplus */
  u8 is_entry;
  u8 owner;
  Slot localsplus[1];
} Frame;
#else
typedef struct Frame {
  Slot executable;
  struct Frame *previous;
  Slot function_slot;
  Object *globals;
  Object *builtins;
  Object *f_locals;
  FrameObject *frame_object;
  CodeUnit *instr_ptr; /* the instruction that runs or runs next */
  Slot *stackpointer;
  u16 return_offset;
  u8 owner;
  u8 visited;
  Slot localsplus[1];
} Frame;
#endif

struct FrameObject {
  Object base;
  FrameObject *back;
  Frame *frame;
  Object *trace;
  i32 lineno;
  u8 trace_lines;
  u8 trace_opcodes;
#if ARMATURE_LAYOUT == 311
  u8 fast_as_locals;
#else
  Object *extra_locals;
  Object *locals_cache;
  Object *overwritten_fast_locals;
#endif
  Object *frame_data[1]; /* the frame itself once the object owns it */
};

typedef struct StackChunk {
  struct StackChunk *previous;
  u64 size;
  u64 top;
  Object *data[1];
} StackChunk;

#if ARMATURE_LAYOUT == 311
typedef struct CFrame {
  u8 use_tracing;
  Frame *current_frame;
  struct CFrame *previous;
} CFrame;

typedef struct ThreadState {
  struct ThreadState *prev;
  struct ThreadState *next;
  char *interpreter;
  i32 initialized;
  i32 is_static;
  i32 recursion_remaining;
  i32 recursion_limit;
  i32 recursion_headroom;
  i32 tracing;
  i64 tracing_what;
  CFrame *cframe;
  void *c_profilefunc;
  void *c_tracefunc;
  Object *c_profileobj;
  Object *c_traceobj;
  Object *curexc_type;
  Object *curexc_value;
  Object *curexc_traceback;
  void *exc_info;
  Object *dict;
  i32 gilstate_counter;
  Object *async_exc;
  CUnsignedLong thread_id, native_thread_id;
  u64 unused[16];
  StackChunk *datastack_chunk;
  Object **datastack_top;
  Object **datastack_limit;
} ThreadState;
/* Byte offsets in the interpreter state. */
#define INTERPRETER_EVAL_BREAKER 100
#define INTERPRETER_COLLECTS 660 /* i32: automatic collection is on */
#define INTERPRETER_YOUNGEST 672 /* Generation */
#define INTERPRETER_YOUNGEST_POINTER 744
#define INTERPRETER_COLLECTING 848 /* i32: the collector is at work */
typedef struct Generation {
  void *head[2];
  i32 threshold;
  i32 count;
} Generation;
typedef i32 EvalBreaker;
#define EVAL_BREAKER_MASK (~0)
#else
typedef struct ThreadState {
  struct ThreadState *prev;
  struct ThreadState *next;
  char *interpreter;
  u64 eval_breaker; /* events in the low 8 bits, the version of instrumentation above */
  u32 status;
  i32 holds_gil;
  i32 whence;
  i32 state;
  i32 recursion_remaining;
  i32 recursion_limit;
  i32 recursion_headroom;
  i32 tracing;
  i64 what_event;
  Frame *current_frame;
  void *c_profilefunc;
  void *c_tracefunc;
  Object *c_profileobj;
  Object *c_traceobj;
  Object *current_exception;
  void *exc_info;
  Object *dict;
  i32 gilstate_counter;
  Object *async_exc;
  CUnsignedLong thread_id, native_thread_id;
  u64 unused[8];
  StackChunk *datastack_chunk;
  Object **datastack_top;
  Object **datastack_limit;
} ThreadState;
typedef u64 EvalBreaker;
#define EVAL_BREAKER_MASK ((EvalBreaker)0xff)
#endif

/* ---- the activation record of compiled code (docs/execution-model.md) ---------------------------------------------- */

#define ACTIVATION_ARGUMENTS 16

typedef struct Activation {
  ThreadState *tstate;
  Frame *frame;
  Slot *locals;
  EvalBreaker *eval_breaker;
  u32 exit_id;
  u32 scratch;
  i64 int_registers[8];
  double float_registers[8];
  Object *arguments[ACTIVATION_ARGUMENTS];
  CodeUnit *instr_ptr_base;
  u64 written_locals;  /* a bit for each local, those from the 63rd on share one: written from outside, so no exit may */
  u64 instrumentation; /* 3.14: version of instrumentation at entry */
  u64 spill[];
} Activation;

#define ACTIVATION_OFFSET_CHECK(field, offset) \
  _Static_assert(__builtin_offsetof(Activation, field) == offset, "Activation." #field)
ACTIVATION_OFFSET_CHECK(tstate, 0);
ACTIVATION_OFFSET_CHECK(frame, 8);
ACTIVATION_OFFSET_CHECK(locals, 16);
ACTIVATION_OFFSET_CHECK(eval_breaker, 24);
ACTIVATION_OFFSET_CHECK(exit_id, 32);
ACTIVATION_OFFSET_CHECK(int_registers, 40);
ACTIVATION_OFFSET_CHECK(float_registers, 104);
ACTIVATION_OFFSET_CHECK(arguments, 168);
ACTIVATION_OFFSET_CHECK(instr_ptr_base, 296);
ACTIVATION_OFFSET_CHECK(written_locals, 304);
ACTIVATION_OFFSET_CHECK(instrumentation, 312);
ACTIVATION_OFFSET_CHECK(spill, 320);

#endif
