/*
 * Units that run to their function's end.
 *
 * An evaluator called for RETURN_VALUE alone costs as much as a short function does, so what it would do is done here, unless
 * somebody watches returns: a tracer of 3.11, or instrumentation, which has written another instruction there.
 *
 * Nor is the frame rebuilt where nobody can see it again: no frame object is there, and numbers in registers would be made
 * objects only to be dropped.
 */
#include "agent.h"

#define OP_RETURN_VALUE (ARMATURE_LAYOUT == 311 ? 83 : 35)

static int is_plain_return(ThreadState *ts, Frame *f) {
#if ARMATURE_LAYOUT == 311
  if (ts->cframe->use_tracing) return 0;
  return (u8)f->prev_instr[1] == OP_RETURN_VALUE;
#else
  (void)ts;
  return (u8)*f->instr_ptr == OP_RETURN_VALUE;
#endif
}

/* The frame is current and stands before a return. Its result; the frame is gone, on 3.11 as soon as the caller clears it. */
static Object *leave_frame(Driver *d, Frame *f, Object *result) {
#if ARMATURE_LAYOUT == 311
  (void)d;
  f->prev_instr++;
#else
  set_current_frame(d->tstate, d, d->base_below);
  _PyEval_FrameClearAndPop(d->tstate, f);
#endif
  return result;
}

/* Of the base frame, which an exit has rebuilt; NULL: the evaluator has to do it, nothing was done. */
Object *frame_return(Driver *d, Frame *f) {
  if (!is_plain_return(d->tstate, f)) return NULL;
#if ARMATURE_LAYOUT == 311
  return leave_frame(d, f, (Object *)f->localsplus[--f->stacktop]);
#else
  return leave_frame(d, f, slot_object(*--f->stackpointer));
#endif
}

/* The same without rebuilding it. NULL: it has to be, nothing was done. */
Object *unit_return(Driver *d, Activation *a, Unit *u, UnitExit *exit) {
  Frame *f = a->frame;
  /* What the loop's function is to be asked about happens in the other case only. */
  if (!exit->result || !u->site->is_entry || f->frame_object || f != d->base) return NULL;
  frame_set_position(f, (i32)read_u32(exit->head + 4));
  if (!is_plain_return(d->tstate, f)) return NULL;
  Object *home = exit->result_home < 0 ? NULL : slot_object(f->localsplus[exit->result_home]);
  Object *result = exit_value(a, u, exit->result, home);
  if (!result) return NULL;
  exit->taken++;
  u->site->returns++;
  d->tstate->recursion_remaining++;
  return leave_frame(d, f, result);
}
