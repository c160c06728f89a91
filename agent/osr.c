/*
 * Taking a running frame away from the evaluator, to run compiled code on it.
 *
 * A pending call sets a private exception and fails; the evaluator unwinds the frame and returns NULL to our driver. To
 * keep handlers, tracebacks and frame objects out of it, the code object says meanwhile that it has no handlers and that
 * its frame is not complete. Nothing else runs between osr_begin and osr_finish.
 *
 * 3.11: `is_entry` makes the evaluator return and leave the frame as it is; it only releases the operands.
 * 3.14: the evaluator clears and pops the frame; its contents were moved out before and are moved back.
 */
#include "agent.h"

static void raise_private_exception(ThreadState *ts) {
  object_incref(agent.private_exception);
#if ARMATURE_LAYOUT == 311
  ts->curexc_type = object_new_reference((Object *)agent.private_exception->type);
  ts->curexc_value = agent.private_exception;
  ts->curexc_traceback = NULL;
#else
  ts->current_exception = agent.private_exception;
#endif
}

static void hide_from_unwinder(Driver *d, CodeObject *code) {
  d->osr_exception_table = code->exceptiontable;
  d->osr_first_traceable = code->first_traceable;
  code->exceptiontable = agent.empty_bytes;
  code->first_traceable = 0x7fffffff;
}

static void show_again(Driver *d, CodeObject *code) {
  code->exceptiontable = d->osr_exception_table;
  code->first_traceable = d->osr_first_traceable;
}

#if ARMATURE_LAYOUT == 311

int osr_begin(Driver *d, Frame *x, Site *site) {
  for (i32 i = 0; i < site->depth; i++) {
    Object *o = (Object *)x->localsplus[x->code->nlocalsplus + i];
    if (o) object_incref(o);
  }
  x->is_entry = 1;
  d->osr_frame = x;
  d->osr_unit = site->unit;
  hide_from_unwinder(d, x->code);
  raise_private_exception(d->tstate);
  return -1;
}

Frame *osr_finish(Driver *d) {
  Frame *x = d->osr_frame;
  show_again(d, x->code);
  /* The operands are still in their places, with the references added before. */
  frame_set_depth(x, d->osr_unit->site->depth);
  d->osr_frame = NULL;
  PyErr_Clear();
  return x;
}

#else

/* The references move into the snapshot; the frame keeps only what the evaluator needs to clear it. */
static int move_out(Driver *d, Frame *x) {
  u64 size = (u64)((char *)x->stackpointer - (char *)x);
  d->osr_snapshot = malloc(size);
  if (!d->osr_snapshot) return 0;
  d->osr_snapshot_size = size;
  memcpy(d->osr_snapshot, x, size);
  CodeObject *code = frame_code(x);
  for (i32 i = 0; i < code->nlocalsplus; i++) x->localsplus[i] = SLOT_NULL;
  x->stackpointer = x->localsplus + code->nlocalsplus;
  x->f_locals = NULL;
  x->frame_object = NULL;
  if (slot_owns(x->executable)) object_incref((Object *)code);
  if (slot_owns(x->function_slot)) object_incref(slot_object(x->function_slot));
  return 1;
}

int osr_begin(Driver *d, Frame *x, Site *site) {
  if (!move_out(d, x)) return 0;
  d->osr_frame = x;
  d->osr_unit = site->unit;
  if (x == d->top) {
    d->osr_below = d->ambient;
  } else {
    d->osr_below = x->previous;
    Frame *s = &d->sentinel;
    memset(s, 0, sizeof *s);
    s->executable = (Slot)NONE | 1;
    s->function_slot = (Slot)NONE | 1;
    s->previous = x->previous;
    s->instr_ptr = x->instr_ptr;
    s->owner = FRAME_OWNED_BY_INTERPRETER;
    s->localsplus[0] = SLOT_NULL;
    s->stackpointer = s->localsplus;
    x->previous = s;
  }
  hide_from_unwinder(d, frame_code(x));
  raise_private_exception(d->tstate);
  return -1;
}

Frame *osr_finish(Driver *d) {
  Frame *saved = d->osr_snapshot;
  CodeObject *code = frame_code(saved);
  show_again(d, code);
  PyErr_Clear();
  if (d->osr_frame != d->top) d->top->previous = d->ambient;
  Frame *x = datastack_push(d->tstate, code_frame_size(code));
  if (x) {
    memcpy(x, saved, d->osr_snapshot_size);
    x->previous = d->osr_below;
    x->stackpointer = (Slot *)((char *)x + d->osr_snapshot_size);
    if (x->frame_object) x->frame_object->frame = x;
    if (d->base == d->osr_frame) d->base = x;
  } else {
    PyErr_NoMemory();
  }
  free(saved);
  d->osr_snapshot = NULL;
  d->osr_frame = NULL;
  return x;
}

#endif
