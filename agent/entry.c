/*
 * Units that start with a call.
 *
 * 3.14: the function's vectorcall is ours, which costs the rest of the program nothing.
 * 3.11: the frame hook is the only door. It stops the interpreter from inlining calls, so it stands only while there is a
 * unit behind it.
 *
 * Only functions whose prologue is one RESUME: no cells, no generators.
 */
#include "agent.h"

#define CO_OPTIMIZED 1
#define CO_NEWLOCALS 2
#define MAX_NESTING 100
#define MAX_RECURSION_LIMIT 3000 /* more, and the C stack may end before the limit does */
#define MAX_ARGUMENTS 32

static int is_traced_now(ThreadState *ts) {
#if ARMATURE_LAYOUT == 311
  return ts->cframe->use_tracing || ts->tracing;
#else
  return (ts->eval_breaker & ~EVAL_BREAKER_MASK) || ts->tracing;
#endif
}

/* The unit that may run this call, or NULL. */
static Unit *unit_for_call(ThreadState *ts, FunctionObject *f) {
  CodeRecord *r = record_find(f->code);
  Unit *u = r ? r->entry.unit : NULL;
  if (!u || u->disabled || agent.stopped || ts != agent.main_thread || is_traced_now(ts)) return NULL;
  if (f->globals != u->globals || f->builtins != u->builtins) return NULL;
  return ts->recursion_remaining > 1 && agent.native_depth < MAX_NESTING ? u : NULL;
}

int entry_is_possible(CodeObject *c) {
  if ((c->flags & (CO_OPTIMIZED | CO_NEWLOCALS)) != (CO_OPTIMIZED | CO_NEWLOCALS)) return 0;
  return c->ncellvars == 0 && c->nfreevars == 0 && agent.main_thread->recursion_limit <= MAX_RECURSION_LIMIT;
}

#define MAX_VERSIONS 5

/* Guards have failed in former calls: the arguments of this one are as good as any to compile for. */
static void ask_again(Site *s, Frame *f) {
  if (s->in_flight || s->given_up || s->versions >= MAX_VERSIONS || !agent.connected || now_nanoseconds() < s->retry_at) return;
  request_compile(s, f);
}

static Object *run_call(ThreadState *ts, Frame *f, Unit *u) {
  if (u->site->retry_at) ask_again(u->site, f);
  frame_set_position(f, u->site->offset);
  Driver d;
  driver_begin(&d, ts, f, current_frame(ts));
  return drive_unit(&d, u);
}

#if ARMATURE_LAYOUT == 314

static Slot new_slot(Object *o) {
  object_incref(o);
  return slot_from_owned(o);
}

static Object *compiled_call(Object *callable, Object *const *arguments, u64 count_and_flag, Object *names) {
  FunctionObject *f = (FunctionObject *)callable;
  ThreadState *ts = PyThreadState_Get();
  u64 count = count_and_flag & ~VECTORCALL_ARGUMENTS_OFFSET, total = count + (names ? (u64)((VarObject *)names)->size : 0);
  Unit *u = total <= MAX_ARGUMENTS ? unit_for_call(ts, f) : NULL;
  if (!u) return agent.plain_vectorcall(callable, arguments, count_and_flag, names);
  Slot slots[MAX_ARGUMENTS];
  for (u64 i = 0; i < total; i++) slots[i] = new_slot(arguments[i]);
  Frame *frame = _PyEvalFramePushAndInit(ts, new_slot(callable), NULL, slots, count, names, NULL);
  return frame ? run_call(ts, frame, u) : NULL;
}

void entry_install(Unit *u) {
  FunctionObject *f = u->site->function;
  if (f && f->vectorcall == agent.plain_vectorcall) PyFunction_SetVectorcall(f, compiled_call);
}

void entry_remove(Site *s) {
  FunctionObject *f = s->function;
  if (f && f->vectorcall == compiled_call) PyFunction_SetVectorcall(f, agent.plain_vectorcall);
}

#else

/* Functions with loops get a driver too, so that their loops can be entered as before. */
static Object *entry_hook(ThreadState *ts, Frame *f, int throwflag) {
  if (throwflag || ts != agent.main_thread || !frame_has_function(f) || f->prev_instr != f->code->code - 1)
    return _PyEval_EvalFrameDefault(ts, f, throwflag);
  Unit *u = unit_for_call(ts, f->function);
  if (u) return run_call(ts, f, u);
  CodeRecord *r = record_find(f->code);
  if (!r || r->excluded || !r->loop_count || agent.stopped) return _PyEval_EvalFrameDefault(ts, f, throwflag);
  Driver d;
  driver_begin(&d, ts, f, current_frame(ts));
  return drive(&d, 0);
}

void entry_install(Unit *u) {
  (void)u;
  if (agent.hook_installed) return;
  if (_PyInterpreterState_GetEvalFrameFunc(agent.interpreter) != _PyEval_EvalFrameDefault) return;
  agent.hook_installed = 1;
  _PyInterpreterState_SetEvalFrameFunc(agent.interpreter, entry_hook);
}

void entry_remove(Site *s) {
  (void)s;
  if (!agent.hook_installed) return;
  for (Unit *u = agent.units; u; u = u->next)
    if (u->site->is_entry && !u->disabled) return;
  agent.hook_installed = 0;
  if (_PyInterpreterState_GetEvalFrameFunc(agent.interpreter) == entry_hook)
    _PyInterpreterState_SetEvalFrameFunc(agent.interpreter, _PyEval_EvalFrameDefault);
}

#endif

#define RETURNS_BEFORE_ENTRY 3
#define SAMPLES_BEFORE_ENTRY 2

static void ask(Site *s, Frame *f) {
  if (s->in_flight || s->given_up || s->versions || s->unit || !agent.connected) return;
  FunctionObject *function = frame_function(f);
  if (!entry_is_possible(function->code)) {
    s->given_up = 1;
    return;
  }
  object_incref((Object *)function);
  s->function = function;
  request_compile(s, f);
}

/* A loop of this frame ran to the function's end: is the function called again and again? */
void entry_consider(Site *loop, Frame *f) {
  if (!loop->is_entry && loop->returns >= RETURNS_BEFORE_ENTRY) ask(&loop->record->entry, f);
}

/*
 * A hot loop in a frame that C code called, compiled code perhaps, and that cannot be taken away from its evaluator. If its
 * function is called again, that call can begin in compiled code.
 */
void entry_consider_callee(Site *loop, Frame *f) {
  Site *s = &loop->record->entry;
  if (++s->samples >= SAMPLES_BEFORE_ENTRY || agent.threshold_zero) ask(s, f);
}
