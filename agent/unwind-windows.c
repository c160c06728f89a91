/*
 * How Windows unwinds compiled code: the same way everywhere ("ARM64 exception handling" of Microsoft's documentation).
 *
 * A unit has no frame of its own. Where it calls, it has pushed the link register, and nothing else:
 *
 *     str x30, [sp, #-16]!
 *     bl  callee
 *     ldr x30, [sp], #16
 *
 * so a return address in a unit means: take the link register from the stack, 16 bytes. That leads into the shim of
 * activation.c, whose tables are the compiler's, and which keeps every register the C calling convention wants kept. A
 * fault of the unit itself, outside a call, is not unwound right.
 */
#include "system-windows.h"

/* A function is described in pieces of less than 1 MiB. */
#define PIECE (512u << 10)
#define MOST_PIECES 128

#define END_OF_PROLOGUE 0xe5 /* end_c: this piece has no prologue, what follows was done before it */
#define SAVE_LINK_REGISTER 0xd5, 0x61 /* save_reg_x: x30 at [sp, #-16]! */
#define END 0xe4

typedef struct UnwindData {
  u32 header; /* words of code in the lower 18 bits; words of unwind codes in the upper 5 */
  u8 codes[4];
} UnwindData;

typedef struct RuntimeFunction {
  u32 begin, unwind_data; /* relative to the base */
} RuntimeFunction;

static const UnwindData rule = {PIECE / 4 | 1u << 27, {END_OF_PROLOGUE, SAVE_LINK_REGISTER, END}};
static RuntimeFunction pieces[MOST_PIECES];

int register_unwinding(u8 *run_base, u8 *write_base, u32 code_offset, u64 code_size) {
  memcpy(write_base, &rule, sizeof rule);
  u32 count = (u32)(code_size / PIECE);
  if (count > MOST_PIECES || code_size % PIECE) return 0;
  for (u32 i = 0; i < count; i++) pieces[i] = (RuntimeFunction){code_offset + i * PIECE, 0};
  return RtlAddFunctionTable(pieces, count, (u64)run_base);
}
