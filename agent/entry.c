/*
 * Units that start with a call.
 *
 * The function's vectorcall is ours, which costs the rest of the program nothing; compiled code goes in by itself.
 * 3.11: the interpreter does not look at the vectorcall of what it calls, only C code does. For the interpreter the frame hook is
 * the only door. It stops the interpreter from inlining calls and from handing arguments over, so it stands only while there is a
 * unit behind it that the interpreter was seen to call.
 *
 * Only functions that make no cells and are no generators: their prologue is a RESUME, perhaps after COPY_FREE_VARS.
 */
#include "agent.h"

#define CO_OPTIMIZED 1
#define CO_NEWLOCALS 2
#define CO_VARARGS 4
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

static void set_vectorcall(FunctionObject *f, VectorCall call) {
#if ARMATURE_LAYOUT == 311
  f->vectorcall = call;
#else
  PyFunction_SetVectorcall(f, call);
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
  return c->ncellvars == 0 && agent.main_thread->recursion_limit <= MAX_RECURSION_LIMIT;
}

static Object *compiled_call(Object *callable, Object *const *arguments, u64 count_and_flag, Object *names);

static void open_to_c_code(Site *s) {
  FunctionObject *f = s->function;
  if (f && f->vectorcall == agent.plain_vectorcall) set_vectorcall(f, compiled_call);
}

static void close_to_c_code(Site *s) {
  FunctionObject *f = s->function;
  if (f && f->vectorcall == compiled_call) set_vectorcall(f, agent.plain_vectorcall);
}

/* What the instruction COPY_FREE_VARS does. */
static void copy_free_variables(Frame *f) {
  CodeObject *c = frame_code(f);
  if (!c->nfreevars) return;
  Object **cells = ((TupleObject *)frame_function(f)->closure)->items;
  for (i32 i = 0; i < c->nfreevars; i++) f->localsplus[c->nlocalsplus - c->nfreevars + i] = slot_from_owned(object_new_reference(cells[i]));
}

static Object *run_call(ThreadState *ts, Frame *f, Unit *u) {
  copy_free_variables(f);
  /* Guards have failed in former calls: the arguments of this one are as good as any to compile for. */
  if (u->site->retry_at && site_wants_request(u->site)) request_compile(u->site, f);
  frame_set_position(f, u->site->offset);
  Driver d;
  driver_begin(&d, ts, f, current_frame(ts));
  Object *result = drive_unit(&d, u);
  back_in_hunted(current_frame(ts));
  return result;
}

#if ARMATURE_LAYOUT == 314

static Slot new_slot(Object *o) {
  object_incref(o);
  return slot_from_owned(o);
}

/* A door that no site knows of, behind which there is no unit any more. */
static void close_closure(FunctionObject *f) {
  const CodeRecord *r = record_find(f->code);
  if (f->closure && (!r || !r->entry.unit || r->entry.unit->disabled)) set_vectorcall(f, agent.plain_vectorcall);
}

static Object *compiled_call(Object *callable, Object *const *arguments, u64 count_and_flag, Object *names) {
  FunctionObject *f = (FunctionObject *)callable;
  ThreadState *ts = PyThreadState_Get();
  u64 count = count_and_flag & ~VECTORCALL_ARGUMENTS_OFFSET, total = count + (names ? (u64)((VarObject *)names)->size : 0);
  Unit *u = total <= MAX_ARGUMENTS ? unit_for_call(ts, f) : NULL;
  if (!u) {
    close_closure(f);
    return agent.plain_vectorcall(callable, arguments, count_and_flag, names);
  }
  Slot slots[MAX_ARGUMENTS];
  for (u64 i = 0; i < total; i++) slots[i] = new_slot(arguments[i]);
  Frame *frame = _PyEvalFramePushAndInit(ts, new_slot(callable), NULL, slots, count, names, NULL);
  return frame ? run_call(ts, frame, u) : NULL;
}

/* A closure may have no door of its own yet. */
static int may_have_unit(const FunctionObject *f) {
  return f->vectorcall == compiled_call || f->closure;
}

/* Nobody else has a say in calls of the function. */
static int is_called_plainly(const FunctionObject *f) {
  return (f->vectorcall == agent.plain_vectorcall || f->vectorcall == compiled_call) && f->code->flags & CO_OPTIMIZED &&
         _PyInterpreterState_GetEvalFrameFunc(agent.interpreter) == _PyEval_EvalFrameDefault;
}

/*
 * Calls a Python function as the interpreter does, which hands arguments over; those that the caller keeps are borrowed, as
 * LOAD_FAST_BORROW does it. False: somebody else has a say in the call, and nothing was done.
 */
int call_function(FunctionObject *f, Object **arguments, u64 count, Object *names, u32 handed_over, Object **result) {
  u64 total = count + (names ? (u64)((VarObject *)names)->size : 0);
  if (total > MAX_ARGUMENTS || !is_called_plainly(f)) return 0;
  ThreadState *ts = PyThreadState_Get();
  Unit *u = may_have_unit(f) ? unit_for_call(ts, f) : NULL;
  Slot slots[MAX_ARGUMENTS];
  for (u64 i = 0; i < total; i++) slots[i] = handed_over >> i & 1 ? slot_from_owned(arguments[i]) : (Slot)arguments[i] | 1;
  Frame *frame = _PyEvalFramePushAndInit(ts, new_slot((Object *)f), NULL, slots, count, names, NULL);
  *result = !frame ? NULL : u ? run_call(ts, frame, u) : _PyEval_EvalFrameDefault(ts, frame, 0);
  return 1;
}

/* A tuple of the keys of a dict; NULL when not all of them are text, or there is no memory. */
static Object *names_in(Object *by_name) {
  Object *names = PyTuple_New(PyDict_Size(by_name)), *key, *value;
  Ssize place = 0;
  for (u64 n = 0; names && PyDict_Next(by_name, &place, &key, &value); n++) {
    ((TupleObject *)names)->items[n] = object_new_reference(key);
    if (type_is(key, &PyUnicode_Type)) continue;
    object_decref(names);
    return NULL;
  }
  return names;
}

static Frame *push_unpacked(ThreadState *ts, FunctionObject *f, TupleObject *arguments, Object *by_name, Object *names) {
  u64 count = (u64)arguments->base.size, total = count;
  Slot few[MAX_ARGUMENTS], *slots = few;
  u64 needed = count + (names ? (u64)((VarObject *)names)->size : 0);
  if (needed > MAX_ARGUMENTS && !(slots = PyMem_Malloc(needed * sizeof *slots))) {
    PyErr_NoMemory();
    return NULL;
  }
  for (u64 i = 0; i < count; i++) slots[i] = new_slot(arguments->items[i]);
  Object *key, *value;
  for (Ssize place = 0; names && PyDict_Next(by_name, &place, &key, &value);) slots[total++] = new_slot(value);
  Frame *frame = _PyEvalFramePushAndInit(ts, new_slot((Object *)f), NULL, slots, count, names, NULL);
  if (slots != few) PyMem_Free(slots);
  return frame;
}

/*
 * The same where the arguments are the items of a tuple and of a dict (NULL: there is none). Where these are handed over, they end
 * before the function begins: it may be the one to let go of an argument.
 */
int call_function_unpacked(FunctionObject *f, Object **tuple_and_dict, u64 count, u32 handed_over, Object **result) {
  if (!is_called_plainly(f)) return 0;
  Object *by_name = count > 1 && PyDict_Size(tuple_and_dict[1]) > 0 ? tuple_and_dict[1] : NULL, *names = NULL;
  if (by_name && !(names = names_in(by_name))) {
    PyErr_Clear();
    return 0;
  }
  ThreadState *ts = PyThreadState_Get();
  Frame *frame = push_unpacked(ts, f, (TupleObject *)tuple_and_dict[0], by_name, names);
  object_xdecref(names);
  release_handed_over(tuple_and_dict, handed_over);
  /* Whoever died may have given the function other code. */
  Unit *u = frame && may_have_unit(f) && frame_code(frame) == f->code ? unit_for_call(ts, f) : NULL;
  *result = !frame ? NULL : u ? run_call(ts, frame, u) : _PyEval_EvalFrameDefault(ts, frame, 0);
  return 1;
}

void entry_install(Unit *u) {
  open_to_c_code(u->site);
}

void entry_remove(Site *s) {
  close_to_c_code(s);
}

#else

#define CO_NOT_SIMPLE (8 | 0x20 | 0x80 | 0x200) /* **more, generators, coroutines */

/* Finds the parameter of each argument; NULL where a default has to serve. False: too intricate, or wrong. */
static int bind_arguments(FunctionObject *f, u64 count, Object *names, i32 *sources) {
  CodeObject *c = f->code;
  Ssize by_name = names ? ((VarObject *)names)->size : 0;
  if ((c->flags & CO_NOT_SIMPLE) || !(c->flags & CO_OPTIMIZED) || c->kwonlyargcount || c->argcount > MAX_ARGUMENTS) return 0;
  if (count > (u64)c->argcount && !(c->flags & CO_VARARGS)) return 0;
  for (i32 i = 0; i < c->argcount; i++) sources[i] = (u64)i < count ? i : -1;
  for (Ssize n = 0; n < by_name; n++) {
    i32 at = c->posonlyargcount;
    while (at < c->argcount && ((TupleObject *)c->localsplusnames)->items[at] != ((TupleObject *)names)->items[n]) at++;
    if (at == c->argcount || sources[at] >= 0) return 0;
    sources[at] = (i32)count + (i32)n;
  }
  Ssize defaults = f->defaults ? ((VarObject *)f->defaults)->size : 0;
  for (i32 i = 0; i < c->argcount; i++)
    if (sources[i] < 0 && i < c->argcount - defaults) return 0;
  return 1;
}

/* `handed_over` has a bit for each of the first arguments. */
static Object *argument(Object *const *arguments, u64 i, u32 handed_over) {
  if (i >= MAX_ARGUMENTS || !(handed_over >> i & 1)) object_incref(arguments[i]);
  return arguments[i];
}

static u64 further_arguments(const CodeObject *c, u64 count) {
  return count > (u64)c->argcount ? count - (u64)c->argcount : 0;
}

/* Calls a Python function as the interpreter does, which hands arguments over. False: nothing was done. */
int call_function(FunctionObject *f, Object **arguments, u64 count, Object *names, u32 handed_over, Object **result) {
  i32 sources[MAX_ARGUMENTS];
  if ((f->vectorcall != agent.plain_vectorcall && f->vectorcall != compiled_call) || !bind_arguments(f, count, names, sources)) return 0;
  u64 rest = further_arguments(f->code, count);
  Object *others = NULL;
  if (f->code->flags & CO_VARARGS) {
    others = PyTuple_New((Ssize)rest);
    /* That may have run a collection, and a finaliser may have given the function other code. */
    if (!others || !(f->code->flags & CO_VARARGS) || further_arguments(f->code, count) != rest || !bind_arguments(f, count, names, sources)) {
      object_xdecref(others);
      PyErr_Clear();
      return 0;
    }
  }
  i32 parameters = f->code->argcount;
  ThreadState *ts = PyThreadState_Get();
  Frame *frame = frame_push(ts, f);
  if (!frame) {
    object_xdecref(others);
    PyErr_Clear();
    return 0;
  }
  for (i32 i = 0; i < parameters; i++) {
    if (sources[i] >= 0) frame->localsplus[i] = slot_from_owned(argument(arguments, (u64)sources[i], handed_over));
    else frame->localsplus[i] = slot_from_owned(object_new_reference(((TupleObject *)f->defaults)->items[((VarObject *)f->defaults)->size - (parameters - i)]));
  }
  if (others) frame->localsplus[parameters] = slot_from_owned(others);
  for (u64 i = 0; i < rest; i++) ((TupleObject *)others)->items[i] = argument(arguments, (u64)parameters + i, handed_over);
  Unit *u = unit_for_call(ts, f);
  *result = u ? run_call(ts, frame, u) : _PyInterpreterState_GetEvalFrameFunc(agent.interpreter)(ts, frame, 0);
  frame_finish(ts, frame);
  return 1;
}

static Object *compiled_call(Object *callable, Object *const *arguments, u64 count_and_flag, Object *names) {
  FunctionObject *f = (FunctionObject *)callable;
  Object *result;
  if (unit_for_call(PyThreadState_Get(), f) && call_function(f, (Object **)arguments, count_and_flag & ~VECTORCALL_ARGUMENTS_OFFSET, names, 0, &result))
    return result;
  return agent.plain_vectorcall(callable, arguments, count_and_flag, names);
}

#define CALLS_JUDGED 1024
#define CALLS_PER_ENTRY 3 /* a hook that finds a unit less often costs more than it is worth */
#define SHORTEST_HOOK_PAUSE 20000000ull /* nanoseconds */
#define LONGEST_HOOK_PAUSE 2000000000ull

static Object *entry_hook(ThreadState *, Frame *, int throwflag);

static void remove_hook(void) {
  if (!agent.hook_installed) return;
  agent.hook_installed = 0;
  if (_PyInterpreterState_GetEvalFrameFunc(agent.interpreter) == entry_hook)
    _PyInterpreterState_SetEvalFrameFunc(agent.interpreter, _PyEval_EvalFrameDefault);
}

/*
 * Every call of the program pays for the hook, and few may lead to a unit:
 *
 *   for test in tests: run(test)      a unit of a hundred calls, with a million calls in them
 *
 * Then it goes, and comes back after a while, for the program may have come to another part by then.
 */
static void judge_hook(int is_entry) {
  agent.hook_entries += (u32)is_entry;
  if (++agent.hook_calls < CALLS_JUDGED) return;
  if (agent.hook_entries * CALLS_PER_ENTRY >= CALLS_JUDGED || agent.threshold_zero) {
    agent.hook_pause = 0;
  } else {
    remove_hook();
    agent.hook_pause = !agent.hook_pause ? SHORTEST_HOOK_PAUSE : agent.hook_pause < LONGEST_HOOK_PAUSE ? 2 * agent.hook_pause : agent.hook_pause;
    agent.next_hook = now_nanoseconds() + agent.hook_pause;
  }
  agent.hook_calls = agent.hook_entries = 0;
}

/* Functions with loops get a driver too, so that their loops can be entered as before. */
static Object *entry_hook(ThreadState *ts, Frame *f, int throwflag) {
  if (frame_is_awaited(ts, f, throwflag)) return run_awaited(ts, f);
  if (throwflag || ts != agent.main_thread || !frame_has_function(f) || f->prev_instr != f->code->code - 1)
    return _PyEval_EvalFrameDefault(ts, f, throwflag);
  Unit *u = unit_for_call(ts, f->function);
  judge_hook(u != NULL);
  if (u) return run_call(ts, f, u);
  CodeRecord *r = record_find(f->code);
  if (!r || r->excluded || !r->loop_count || agent.stopped) return _PyEval_EvalFrameDefault(ts, f, throwflag);
  return drive_frame(ts, f);
}

void entry_install(Unit *u) {
  open_to_c_code(u->site);
  if (agent.hook_installed || !u->site->called_by_interpreter || (agent.next_hook && now_nanoseconds() < agent.next_hook)) return;
  if (_PyInterpreterState_GetEvalFrameFunc(agent.interpreter) != _PyEval_EvalFrameDefault) return;
  agent.hook_installed = 1;
  _PyInterpreterState_SetEvalFrameFunc(agent.interpreter, entry_hook);
}

void entry_remove(Site *s) {
  close_to_c_code(s);
  for (Unit *u = agent.units; u; u = u->next)
    if (u->site->is_entry && u->site->called_by_interpreter && !u->disabled) return;
  remove_hook();
}

#endif

#define RETURNS_BEFORE_ENTRY 3

static void ask(Site *s, Frame *f) {
  if (s->in_flight || s->given_up || s->versions || s->unit || !agent.connected) return;
  FunctionObject *function = frame_function(f);
  if (!entry_is_possible(function->code)) {
    s->given_up = 1;
    return;
  }
  /* The site keeps it. Another call of the code may come with a function that can be kept; of closures there is a new one each time. */
  if (function_is_plain(function)) s->function = (FunctionObject *)object_new_reference((Object *)function);
#if ARMATURE_LAYOUT == 314
  else if (!function->closure) return;
#endif
  request_compile(s, f);
}

/*
 * A closure that is running has a unit: what calls it again comes to that. Others of its code, which are made all the time, have
 * doors of their own.
 */
void entry_open_closure(Site *loop, Frame *f) {
  Unit *u = loop->record->entry.unit;
  if (!u || u->disabled || !frame_has_function(f)) return;
  FunctionObject *function = frame_function(f);
  if (!function->closure || function->vectorcall != agent.plain_vectorcall) return;
  set_vectorcall(function, compiled_call);
  agent.hot = 1;
}

/* A loop of this frame ran to the function's end: is the function called again and again? */
void entry_consider(Site *loop, Frame *f) {
  if (loop->is_entry || loop->returns < RETURNS_BEFORE_ENTRY) return;
  Site *s = &loop->record->entry;
  s->called_by_interpreter = 1;
  if (s->unit && !s->unit->disabled) entry_install(s->unit);
  entry_open_closure(loop, f);
  ask(s, f);
}

/*
 * A hot loop in a frame that C code called, compiled code perhaps, and that cannot be taken away from its evaluator. If its
 * function is called again, that call can begin in compiled code.
 */
void entry_consider_callee(Site *loop, Frame *f) {
  Site *s = &loop->record->entry;
  s->samples++;
  if (site_wants_request(s)) ask(s, f);
}
