/*
 * What happens at a checkpoint. The thread asks for one now and then with a pending call; the interpreter serves it on
 * the main thread at a back edge, a call or a function's start.
 */
#include "agent.h"

#define SAMPLES_NEEDED 2
#define MAX_VERSIONS 8
#define MAX_VERSIONS_OF_LARGE 5 /* a unit of LARGE bytes takes seconds to make */
#define LARGE 65536
#define HUNTING_CHECKPOINTS 60
#define SHORTEST_HUNT_PAUSE 4000000ull
#define LONGEST_HUNT_PAUSE 1000000000ull
#define LONGEST_POSTPONEMENT 128
#define REENTRY_CHECKPOINTS 8
#define HUNTS_IN_VAIN 4 /* that many are tried before they get rarer */
#define RAREST_HUNT 10  /* once in 2 to the power of this */
#define TIME_TO_COME_BY 50000000ull /* nanoseconds */
#define LONGEST_WAIT 20000000000ull

void queue_checkpoint(void) {
  if (agent.closing || __atomic_exchange_n(&agent.checkpoint_queued, 1, __ATOMIC_ACQ_REL)) return;
  if (Py_AddPendingCall(on_checkpoint, NULL)) agent.checkpoint_queued = 0;
#if ARMATURE_LAYOUT == 311
  /* Asked for by another thread, 3.11 does not raise the flag before the main thread looks by itself. */
  else __atomic_store_n((EvalBreaker *)((char *)agent.interpreter + INTERPRETER_EVAL_BREAKER), 1, __ATOMIC_RELEASE);
#endif
}

/*
 * Checkpoints that follow each other closely, to meet a loop of a frame at its back edge:
 *
 *   while True:          hunted: compiled, but entered at its back edge only
 *       f(x)             a unit of its own, in whose loops most checkpoints would be served
 *
 * So none is asked for while the frame awaits the return of a call that the driver runs.
 */
void hunt_for(const Frame *f, i32 checkpoints) {
  agent.hunted = f;
  agent.hunting = checkpoints;
}

void back_in_hunted(const Frame *f) {
  if (agent.hunting > 0 && f == agent.hunted) queue_checkpoint();
}

/*
 * A unit was left, and the interpreter may soon come to the back edge of a loop that is compiled. Where it does not, each hunt is in vain:
 *
 *   def f(x):
 *       setup(x)           every call is left here
 *       for i in range(2): …    compiled once; now it ends too soon
 */
void hunt_again(CodeRecord *r, const Frame *f) {
  if (r->hunts_left_out) {
    r->hunts_left_out--;
    return;
  }
  if (r->hunts_in_vain < RAREST_HUNT) r->hunts_in_vain++;
  if (r->hunts_in_vain > HUNTS_IN_VAIN) r->hunts_left_out = 1u << r->hunts_in_vain;
  if (!agent.hunting) hunt_for(f, REENTRY_CHECKPOINTS);
  queue_checkpoint();
}

static void handle_messages(void) {
  Message *m = __atomic_exchange_n(&agent.incoming, NULL, __ATOMIC_ACQ_REL), *ordered = NULL;
  while (m) {
    Message *next = m->next;
    m->next = ordered;
    ordered = m;
    m = next;
  }
  while (ordered) {
    Message *next = ordered->next;
    if (ordered->type == MESSAGE_UNIT) reply_unit(ordered->data, ordered->size);
    else if (ordered->type == MESSAGE_REFUSE) reply_refuse(ordered->data, ordered->size);
    else if (ordered->type == MESSAGE_WELCOME && ordered->size >= 12) {
      u32 flags = read_u32(ordered->data + 4);
      agent.threshold_zero |= flags & 1;
      agent.spill_all = (flags >> 1) & 1;
      agent.fail_guard = read_u32(ordered->data + 8);
      if (read_u32(ordered->data) != PROTOCOL_VERSION) agent.stopped = 1;
    }
    free(ordered);
    ordered = next;
  }
}

/* For tests: short loops are over before their units come. */
static void wait_for_replies(void) {
  int asked = agent.requests != NULL;
  for (u64 end = now_nanoseconds() + LONGEST_WAIT; agent.thread_running && !agent.stopped && now_nanoseconds() < end; sleep_nanoseconds(200000)) {
    if (agent.incoming) handle_messages();
    if (agent.connected && !agent.requests) break;
  }
  /* The loop goes on in its unit. */
  if (asked) queue_checkpoint();
}

static int is_traced(ThreadState *ts) {
#if ARMATURE_LAYOUT == 311
  return ts->cframe->use_tracing || ts->tracing;
#else
  return (ts->eval_breaker & ~EVAL_BREAKER_MASK) || ts->tracing || ts->c_tracefunc || ts->c_profilefunc;
#endif
}

/*
 * A unit covers all that is reachable from its loop, and so the loops around it with everything inside them:
 *
 *   for source, target in pairs:
 *       for i in range(n): …       its unit is on its way
 *       for i in range(n): …       hot as well, and in that unit: nothing is asked for
 *
 * Unless the program does not come by the first loop soon after its unit is there, or that unit ends before it comes to the second loop:
 * only when it was left for a checkpoint like this one does it cover the place.
 */
static int is_covered_soon(const Site *s) {
  if (s->is_entry || agent.threshold_zero) return 0;
  const CodeRecord *r = s->record;
  for (i32 i = 0; i < r->loop_count; i++) {
    const Site *other = &r->loops[i];
    if (other == s || !loops_share_rounds(s, other)) continue;
    if (other->in_flight) return 1;
    if (other->unit && !other->unit->disabled && now_nanoseconds() - other->unit->last_used < TIME_TO_COME_BY) return 1;
  }
  return 0;
}

/* Hot enough for a first unit, or its guards have failed and a better one may be asked for. */
int site_wants_request(Site *s) {
  if (s->in_flight || s->given_up || s->record->excluded || !agent.connected) return 0;
  if (s->retry_at) return s->versions < (s->unit && s->unit->arena_size >= LARGE ? MAX_VERSIONS_OF_LARGE : MAX_VERSIONS) && now_nanoseconds() >= s->retry_at;
  return s->versions == 0 && s->samples >= (agent.threshold_zero ? 1 : SAMPLES_NEEDED) && !is_covered_soon(s);
}

/*
 * The driver under which this frame can be taken away, or NULL. Its evaluator may also run generators, which stay where they are:
 *
 *   for x in generator(): …      which calls f: the frames of f lie above one that cannot be taken away
 */
static Driver *driver_below(ThreadState *ts, Frame *x) {
  Driver *d = driver_of_evaluator(ts, x);
  if (!d) return NULL;
  for (Frame *f = x; frame_is_plain(f); f = f->previous)
    if (f == d->top) return d;
  return NULL;
}

/* The same, when there is a unit for this frame. */
static Driver *enterable(ThreadState *ts, Frame *x, Site *s) {
  Unit *unit = s->unit;
  if (!unit || unit->disabled || agent.native_depth > 60) return NULL;
  if (x->globals != unit->globals || x->builtins != unit->builtins) return NULL;
#if ARMATURE_LAYOUT == 314
  if (x->stackpointer - (x->localsplus + frame_code(x)->nlocalsplus) != s->depth) return NULL;
#endif
  return frame_null_operands(x, s->depth) == unit->nulls ? driver_below(ts, x) : NULL;
}

static int is_useless(Site *s) {
  return s->given_up || (s->unit && s->unit->disabled && !site_wants_request(s));
}

/*
 * To meet a loop at its own back edge, some checkpoints follow each other closely. That costs the program something, and where
 * the loop goes round seldom it is in vain: then the next hunt is later and later.
 */
static void hunt(const Frame *f, u64 now) {
  if (now < agent.next_hunt) return;
  hunt_for(f, HUNTING_CHECKPOINTS);
  agent.next_hunt = now + agent.hunt_pause;
  if (agent.hunt_pause < LONGEST_HUNT_PAUSE) agent.hunt_pause = agent.hunt_pause ? 2 * agent.hunt_pause : SHORTEST_HUNT_PAUSE;
}

/* The innermost loop around the callers that may be worth something. */
static void look_outwards(Frame *f) {
  for (int i = 0; f && i < 50; f = f->previous, i++) {
    if (!frame_has_function(f)) continue;
    CodeRecord *r = record_get(frame_code(f));
    if (!r || r->excluded) continue;
    Site *s = site_around(r, frame_position(f));
    if (!s || is_useless(s)) continue;
    s->samples++;
    if (s->samples < SAMPLES_NEEDED) agent.hot = 1;
    else if (s->unit || site_wants_request(s)) hunt(f, now_nanoseconds());
    return;
  }
}

static int at_loop(ThreadState *ts, Frame *x, Site *s, int tick) {
  if (tick) {
    s->samples++;
    if (!is_useless(s)) agent.hot = 1;
    entry_open_closure(s, x);
    /* A function that has its unit may be short, and better off inside the loop that calls it. */
    if (is_useless(s) || s->unit) look_outwards(x->previous);
  }
  Driver *d = enterable(ts, x, s);
  if (d) {
    /* Its guards have failed, perhaps each time soon after it was entered: the interpreter never comes by without a unit. */
    if (s->retry_at && site_wants_request(s)) request_compile(s, x);
    if (x == agent.hunted) agent.hunting = 0;
    agent.next_hunt = agent.hunt_pause = 0;
    s->record->hunts_in_vain = 0;
    s->record->hunts_left_out = 0;
    agent.osr_count++;
    int result = osr_begin(d, x, s);
    if (result) return result;
  }
  if (!driver_below(ts, x)) {
    if (tick) entry_consider_callee(s, x);
  } else if (site_wants_request(s)) {
    request_compile(s, x);
  }
  return 0;
}

/* True while the frame that is hunted for waits for a call whose return passes through the driver. */
static int awaits_return(void) {
  for (Driver *d = agent.driver; d; d = d->below) {
    if (d->base_below == agent.hunted) return 1;
    if (!d->top || d->top == d->base) continue;
    for (const Frame *f = d->ambient; f; f = f->previous) {
      if (f == agent.hunted) return 1;
      if (f == d->base) break;
    }
  }
  return 0;
}

/*
 * True while the interpreter has more to do at this place: a collection of garbage, giving the lock to another thread. It serves
 * pending calls before those, so that a unit entered now would leave at its first safepoint, and pending calls until there are
 * none, so that a hunt's next checkpoint would be served where this one was. The bound is for a flag that somebody leaves raised.
 */
static int postpone(ThreadState *ts) {
  if (!(*eval_breaker_address(ts) & EVAL_BREAKER_MASK) || agent.postponed >= LONGEST_POSTPONEMENT) {
    agent.postponed = 0;
    return 0;
  }
  agent.postponed++;
  queue_checkpoint();
  return 1;
}

int on_checkpoint(void *unused) {
  (void)unused;
  __atomic_store_n(&agent.checkpoint_queued, 0, __ATOMIC_RELEASE);
  ThreadState *ts = PyThreadState_Get();
  if (ts == agent.main_thread && postpone(ts)) return 0;
  /* A forked child in which somebody's hook runs before ours: socket and messages are the parent's. */
  if (agent.process != process_id()) return 0;
  if (agent.thread_wanted && !agent.stopped && !io_start()) agent.stopped = 1;
  if (agent.incoming) handle_messages();
  if (agent.stopped || ts != agent.main_thread || is_traced(ts)) return 0;
  int tick = __atomic_exchange_n(&agent.tick, 0, __ATOMIC_ACQ_REL);
  if (tick) units_forget_unused(now_nanoseconds());
  Frame *x = current_frame(ts);
  if (!x) return 0;
  int result = 0;
  CodeRecord *r = !frame_has_function(x) ? NULL : tick ? record_get(frame_code(x)) : record_find(frame_code(x));
  Site *s = r && !r->excluded ? site_at_back_edge(r, x) : NULL;
  if (s) result = at_loop(ts, x, s, tick);
  else if (tick) look_outwards(x);
  if (!result && agent.waits) wait_for_replies();
  if (!result && agent.hunting > 0) {
    agent.hunting--;
    if (!awaits_return()) queue_checkpoint();
  }
  return result;
}
