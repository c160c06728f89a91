/*
 * CPython 3.11 begins to specialise a code object after some calls and JUMP_BACKWARDs. A loop whose condition is at its end goes back
 * by another instruction:
 *
 *   def main():
 *       while work_is_left():    never specialised, however long it runs, for main is called once
 *           …
 *
 * Such code runs slower than it could, and tells us no types. This does what the interpreter would have done at the eighth call.
 */
#include "agent.h"

#if ARMATURE_LAYOUT == 311

#define FIRST_WARMUP (-8)

typedef struct Adaptive {
  u8 plain, adaptive, caches;
} Adaptive;

static const Adaptive adaptives[] = {
  {122, 3, 1},  /* BINARY_OP */
  {25, 17, 4},  /* BINARY_SUBSCR */
  {171, 22, 4}, /* CALL */
  {107, 26, 2}, /* COMPARE_OP */
  {106, 39, 4}, /* LOAD_ATTR */
  {116, 47, 5}, /* LOAD_GLOBAL */
  {160, 56, 10}, /* LOAD_METHOD */
  {166, 64, 1}, /* PRECALL */
  {95, 153, 4}, /* STORE_ATTR */
  {60, 168, 1}, /* STORE_SUBSCR */
  {92, 177, 1}, /* UNPACK_SEQUENCE */
};

enum {
  EXTENDED_ARG = 144, EXTENDED_ARG_QUICK = 34, JUMP_BACKWARD = 140, JUMP_BACKWARD_QUICK = 38, RESUME = 151, RESUME_QUICK = 150,
  LOAD_CONST = 100, LOAD_FAST = 124, STORE_FAST = 125,
  LOAD_CONST__LOAD_FAST = 44, LOAD_FAST__LOAD_CONST = 45, LOAD_FAST__LOAD_FAST = 46, STORE_FAST__LOAD_FAST = 161, STORE_FAST__STORE_FAST = 167,
};

static const Adaptive *adaptive_of(u8 op) {
  for (u32 i = 0; i < sizeof adaptives / sizeof *adaptives; i++)
    if (adaptives[i].plain == op) return &adaptives[i];
  return NULL;
}

static u8 pair_of(u8 first, u8 second) {
  if (second == LOAD_FAST)
    return first == LOAD_FAST ? LOAD_FAST__LOAD_FAST : first == STORE_FAST ? STORE_FAST__LOAD_FAST : first == LOAD_CONST ? LOAD_CONST__LOAD_FAST : 0;
  if (second == STORE_FAST) return first == STORE_FAST ? STORE_FAST__STORE_FAST : 0;
  return second == LOAD_CONST && first == LOAD_FAST ? LOAD_FAST__LOAD_CONST : 0;
}

static u8 quick_of(u8 op) {
  return op == EXTENDED_ARG ? EXTENDED_ARG_QUICK : op == JUMP_BACKWARD ? JUMP_BACKWARD_QUICK : op == RESUME ? RESUME_QUICK : op;
}

static void set_opcode(CodeUnit *unit, u8 op) {
  *unit = (CodeUnit)((*unit & 0xff00) | op);
}

void quicken(const CodeRecord *r) {
  CodeObject *code = r->code;
  CodeUnit *units = code->code;
  i32 resume = r->entry.offset - 1;
  if (code->warmup >= 0 || code->warmup < FIRST_WARMUP || resume < 0 || (u8)units[resume] != RESUME) return;
  u8 previous = 0;
  for (i32 i = 0; i < r->count; i++) {
    u8 op = (u8)units[i], pair = pair_of(previous, op);
    const Adaptive *a = adaptive_of(op);
    if (pair) set_opcode(&units[i - 1], pair);
    set_opcode(&units[i], a ? a->adaptive : quick_of(op));
    previous = a ? 0 : op;
    if (a) i += a->caches;
  }
  code->warmup = 0;
}

#else

void quicken(const CodeRecord *r) {
  (void)r;
}

#endif
