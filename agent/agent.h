/*
 * The agent: what lives inside the Python process. One file an idea; this header is the map.
 *
 *   module.c      the extension module: attach(), report()
 *   probe.c       compares layout.h with live objects
 *   attach.c      the frame hook that finds __main__
 *   exec.c        the frames of modules that `exec` runs
 *   activation.c  the driver: C caller of evaluator calls, runs units between them
 *   frames.c      reading, pushing, popping interpreter frames
 *   osr.c         takes a running frame away from the evaluator
 *   sample.c      what happens at a checkpoint of the interpreter: counting, asking, entering
 *   loops.c       loops of a code object and stack depths at their headers
 *   quicken.c     3.11: lets the interpreter specialise code that it would not
 *   sites.c       what is known about each place that may be compiled
 *   objects.c     the object table of a request      request.c  the compile message
 *   common-constants.c  objects that instructions push by a number
 *   reply.c       parses and checks units            install.c  relocations and assumptions
 *   arena.c       memory for machine code            units.c    life of units
 *   shim-linux.c  the frame that compiled code runs in
 *   deopt.c       rebuilds frames from an exit record
 *   locals.c      notices when somebody else writes the locals of a running unit
 *   entry.c       units that start with a call, calls of functions by compiled code
 *   instances.c   instances of plain classes      samples.c   what their attributes hold
 *   helpers.c     C functions that compiled code calls; match.c those for `match`; symbols.c their table
 *   unwind-linux.c  unwind tables of compiled code   branch-protection-linux.c  landing pads
 *   profiler.c    tells perf the names of units      jitdump-linux.c  and their code
 *   debugger-linux.c  tells gdb; debugging-elsewhere.c  what other systems have instead of these five
 *   io.c          the thread: samples and the socket  stats.c   statistics
 *   system.h      the operating system, of which there are several: system-*.c
 */
#ifndef ARMATURE_AGENT_H
#define ARMATURE_AGENT_H
#include "capi.h"

#define PROTOCOL_VERSION 3
#define MESSAGE_LIMIT (16u << 20)

enum { MESSAGE_HELLO = 1, MESSAGE_WELCOME, MESSAGE_COMPILE, MESSAGE_UNIT, MESSAGE_REFUSE, MESSAGE_REPORT };
#define EXIT_HEAD_SIZE 16
enum { EXIT_DEOPT, EXIT_EXCEPTION, EXIT_SAFEPOINT, EXIT_RETURN, EXIT_UNSUPPORTED };

typedef struct Unit Unit;
typedef struct Site Site;
typedef struct CodeRecord CodeRecord;
typedef struct Request Request;
typedef struct Driver Driver;

/* ---- places that may be compiled ---------------------------------------------------------------------------------- */

typedef struct Feedback {
  struct Feedback *next;
  CodeObject *code; /* strong; the next request may have it at another index */
  i32 offset;
  char reason[40];
  char observed[64];
} Feedback;

/* A loop header or a function entry. */
struct Site {
  CodeRecord *record;
  i32 offset; /* code unit: the header, or the first instruction after RESUME */
  i32 last;   /* loops: the last back edge */
  i32 depth;  /* operands on the stack at the offset */
  u8 is_entry;
  u8 called_by_interpreter; /* entries: a loop of the function was seen to end again and again in frames of the interpreter */
  u8 in_flight; /* a request is out */
  u8 given_up;
  u8 versions; /* requests made so far */
  u32 samples;
  u32 returns; /* units of this loop that ran to the end of the function */
  u64 retry_at; /* nanoseconds; 0: no wish */
  Unit *unit;
  Feedback *feedback;
  FunctionObject *function; /* entries: strong */
  char refusal[48];
};

struct CodeRecord {
  CodeRecord *next;
  CodeObject *code; /* strong: a record outlives nothing */
  i32 count;        /* code units */
  i32 loop_count;
  u8 excluded; /* generators, coroutines */
  Site *loops;
  i16 *back_edges; /* by code unit: loop index + 1 when the unit is a back edge */
  u8 hunts_in_vain;   /* started when a unit was left, one after the other without a loop entered */
  u32 hunts_left_out; /* how many more times it is not even tried */
  Site entry;
};

/* ---- compiled code ------------------------------------------------------------------------------------------------- */

typedef struct UnitExit {
  const u8 *head, *body;
  const u8 *result;   /* where it is, of a return that leaves nothing else behind than numbers and what is in the frame already; else NULL */
  i32 result_home;    /* the local whose number it is, too, and which may have an object for it; -1: none */
  u32 location_count; /* in the whole body */
  u32 taken;
  char observed[64];
} UnitExit;

struct Unit {
  Unit *next;
  Site *site;
  void *entry;
  u32 code_size; /* from the entry on */
  Object *globals, *builtins; /* of the frames it may run on; kept alive by the code */
  u8 *write_view;
  u32 arena_offset, arena_size;
  u32 spill_count;
  u64 nulls; /* operands that are NULL wherever it is entered */
  u32 running;
  u8 retired; /* free when running drops to 0 */
  u8 disabled;
  u8 is_over;  /* the module's code has ended that it was made for */
  u8 outdated; /* disabled because names were added that it does not know */
  u32 exit_count;
  UnitExit *exits;
  u32 literal_count;
  u64 *literals;
  u32 object_count;
  Object **objects; /* strong where the unit needs them, else NULL */
  u32 code_count;
  CodeObject **codes; /* strong */
  u8 *payload;        /* holds the exit records and the text */
  char *text;
  u32 text_size;
  struct DebugObject *debug_object;
  u64 last_used; /* nanoseconds: when it was installed, or left last by a safepoint; 0: left otherwise */
  u64 entries, nanoseconds;
  u32 window_entries, window_short;
  u64 failures;
};

struct Request {
  Request *next;
  u32 id;
  Site *site; /* NULL: nobody waits for the reply any more */
  u32 object_count;
  Object **objects;
  u8 *is_held; /* by object: a strong reference is kept */
  u32 code_count;
  CodeObject **codes; /* strong */
  Object *globals, *builtins;
  u64 nulls;
};

/* ---- the driver -------------------------------------------------------------------------------------------------------- */

/* A C activation of ours that calls the evaluator. */
struct Driver {
  Driver *below;
  ThreadState *tstate;
  Frame *base;       /* the frame we were called for */
  Frame *base_below; /* the current frame when we were called */
  Frame *top;        /* bottom frame of the evaluator call that runs */
  Frame *ambient;    /* the current frame under top */
  Activation *activation; /* of the unit that runs */
  Object *result;         /* of a unit that ran to the end of the base frame */
#if ARMATURE_LAYOUT == 311
  CFrame *cframe;
#else
  Frame sentinel;
#endif
  /* A frame that is being taken away from the evaluator. */
  Frame *osr_frame;
  Unit *osr_unit;
  Frame *osr_below;
  void *osr_snapshot;
  u64 osr_snapshot_size;
  Object *osr_exception_table;
  i32 osr_first_traceable;
};

/* ---- state of the process ------------------------------------------------------------------------------------------------ */

typedef struct Message {
  struct Message *next;
  u32 size;
  u8 type;
  u8 data[];
} Message;

typedef struct Agent {
  u8 attached;
  u8 verbose;
  u8 stopped;       /* no more sampling and requests */
  u8 no_arena;
  u8 threshold_zero;
  u8 waits; /* the program stands still until its units are there: for tests */
  u8 spill_all;
  u8 writes_perf_map;
  u8 writes_jitdump;
  u8 protects_branches;
  u8 hook_installed; /* 3.11: the frame hook serves function entries */
  u32 hook_calls, hook_entries; /* since it was judged last: calls that came to it, those that led to a unit */
  u64 next_hook, hook_pause;    /* nanoseconds */
  u32 fail_guard;
  void *interpreter;
  ThreadState *main_thread;
  Object *main_dict; /* borrowed, only compared */
  Object *private_exception;
  Object *empty_bytes;
  const Frame *waits_for_exec; /* only compared */
  VectorCall plain_vectorcall; /* that of every plain function */
  Driver *driver;
  const char *socket_path;
  const char *stats_path;
  /* sampling */
  volatile i32 tick;              /* set by the thread: count the next checkpoint */
  volatile i32 checkpoint_queued; /* a pending call is out */
  volatile i32 native_depth;      /* units running */
  u64 next_native_tick, native_pause; /* nanoseconds: the next tick while a unit runs; the thread's */
  volatile i32 hot;               /* checkpoints in loops since the last tick */
  i32 hunting;                    /* checkpoints left to meet a loop of `hunted` at its back edge */
  const Frame *hunted;            /* only compared: it may be gone */
  i32 postponed;                  /* checkpoints put off one after the other because more is pending */
  u64 next_hunt, hunt_pause;      /* nanoseconds */
  /* input and output */
  volatile i32 thread_running;
  volatile i32 connected;
  volatile i32 closing;
  volatile i32 parking; /* a fork is near: the thread goes away for a moment */
  Handle connection;    /* the thread's, or nobody's while it is parked */
  u8 thread_wanted;     /* start the thread at the next checkpoint */
  i32 process;
  Handle waker;
  Message *volatile outgoing;
  Message *volatile incoming;
  /* tables */
  CodeRecord *records[1024];
  Unit *units;
  Unit *graveyard;
  Unit *over; /* only their numbers are left */
  u32 over_count;
  Request *requests;
  u32 next_request;
  u32 request_count, unit_count, refuse_count, malformed_count, stale_count, osr_count, disabled_count;
  u64 request_bytes;
} Agent;

extern Agent agent;

/* ---- probe.c, attach.c, exec.c, entry.c --------------------------------------------------------------------------------------- */
const char *probe_layout(ThreadState *);
const char *attach(const char *socket_path);
void watch_exec(void);
int frame_is_module(Frame *);
ModuleObject *loaded_module(const char *name);
int frame_is_awaited(ThreadState *, Frame *, int throwflag);
Object *run_awaited(ThreadState *, Frame *);
Object *exec_hook(ThreadState *, Frame *, int throwflag);
void entry_install(Unit *);
void entry_remove(Site *);
void entry_open_closure(Site *loop, Frame *);
void entry_consider(Site *loop, Frame *);
void entry_consider_callee(Site *loop, Frame *);
/* Where a unit begins: at RESUME, or at the loop header. */
static inline i32 site_start(const Site *s) {
  return s->is_entry ? s->offset - 1 : s->offset;
}
int entry_is_possible(CodeObject *);
int call_function(FunctionObject *, Object **arguments, u64 count, Object *names, u32 handed_over, Object **result);
#if ARMATURE_LAYOUT == 314
int call_function_unpacked(FunctionObject *, Object **tuple_and_dict, u64 count, u32 handed_over, Object **result);
#endif
void release_handed_over(Object **, u32 handed_over);

/* ---- frames.c ------------------------------------------------------------------------------------------------------------- */
Frame *current_frame(ThreadState *);
void set_current_frame(ThreadState *, Driver *, Frame *);
CodeObject *frame_code(Frame *);
FunctionObject *frame_function(Frame *);
i32 frame_position(Frame *);
void frame_set_position(Frame *, i32 offset);
void frame_set_waiting(Frame *, i32 call_offset, i32 call_length);
void frame_set_depth(Frame *, i32 depth);
u64 frame_null_operands(Frame *, i32 depth);
void frame_receive(Frame *, Object *result);
Frame *frame_push(ThreadState *, FunctionObject *);
Frame *datastack_push(ThreadState *, u64 slots);
u64 code_frame_size(CodeObject *);
void frame_finish(ThreadState *, Frame *);
int frame_is_plain(Frame *);
int frame_has_function(Frame *);
int instruction_length(CodeObject *, i32 offset);
i32 exception_handler(CodeObject *, i32 offset, i32 *level, i32 *lasti);

/* ---- activation.c ----------------------------------------------------------------------------------------------------------- */
void driver_begin(Driver *, ThreadState *, Frame *base, Frame *below);
EvalBreaker *eval_breaker_address(ThreadState *);
Object *drive_frame(ThreadState *, Frame *);
Object *drive_unit(Driver *, Unit *);
Driver *driver_of_evaluator(ThreadState *, Frame *);

/* ---- returns.c ----------------------------------------------------------------------------------------------------------- */
Object *frame_return(Driver *, Frame *);
Object *unit_return(Driver *, Activation *, Unit *, UnitExit *);

/* ---- shim-linux.c, unwind-linux.c, debugging-elsewhere.c --------------------------------------------------------------------- */
void enter_unit(Activation *, void *entry);

/* Instructions of the call frame information (DWARF 5, 6.4.2). */
enum { SAVED = 0x80, SAVED_EXTENDED = 0x05, DEFINE_CFA = 0x0c };
extern const u8 frame_rules[], frame_return_register;
extern const u32 frame_rules_size;
#define UNWIND_ENTRY_SIZE 32u
u32 unwind_table_size(void);
u32 unwind_table_entry(void);
void unwind_table_write(u8 *table, i64 code, u64 code_size);
void unwind_register(const u8 *code, u64 size);

/* ---- osr.c, sample.c ------------------------------------------------------------------------------------------------------------ */
int osr_begin(Driver *, Frame *, Site *);
Frame *osr_finish(Driver *);
int on_checkpoint(void *);
void queue_checkpoint(void);
int site_wants_request(Site *);

/* ---- loops.c, quicken.c, sites.c --------------------------------------------------------------------------------------------------- */
void quicken(const CodeRecord *);
CodeRecord *record_find(CodeObject *);
CodeRecord *record_get(CodeObject *);
Site *site_at_back_edge(CodeRecord *, Frame *);
Site *site_around(CodeRecord *, i32 position);
int loops_share_rounds(const Site *, const Site *);
void site_add_feedback(Site *, CodeObject *, i32 offset, const char *reason, const char *observed);
int analyse_loops(CodeRecord *);
void sites_release(void);

/* ---- objects.c, common-constants.c, request.c ------------------------------------------------------------------------------------------------------------ */
typedef struct ObjectTable {
  u32 count, capacity;
  Object **objects;
  u8 *held;
  u8 *unshared; /* by object: an entry of its own for what a variable holds */
  Object **described; /* the tuple for the message; strong */
  u32 code_count;
  CodeObject **codes;
  FunctionObject **functions; /* by code: where its globals come from */
  i32 *slots;
  u32 slot_count;
  u8 failed;
} ObjectTable;
void find_common_constants(void);
Object *common_constant(u32 number);
int table_add(ObjectTable *, Object *, int depth, int hold);
int table_add_variable(ObjectTable *, Object *, int depth, int hold);
int is_plain_value(Object *);
int function_is_plain(FunctionObject *);
int table_code(ObjectTable *, FunctionObject *);
int table_begin(ObjectTable *);
void table_end(ObjectTable *);
void request_compile(Site *, Frame *);
Request *request_take(u32 id);
void request_free(Request *);
void requests_abandon(const CodeRecord *);
int dict_lookup(DictObject *, Object *key, i32 *entry, Object **value);

/* ---- reply.c, install.c, arena.c, units.c ------------------------------------------------------------------------------------------------ */
void reply_unit(const u8 *payload, u32 size);
void reply_refuse(const u8 *payload, u32 size);
typedef struct UnitView UnitView;
const char *install_unit(Unit *, const UnitView *);
int arena_allocate(u32 size, u32 *offset, u8 **write_view, u8 **run_view);
void arena_release(u32 offset, u32 size);
int arena_stub(u64 target, u8 **run_view);
u32 arena_used(void);
void arena_forked(int in_child);
int arena_owns(const void *);
void unit_retire(Unit *);
void unit_free_retired(void);
void unit_destroy(Unit *);
void unit_disable(Unit *);
void units_forget_unused(u64 now);
void units_forget(CodeRecord *);
int unit_is_measured(const Unit *);
void unit_account(Unit *, u64 entered, u64 left, u8 exit_kind);
#define UNIT_NAME_SIZE 512
u32 unit_name(const Unit *, char name[UNIT_NAME_SIZE]);

struct UnitView {
  const u8 *payload;
  u32 size;
  u32 request, flags, offset, spill_count;
  u32 code_offset, code_size, reloc_offset, reloc_count, exit_offset, exit_count, guard_offset, guard_count,
      literal_offset, literal_count, text_offset, text_size;
  u8 *is_used; /* by object: code or an exit names it */
};

/* ---- instances.c, samples.c ---- */
Object *sample_attributes(ObjectTable *);
int class_is_plain(TypeObject *);
int instance_has_places(TypeObject *, u64 places, u32 count);
Object *instance_make(Activation *, TypeObject *, Object **values, u64 places);

/* ---- deopt.c --------------------------------------------------------------------------------------------------------------------------------- */
Object *exit_value(Activation *, Unit *, const u8 *location, Object *home);
int deoptimize(Driver *, Activation *, Unit *, u32 exit_id, Frame **top);
const char *check_exit(const UnitView *, const Request *, const u8 *head, const UnitExit *before, UnitExit *);

void hunt_for(const Frame *, i32 checkpoints);
void hunt_again(CodeRecord *, const Frame *);
void back_in_hunted(const Frame *);
int local_was_written(const Activation *, u32 slot);

/* ---- locals.c: returns what did not match, or NULL ------------------------------------------------------------------------------------------ */
const char *watch_frame_locals(FrameObject *);

/* ---- symbols.c, helpers.c ---------------------------------------------------------------------------------------------------------------------- */
u32 symbol_count(void);
u64 symbol_address(u32 index);

/* ---- branch-protection-linux.c, debugger-linux.c, jitdump-linux.c, debugging-elsewhere.c ----------------------------------- */
int branches_are_protected(void);
void debugger_note(Unit *);
void debugger_forget(Unit *);
void jitdump_note(const Unit *);
u32 jitdump_gap(void);
void jitdump_forked(void);

/* ---- profiler.c, io.c, stats.c -------------------------------------------------------------------------------------------------------------------------------- */
void profiler_note(const Unit *);
void profiler_forked(void);
int io_start(void);
void io_send(u8 type, const void *data, u32 size);
void io_before_fork(void);
void io_after_fork(int in_child);
void io_finish(void);
void stats_write(void);
Object *stats_report(void);
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- little-endian reading of untrusted bytes --------------------------------------------------------------------------------------------------------- */
static inline u16 read_u16(const u8 *p) {
  u16 v;
  __builtin_memcpy(&v, p, 2);
  return v;
}
static inline u32 read_u32(const u8 *p) {
  u32 v;
  __builtin_memcpy(&v, p, 4);
  return v;
}
static inline u64 read_u64(const u8 *p) {
  u64 v;
  __builtin_memcpy(&v, p, 8);
  return v;
}
#endif
