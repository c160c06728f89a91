/*
 * The driver: the C caller of evaluator calls.
 *
 * Invariant: when the evaluator is called for a frame T, every frame below T down to the base is linked through
 * `previous`, counted against the recursion limit, and waits for the result of a call. T itself is not counted.
 */
#include "agent.h"

void driver_begin(Driver *d, ThreadState *ts, Frame *base, Frame *below) {
  memset(d, 0, sizeof *d);
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

static u8 kind_of_exit(const Unit *u, u32 exit_id) {
  return u->exits[exit_id < u->exit_count ? exit_id : 0].record[0];
}

/* The interpreter is still in the loop, which can be entered again at its next back edge. */
static int may_come_back(u8 kind) {
  return kind == EXIT_SAFEPOINT || kind == EXIT_DEOPT || kind == EXIT_UNSUPPORTED;
}

/* Runs a unit on frame *t and rebuilds the interpreter's frames; *t becomes the innermost. Returns the throwflag. */
static int run_unit(Driver *d, Frame **t, Unit *unit) {
  Frame *f = *t;
  Activation *a = __builtin_alloca_with_align(sizeof(Activation) + 8ull * unit->spill_count, 512);
  memset(a, 0, sizeof(Activation) + 8ull * unit->spill_count);
  a->tstate = d->tstate;
  a->frame = f;
  a->locals = f->localsplus;
  a->eval_breaker = eval_breaker_address(d->tstate);
  a->instr_ptr_base = frame_code(f)->code;
  make_current(d, f);
  frame_set_depth(f, 0); /* the unit takes the operands over */
  d->tstate->recursion_remaining--;
  unit->running++;
  agent.native_depth++;
  Activation *below = d->activation;
  d->activation = a;
  u64 start = now_nanoseconds();
  enter_unit(a, unit->entry);
  u32 exit_id = a->exit_id;
  u8 kind = kind_of_exit(unit, exit_id);
  unit_account(unit, start, now_nanoseconds(), kind);
  agent.native_depth--;
  int throwflag = deoptimize(d, a, unit, exit_id, t);
  d->activation = below;
  unit->running--;
  if (*t == f) entry_consider(unit->site, f);
  if (!throwflag && !unit->disabled && may_come_back(kind)) hunt_again(unit->site->record, f);
  return throwflag;
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

static Object *drive_from(Driver *d, Frame *t, int throwflag) {
  for (;;) {
    Object *result = evaluate(d, t, throwflag);
    if (!result && d->osr_frame) {
      Unit *unit = d->osr_unit;
      Frame *taken = d->osr_frame;
      Frame *x = osr_finish(d);
      if (x) {
        t = x;
        throwflag = settle_eval_breaker(d, t, unit) || run_unit(d, &t, unit);
        continue;
      }
      /* No memory to make the frame again: as if it had raised that. */
      t = taken;
      d->ambient = d->osr_below;
    }
    if (t == d->base) return result;
    Frame *below = d->ambient;
#if ARMATURE_LAYOUT == 311
    frame_finish(d, t);
#endif
    frame_receive(below, result);
    back_in_hunted(below);
    d->tstate->recursion_remaining++;
    t = below;
    throwflag = !result;
  }
}

static Object *driver_end(Driver *d, Object *result) {
  agent.driver = d->below;
  set_current_frame(d->tstate, d, d->base_below);
  if (agent.graveyard) unit_free_retired();
  return result;
}

/* Runs the base frame to its end, as the evaluator would. */
Object *drive(Driver *d, int throwflag) {
  return driver_end(d, drive_from(d, d->base, throwflag));
}

/* The same, starting in compiled code. */
Object *drive_unit(Driver *d, Unit *unit) {
  Frame *t = d->base;
  /* A checkpoint that is meant for the caller's loop would make the unit leave at its first safepoint. */
  int is_pending = agent.hunting > 0 && agent.checkpoint_queued && d->base_below == agent.hunted;
  int throwflag = (is_pending && settle_eval_breaker(d, t, unit)) || run_unit(d, &t, unit);
  return driver_end(d, drive_from(d, t, throwflag));
}
