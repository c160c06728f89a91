/*
 * The driver: the C caller of evaluator calls.
 *
 * Invariant: when the evaluator is called for a frame T, every frame below T down to the base is linked through
 * `previous`, counted against the recursion limit, and waits for the result of a call. T itself is not counted.
 */
#include "agent.h"

void driver_begin(Driver *d, ThreadState *ts, Frame *base, Frame *below) {
  d->top = d->ambient = NULL;
  d->activation = NULL;
  d->osr_frame = NULL;
  d->osr_snapshot = NULL;
  d->tstate = ts;
  d->base = base;
  d->base_below = below;
#if ARMATURE_LAYOUT == 311
  d->cframe = ts->cframe;
#endif
  d->below = agent.driver;
  agent.driver = d;
}

/* The driver whose evaluator call runs this frame, if no other C code lies between. */
Driver *driver_of_evaluator(ThreadState *ts, Frame *f) {
  Driver *d = agent.driver;
  if (!d || d->tstate != ts || !d->top) return NULL;
#if ARMATURE_LAYOUT == 311
  (void)f;
  return ts->cframe->previous == d->cframe ? d : NULL;
#else
  while (f && f->owner != FRAME_OWNED_BY_INTERPRETER) f = f->previous;
  return f && d->top->previous == f && f->previous == d->ambient ? d : NULL;
#endif
}

/* No evaluator of ours runs meanwhile, and whoever asks for the callers of the frame gets them. */
static void make_current(Driver *d, Frame *f) {
  d->top = NULL;
  if (f == d->base) f->previous = d->base_below;
  set_current_frame(d->tstate, d, f);
}

static Object *evaluate(Driver *d, Frame *t, int throwflag) {
  d->top = t;
  d->ambient = t == d->base ? d->base_below : t->previous;
  set_current_frame(d->tstate, d, d->ambient);
  return _PyEval_EvalFrameDefault(d->tstate, t, throwflag);
}

EvalBreaker *eval_breaker_address(ThreadState *ts) {
#if ARMATURE_LAYOUT == 311
  return (EvalBreaker *)(ts->interpreter + INTERPRETER_EVAL_BREAKER);
#else
  return &ts->eval_breaker;
#endif
}

/* How a frame goes on that a unit was run on. RETURNED: it is gone, and the driver has the result. */
typedef enum Leaving { GOES_ON, RAISED, RETURNS, RETURNED } Leaving;

static UnitExit *exit_of(Unit *u, const Activation *a) {
  return &u->exits[a->exit_id < u->exit_count ? a->exit_id : 0];
}

/* The interpreter is still in the loop, which can be entered again at its next back edge. */
static int may_come_back(u8 kind) {
  return kind == EXIT_SAFEPOINT || kind == EXIT_DEOPT || kind == EXIT_UNSUPPORTED;
}

/* Runs a unit on frame *t and rebuilds the interpreter's frames; *t becomes the innermost. */
static Leaving run_unit(Driver *d, Frame **t, Unit *unit) {
  Frame *f = *t;
  Activation *a = __builtin_alloca_with_align(sizeof(Activation) + 8ull * unit->spill_count, 512);
  a->tstate = d->tstate;
  a->frame = f;
  a->locals = f->localsplus;
  a->eval_breaker = eval_breaker_address(d->tstate);
  a->exit_id = 0;
  a->instr_ptr_base = frame_code(f)->code;
  a->written_locals = a->instrumentation = 0;
  make_current(d, f);
  frame_set_depth(f, 0); /* the unit takes the operands over */
  d->tstate->recursion_remaining--;
  unit->running++;
  agent.native_depth++;
  Activation *below = d->activation;
  d->activation = a;
  int measured = unit_is_measured(unit);
  u64 start = measured ? now_nanoseconds() : 0;
  enter_unit(a, unit->entry);
  UnitExit *exit = exit_of(unit, a);
  u8 kind = exit->head[0];
  if (measured) unit_account(unit, start, now_nanoseconds(), kind);
  else unit->entries++;
  agent.native_depth--;
  d->result = kind == EXIT_RETURN ? unit_return(d, a, unit, exit) : NULL;
  if (d->result) {
    d->activation = below;
    unit->running--;
    return RETURNED;
  }
  int throwflag = deoptimize(d, a, unit, a->exit_id, t);
  d->activation = below;
  unit->running--;
  if (*t == f) entry_consider(unit->site, f);
  if (!throwflag && !unit->disabled && may_come_back(kind)) hunt_again(unit->site->record, f);
  return throwflag ? RAISED : kind == EXIT_RETURN && *t == d->base ? RETURNS : GOES_ON;
}

/*
 * A pending call that fails leaves the eval breaker raised, and the unit would leave at its first safepoint. What is pending
 * is served here, as the interpreter would have done at the back edge it stands at. True: something raised there.
 */
static int settle_eval_breaker(Driver *d, Frame *f, Unit *unit) {
  make_current(d, f);
  unit->running++;
  int raised = Py_MakePendingCalls() < 0;
  unit->running--;
  return raised;
}

static Object *drive_from(Driver *d, Frame *t, Leaving how) {
  for (;;) {
    if (how == RETURNED) return d->result;
    Object *result = how == RETURNS ? frame_return(d, t) : NULL;
    if (!result) result = evaluate(d, t, how == RAISED);
    if (!result && d->osr_frame) {
      Unit *unit = d->osr_unit;
      Frame *taken = d->osr_frame;
      Frame *x = osr_finish(d);
      if (x) {
        t = x;
        how = settle_eval_breaker(d, t, unit) ? RAISED : run_unit(d, &t, unit);
        continue;
      }
      /* No memory to make the frame again: as if it had raised that. */
      t = taken;
      d->ambient = d->osr_below;
    }
    /* The evaluator has returned: finalisers of the frame's locals are run by evaluators of their own. */
    d->top = NULL;
    if (t == d->base) return result;
    Frame *below = d->ambient;
#if ARMATURE_LAYOUT == 311
    frame_finish(d->tstate, t);
#endif
    frame_receive(below, result);
    back_in_hunted(below);
    d->tstate->recursion_remaining++;
    t = below;
    how = result ? GOES_ON : RAISED;
  }
}

static Object *driver_end(Driver *d, Object *result) {
  agent.driver = d->below;
  set_current_frame(d->tstate, d, d->base_below);
  if (agent.graveyard) unit_free_retired();
  return result;
}

/* Evaluates a frame that C code has made for a call, so that frames from it on can be taken away. */
Object *drive_frame(ThreadState *ts, Frame *f) {
  Driver d;
  driver_begin(&d, ts, f, current_frame(ts));
  return driver_end(&d, drive_from(&d, f, GOES_ON));
}

/* Runs the base frame to its end, starting in compiled code. */
Object *drive_unit(Driver *d, Unit *unit) {
  Frame *t = d->base;
  /* A checkpoint that is meant for the caller's loop would make the unit leave at its first safepoint. */
  int is_pending = agent.hunting > 0 && agent.checkpoint_queued && d->base_below == agent.hunted;
  Leaving how = is_pending && settle_eval_breaker(d, t, unit) ? RAISED : run_unit(d, &t, unit);
  return driver_end(d, drive_from(d, t, how));
}
