/*
 * The only bridge from the C calling convention to that of compiled code.
 *
 * Compiled code has no frames of its own: it runs in the frame of enter_unit, whose record (the former frame pointer and the
 * return address) lies where RBP or X29 points. No stencil writes that register (tests/stencils/frame-pointer.test.ts), so
 * what is true after the prologue here is true at every instruction of the arena: frame_rules.
 */
#include "agent.h"

#if defined(__x86_64__)
__asm__(".text\n.globl enter_unit\n.hidden enter_unit\n.type enter_unit, @function\nenter_unit:\n"
        "  .cfi_startproc\n"
        "  push %rbp\n  .cfi_def_cfa_offset 16\n  .cfi_offset %rbp, -16\n"
        "  mov %rsp, %rbp\n  .cfi_def_cfa_register %rbp\n"
        "  push %rbx\n  .cfi_offset %rbx, -24\n  push %r12\n  .cfi_offset %r12, -32\n  push %r13\n  .cfi_offset %r13, -40\n"
        "  push %r14\n  .cfi_offset %r14, -48\n  push %r15\n  .cfi_offset %r15, -56\n"
        "  sub $8, %rsp\n" /* calls are made with an aligned stack */
        "  mov %rdi, %r12\n"
        "  call *%rsi\n"
        "  add $8, %rsp\n"
        "  pop %r15\n  pop %r14\n  pop %r13\n  pop %r12\n  pop %rbx\n  pop %rbp\n  .cfi_def_cfa %rsp, 8\n"
        "  ret\n"
        "  .cfi_endproc\n.size enter_unit, .-enter_unit\n");

/* Numbers of registers in DWARF: System V ABI for AMD64, figure 3.36. */
enum { RBX = 3, RBP = 6, R12 = 12, R13, R14, R15, RETURN_ADDRESS };
const u8 frame_rules[] = {
    DEFINE_CFA, RBP, 16, SAVED | RETURN_ADDRESS, 1, SAVED | RBP, 2, SAVED | RBX, 3, SAVED | R12, 4, SAVED | R13, 5, SAVED | R14, 6, SAVED | R15, 7,
};
const u8 frame_return_register = RETURN_ADDRESS;

#elif defined(__aarch64__)
#define SAVE_PAIR(store, first, second, at) "  " store " " first ", " second ", [sp, #" at "]\n"
#define REGISTERS(store)                                                                                                \
  SAVE_PAIR(store, "x19", "x20", "16") SAVE_PAIR(store, "x21", "x22", "32") SAVE_PAIR(store, "x23", "x24", "48")        \
  SAVE_PAIR(store, "x25", "x26", "64") SAVE_PAIR(store, "x27", "x28", "80") SAVE_PAIR(store, "d8", "d9", "96")          \
  SAVE_PAIR(store, "d10", "d11", "112") SAVE_PAIR(store, "d12", "d13", "128") SAVE_PAIR(store, "d14", "d15", "144")

__asm__(".text\n.p2align 2\n.globl enter_unit\n.hidden enter_unit\n.type enter_unit, %function\nenter_unit:\n"
        "  .cfi_startproc\n"
        "  hint #34\n" /* bti c */
        "  stp x29, x30, [sp, #-160]!\n  .cfi_def_cfa_offset 160\n  .cfi_offset x29, -160\n  .cfi_offset x30, -152\n"
        "  mov x29, sp\n  .cfi_def_cfa x29, 160\n"
        REGISTERS("stp")
        "  .cfi_offset x19, -144\n  .cfi_offset x20, -136\n  .cfi_offset x21, -128\n  .cfi_offset x22, -120\n"
        "  .cfi_offset x23, -112\n  .cfi_offset x24, -104\n  .cfi_offset x25, -96\n  .cfi_offset x26, -88\n"
        "  .cfi_offset x27, -80\n  .cfi_offset x28, -72\n  .cfi_offset d8, -64\n  .cfi_offset d9, -56\n"
        "  .cfi_offset d10, -48\n  .cfi_offset d11, -40\n  .cfi_offset d12, -32\n  .cfi_offset d13, -24\n"
        "  .cfi_offset d14, -16\n  .cfi_offset d15, -8\n"
        "  mov x20, x0\n"
        "  blr x1\n"
        REGISTERS("ldp")
        "  ldp x29, x30, [sp], #160\n  .cfi_def_cfa sp, 0\n"
        "  ret\n"
        "  .cfi_endproc\n.size enter_unit, .-enter_unit\n");

/* Numbers of registers in DWARF: x0–x30 as they are, d8 is 72 (DWARF for the Arm 64-bit Architecture, 4.1). */
#define X(n, slot) SAVED | n, slot
#define D(n, slot) SAVED_EXTENDED, 64 + n, slot
const u8 frame_rules[] = {
    DEFINE_CFA, 29, 0xa0, 1 /* 160 */, X(29, 20), X(30, 19), X(19, 18), X(20, 17), X(21, 16), X(22, 15), X(23, 14), X(24, 13), X(25, 12),
    X(26, 11), X(27, 10), X(28, 9), D(8, 8), D(9, 7), D(10, 6), D(11, 5), D(12, 4), D(13, 3), D(14, 2), D(15, 1),
};
const u8 frame_return_register = 30;
#endif

const u32 frame_rules_size = sizeof frame_rules;
