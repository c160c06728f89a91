/* Loops of a code object: headers, back edges, and on 3.11 the depth of the operand stack at each header. */
#include "agent.h"

#if ARMATURE_LAYOUT == 311
enum {
  OP_RETURN_VALUE = 83, OP_COMPARE = 107, OP_JUMP_FORWARD = 110, OP_JUMP_IF_FALSE_OR_POP = 111, OP_JUMP_IF_TRUE_OR_POP = 112,
  OP_POP_JUMP_IF_FALSE = 114, OP_POP_JUMP_IF_TRUE = 115, OP_RERAISE = 119, OP_SEND = 123, OP_POP_JUMP_IF_NOT_NONE = 128,
  OP_POP_JUMP_IF_NONE = 129, OP_RAISE = 130, OP_JUMP_BACKWARD_NO_INTERRUPT = 134, OP_JUMP_BACKWARD = 140,
  OP_EXTENDED_ARG = 144, OP_RESUME = 151, OP_FOR_ITER = 93, OP_POP_JUMP_BACKWARD_FIRST = 173, OP_POP_JUMP_BACKWARD_LAST = 176,
  LIVE_COMPARE_JUMP_FIRST = 27, LIVE_COMPARE_JUMP_LAST = 29, LIVE_JUMP_BACKWARD_QUICK = 38,
};
#else
enum {
  OP_EXTENDED_ARG = 69, OP_JUMP_BACKWARD = 75, OP_RESUME = 128,
  LIVE_JUMP_BACKWARD_JIT = 175, LIVE_JUMP_BACKWARD_NO_JIT = 176,
};
#endif
#define EXCLUDED_FLAGS (0x20 | 0x80 | 0x100 | 0x200) /* generators and coroutines */

typedef struct Scan {
  const u8 *base; /* bytecode without specialisation; caches are zero */
  i32 count;
  i16 *depths; /* -1: not reached */
  i32 *work;
  i32 work_count;
  u8 bad;
} Scan;

static int is_back_edge(u8 op) {
#if ARMATURE_LAYOUT == 311
  return op == OP_JUMP_BACKWARD || (op >= OP_POP_JUMP_BACKWARD_FIRST && op <= OP_POP_JUMP_BACKWARD_LAST);
#else
  return op == OP_JUMP_BACKWARD;
#endif
}

static i32 after(const Scan *s, i32 at) {
  i32 next = at + 1;
  while (next < s->count && s->base[2 * next] == 0) next++;
  return next;
}

#if ARMATURE_LAYOUT == 311
static void reach(Scan *s, i32 at, i32 depth) {
  if (at < 0 || at >= s->count || depth < 0 || depth > 0x7fff) {
    s->bad = 1;
    return;
  }
  if (s->depths[at] >= 0) {
    if (s->depths[at] != depth) s->bad = 1;
    return;
  }
  s->depths[at] = (i16)depth;
  s->work[s->work_count++] = at;
}

static int is_forward_jump(u8 op) {
  switch (op) {
    case OP_JUMP_FORWARD: case OP_JUMP_IF_FALSE_OR_POP: case OP_JUMP_IF_TRUE_OR_POP: case OP_POP_JUMP_IF_FALSE:
    case OP_POP_JUMP_IF_TRUE: case OP_SEND: case OP_POP_JUMP_IF_NOT_NONE: case OP_POP_JUMP_IF_NONE: case OP_FOR_ITER:
      return 1;
    default: return 0;
  }
}

static int ends_block(u8 op) {
  return op == OP_RETURN_VALUE || op == OP_RERAISE || op == OP_RAISE || op == OP_JUMP_FORWARD || op == OP_JUMP_BACKWARD ||
         op == OP_JUMP_BACKWARD_NO_INTERRUPT;
}

static void flow_from(Scan *s, i32 at) {
  i32 argument = 0, depth = s->depths[at];
  while (s->base[2 * at] == OP_EXTENDED_ARG) {
    argument = (argument | s->base[2 * at + 1]) << 8;
    at++;
    if (at >= s->count) {
      s->bad = 1;
      return;
    }
  }
  u8 op = s->base[2 * at];
  argument |= s->base[2 * at + 1];
  i32 next = after(s, at);
  int jumps_back = is_back_edge(op) || op == OP_JUMP_BACKWARD_NO_INTERRUPT;
  if (jumps_back || is_forward_jump(op)) {
    i32 effect = PyCompile_OpcodeStackEffectWithJump(op, argument, 1);
    reach(s, jumps_back ? next - argument : next + argument, depth + effect);
  }
  if (!ends_block(op) && next < s->count) reach(s, next, depth + PyCompile_OpcodeStackEffectWithJump(op, argument, 0));
}

static void seed_handlers(Scan *s, CodeObject *code) {
  for (i32 i = 0; i < s->count; i++) {
    i32 level, lasti, target = exception_handler(code, i, &level, &lasti);
    if (target >= 0) reach(s, target, level + lasti + 1);
  }
}

static int stack_depths(Scan *s, CodeObject *code) {
  memset(s->depths, 0xff, 2ull * (u64)s->count);
  reach(s, 0, 0);
  seed_handlers(s, code);
  while (s->work_count && !s->bad) flow_from(s, s->work[--s->work_count]);
  return !s->bad;
}
#else
/* The frame tells the depth itself. */
static int stack_depths(Scan *s, CodeObject *code) {
  (void)code;
  memset(s->depths, 0, 2ull * (u64)s->count);
  return 1;
}
#endif

static i32 back_edge_target(const Scan *s, i32 at) {
  i32 argument = s->base[2 * at + 1];
  for (i32 i = at - 1, shift = 8; i >= 0 && s->base[2 * i] == OP_EXTENDED_ARG && shift < 32; i--, shift += 8)
    argument |= s->base[2 * i + 1] << shift;
  return after(s, at) - argument;
}

static int loop_of_header(CodeRecord *r, i32 header) {
  for (i32 i = 0; i < r->loop_count; i++)
    if (r->loops[i].offset == header) return i;
  return -1;
}

static int collect(CodeRecord *r, const Scan *s) {
  for (i32 at = 0; at < s->count; at = after(s, at)) {
    if (!is_back_edge(s->base[2 * at])) continue;
    i32 header = back_edge_target(s, at);
    if (header < 0 || header >= s->count || s->depths[header] < 0) continue;
    int index = loop_of_header(r, header);
    if (index < 0) {
      if (r->loop_count >= 4096) return 0;
      Site *grown = realloc(r->loops, sizeof(Site) * (u64)(r->loop_count + 1));
      if (!grown) return 0;
      r->loops = grown;
      index = r->loop_count++;
      memset(&grown[index], 0, sizeof(Site));
      grown[index].record = r;
      grown[index].offset = header;
      grown[index].depth = s->depths[header];
    }
    if (at > r->loops[index].last) r->loops[index].last = at;
    r->back_edges[at] = (i16)(index + 1);
#if ARMATURE_LAYOUT == 311
    /* A specialised comparison does the jump that follows it. */
    if (at >= 3 && s->base[2 * (at - 3)] == OP_COMPARE && s->base[2 * (at - 1)] == 0 && s->base[2 * (at - 2)] == 0)
      r->back_edges[at - 3] = (i16)(index + 1);
#endif
  }
  return 1;
}

static i32 entry_offset(const Scan *s) {
  for (i32 at = 0; at < s->count; at = after(s, at))
    if (s->base[2 * at] == OP_RESUME) return after(s, at);
  return 0;
}

/* Fills a record. False: the code object stays interpreted. */
int analyse_loops(CodeRecord *r) {
  CodeObject *code = r->code;
  if (code->flags & EXCLUDED_FLAGS) return 0;
  Object *bytes = PyCode_GetCode(code);
  if (!bytes) {
    PyErr_Clear();
    return 0;
  }
  Scan s = {.base = (const u8 *)((BytesObject *)bytes)->value, .count = (i32)code->base.size};
  s.depths = malloc(2ull * (u64)s.count);
  s.work = malloc(4ull * (u64)s.count);
  r->back_edges = calloc((u64)s.count, 2);
  r->count = s.count;
  int good = s.depths && s.work && r->back_edges && stack_depths(&s, code) && collect(r, &s);
  r->entry.offset = good ? entry_offset(&s) : 0;
  free(s.depths);
  free(s.work);
  object_decref(bytes);
  return good;
}

/* True when the evaluator stands at a back edge it has just taken, so that the loop header comes next. */
static int takes_back_edge(CodeUnit unit) {
  u8 live = (u8)unit;
#if ARMATURE_LAYOUT == 311
  return is_back_edge(live) || live == LIVE_JUMP_BACKWARD_QUICK ||
         (live >= LIVE_COMPARE_JUMP_FIRST && live <= LIVE_COMPARE_JUMP_LAST);
#else
  return live == OP_JUMP_BACKWARD || live == LIVE_JUMP_BACKWARD_JIT || live == LIVE_JUMP_BACKWARD_NO_JIT;
#endif
}

Site *site_at_back_edge(CodeRecord *r, Frame *f) {
  i32 position = frame_position(f);
  if (position < 0 || position >= r->count || !r->back_edges[position]) return NULL;
  if (!takes_back_edge(r->code->code[position])) return NULL;
  return &r->loops[r->back_edges[position] - 1];
}

static int is_inside(const Site *inner, const Site *outer) {
  return inner->offset >= outer->offset && inner->last <= outer->last;
}

/* True when one of them is inside the other, or both are inside a third: who goes round in one comes by the other. */
int loops_share_rounds(const Site *one, const Site *other) {
  const CodeRecord *r = one->record;
  for (i32 i = 0; i < r->loop_count; i++)
    if (is_inside(one, &r->loops[i]) && is_inside(other, &r->loops[i])) return 1;
  return 0;
}

/* The innermost loop around a position. */
Site *site_around(CodeRecord *r, i32 position) {
  Site *best = NULL;
  for (i32 i = 0; i < r->loop_count; i++) {
    Site *s = &r->loops[i];
    if (position < s->offset || position > s->last) continue;
    if (!best || s->last - s->offset < best->last - best->offset) best = s;
  }
  return best;
}
