/* Reading, pushing and popping interpreter frames: everything that differs between the layouts. */
#include "agent.h"

CodeObject *frame_code(Frame *f) {
#if ARMATURE_LAYOUT == 311
  return f->code;
#else
  return (CodeObject *)slot_object(f->executable);
#endif
}

FunctionObject *frame_function(Frame *f) {
#if ARMATURE_LAYOUT == 311
  return f->function;
#else
  return (FunctionObject *)slot_object(f->function_slot);
#endif
}

Frame *current_frame(ThreadState *ts) {
#if ARMATURE_LAYOUT == 311
  return ts->cframe->current_frame;
#else
  return ts->current_frame;
#endif
}

/* 3.11 keeps the current frame in a record of the C caller: that of the driver, while none of its evaluators runs. */
void set_current_frame(ThreadState *ts, Driver *d, Frame *f) {
#if ARMATURE_LAYOUT == 311
  (void)ts;
  d->cframe->current_frame = f;
#else
  (void)d;
  ts->current_frame = f;
#endif
}

i32 frame_position(Frame *f) {
#if ARMATURE_LAYOUT == 311
  return (i32)(f->prev_instr - f->code->code);
#else
  return (i32)(f->instr_ptr - frame_code(f)->code);
#endif
}

/* The interpreter goes on at this code unit. */
void frame_set_position(Frame *f, i32 offset) {
#if ARMATURE_LAYOUT == 311
  f->prev_instr = f->code->code + offset - 1;
#else
  f->instr_ptr = frame_code(f)->code + offset;
  f->return_offset = 0;
#endif
}

/* The frame stands at a call and waits for its result. */
void frame_set_waiting(Frame *f, i32 call_offset, i32 call_length) {
#if ARMATURE_LAYOUT == 311
  f->prev_instr = f->code->code + call_offset + call_length - 1;
#else
  f->instr_ptr = frame_code(f)->code + call_offset;
  f->return_offset = (u16)call_length;
#endif
}

void frame_set_depth(Frame *f, i32 depth) {
#if ARMATURE_LAYOUT == 311
  f->stacktop = f->code->nlocalsplus + depth;
#else
  f->stackpointer = f->localsplus + frame_code(f)->nlocalsplus + depth;
#endif
}

/* Which of so many operands are NULL, one bit each; those beyond 64 are not looked at. */
u64 frame_null_operands(Frame *f, i32 depth) {
  Slot *operands = f->localsplus + frame_code(f)->nlocalsplus;
  u64 nulls = 0;
  for (i32 i = 0; i < depth && i < 64; i++) nulls |= (u64)!slot_object(operands[i]) << i;
  return nulls;
}

/* What the interpreter does in a frame when a call it made has come back. NULL: the exception is raised at the call. */
void frame_receive(Frame *f, Object *result) {
#if ARMATURE_LAYOUT == 311
  if (result) f->localsplus[f->stacktop++] = (Slot)result;
#else
  if (result) {
    *f->stackpointer++ = slot_from_owned(result);
    f->instr_ptr += f->return_offset;
  }
  f->return_offset = 0;
#endif
}

/* ---- the data stack --------------------------------------------------------------------------------------------- */

#define CHUNK_SIZE (16 * 1024)
#define CHUNK_OVERHEAD 1000

static Object **chunk_push(ThreadState *ts, u64 slots) {
  u64 size = CHUNK_SIZE;
  while (size < 8 * (slots + CHUNK_OVERHEAD)) size *= 2;
  ArenaAllocator allocator;
  PyObject_GetArenaAllocator(&allocator);
  StackChunk *chunk = allocator.allocate(allocator.context, size);
  if (!chunk) return NULL;
  chunk->previous = ts->datastack_chunk;
  chunk->size = size;
  chunk->top = 0;
  if (ts->datastack_chunk) ts->datastack_chunk->top = (u64)(ts->datastack_top - &ts->datastack_chunk->data[0]);
  ts->datastack_chunk = chunk;
  ts->datastack_limit = (Object **)((char *)chunk + size);
  /* The root chunk is never popped: its first slot is left unused, as CPython does. */
  Object **start = &chunk->data[chunk->previous == NULL];
  ts->datastack_top = start + slots;
  return start;
}

Frame *datastack_push(ThreadState *ts, u64 slots) {
  if (ts->datastack_top && slots < (u64)(ts->datastack_limit - ts->datastack_top)) {
    Object **start = ts->datastack_top;
    ts->datastack_top += slots;
    return (Frame *)start;
  }
  return (Frame *)chunk_push(ts, slots);
}

#define FRAME_SPECIALS ((sizeof(Frame) - 1) / sizeof(Object *))

u64 code_frame_size(CodeObject *code) {
#if ARMATURE_LAYOUT == 311
  return (u64)code->nlocalsplus + (u64)code->stacksize + FRAME_SPECIALS;
#else
  return (u64)code->framesize;
#endif
}

/* A new frame with unbound locals; the caller links it. NULL without an exception when there is no memory. */
Frame *frame_push(ThreadState *ts, FunctionObject *function) {
  CodeObject *code = function->code;
  Frame *f = datastack_push(ts, code_frame_size(code));
  if (!f) return NULL;
  object_incref((Object *)function);
  object_incref((Object *)code);
  f->globals = function->globals;
  f->builtins = function->builtins;
  f->f_locals = NULL;
  f->frame_object = NULL;
  f->owner = FRAME_OWNED_BY_THREAD;
#if ARMATURE_LAYOUT == 311
  f->function = function;
  f->code = code;
  f->is_entry = 0;
#else
  f->function_slot = slot_from_owned((Object *)function);
  f->executable = slot_from_owned((Object *)code);
  f->visited = 0;
#endif
  frame_set_position(f, 0);
  frame_set_depth(f, 0);
  for (i32 i = 0; i < code->nlocalsplus; i++) f->localsplus[i] = SLOT_NULL;
  return f;
}

#if ARMATURE_LAYOUT == 311
static void datastack_pop(ThreadState *ts, Frame *f) {
  Object **base = (Object **)f;
  StackChunk *chunk = ts->datastack_chunk;
  if (base != &chunk->data[0]) {
    ts->datastack_top = base;
    return;
  }
  StackChunk *previous = chunk->previous;
  ts->datastack_top = &previous->data[previous->top];
  ts->datastack_limit = (Object **)((char *)previous + previous->size);
  ts->datastack_chunk = previous;
  ArenaAllocator allocator;
  PyObject_GetArenaAllocator(&allocator);
  allocator.release(allocator.context, chunk, chunk->size);
}

/* Somebody keeps the frame object: the contents move into it. */
static void give_to_frame_object(ThreadState *ts, FrameObject *object, Frame *f) {
  memcpy(object->frame_data, f, (u64)((char *)&f->localsplus[f->stacktop] - (char *)f));
  Frame *copy = (Frame *)object->frame_data;
  object->frame = copy;
  copy->owner = FRAME_OWNED_BY_FRAME_OBJECT;
  /* The current frame is already the caller, for which this makes a frame object when there is none. */
  FrameObject *back = f->previous ? PyThreadState_GetFrame(ts) : NULL;
  if (back) object->back = back;
  copy->previous = NULL;
  if (!PyObject_GC_IsTracked((Object *)object)) PyObject_GC_Track((Object *)object);
}

static void frame_release_contents(ThreadState *ts, Frame *f) {
  if (f->frame_object) {
    FrameObject *object = f->frame_object;
    f->frame_object = NULL;
    if (object->base.refcount > 1) {
      give_to_frame_object(ts, object, f);
      object_decref((Object *)object);
      return;
    }
    object_decref((Object *)object);
  }
  for (i32 i = 0; i < f->stacktop; i++) object_xdecref((Object *)f->localsplus[i]);
  object_xdecref(f->f_locals);
  object_decref((Object *)f->function);
  object_decref((Object *)f->code);
}

/* The frame has returned or raised: 3.11 leaves clearing to the C caller. It is no longer the current frame. */
void frame_finish(ThreadState *ts, Frame *f) {
  ts->cframe->current_frame = f->previous;
  ts->recursion_remaining--;
  frame_release_contents(ts, f);
  ts->recursion_remaining++;
  datastack_pop(ts, f);
}
#endif

/* On the thread's own stack: not a generator's, not the sentinel of an evaluator call. */
int frame_is_plain(Frame *f) {
  return f->owner == FRAME_OWNED_BY_THREAD;
}

/* Runs a function or module. 3.14 also pushes frames of its own, whose code lies in read-only memory. */
int frame_has_function(Frame *f) {
  return frame_is_plain(f) && frame_function(f) && type_is((Object *)frame_function(f), &PyFunction_Type);
}

/* ---- bytecode ------------------------------------------------------------------------------------------------------ */

/* Code units of the instruction at this offset, inline caches included. */
int instruction_length(CodeObject *code, i32 offset) {
  Object *bytes = PyCode_GetCode(code);
  if (!bytes) {
    PyErr_Clear();
    return 1;
  }
  const u8 *base = (const u8 *)((BytesObject *)bytes)->value;
  i32 count = (i32)code->base.size, next = offset + 1;
  while (next < count && base[2 * next] == 0) next++;
  object_decref(bytes);
  return next - offset;
}

static const u8 *read_varint(const u8 *p, const u8 *end, i32 *value) {
  i32 v = 0;
  while (p < end) {
    u8 byte = *p++;
    v = (v << 6) | (byte & 63);
    if (!(byte & 64)) break;
  }
  *value = v;
  return p;
}

/* Handler (code unit) of an exception raised at this offset, or -1. */
i32 exception_handler(CodeObject *code, i32 offset, i32 *level, i32 *lasti) {
  BytesObject *table = (BytesObject *)code->exceptiontable;
  const u8 *p = (const u8 *)table->value, *end = p + table->base.size;
  while (p < end) {
    i32 start, size, target, depth;
    p = read_varint(p, end, &start);
    p = read_varint(p, end, &size);
    p = read_varint(p, end, &target);
    p = read_varint(p, end, &depth);
    if (offset < start) break;
    if (offset < start + size) {
      *level = depth >> 1;
      *lasti = depth & 1;
      return target;
    }
  }
  return -1;
}
