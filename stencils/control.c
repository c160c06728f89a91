/* Jumps, branches and the ways out of a unit. */
#include "stencil.h"

STENCIL jump(PARAMETERS) { LEAVE; }

/*
 * Each exit has a stub of its own, so it only loads its number, in a register that no stencil uses for a value; a jump or
 * the common part follows, which stores it.
 */
STENCIL exit_stub(PARAMETERS) {
#if defined(__x86_64__)
    __asm__ volatile("movl $_HOLE_IMM0, %%eax" : : : "rax");
#else
    __asm__ volatile("movz w8, #:abs_g0:_HOLE_IMM0" : : : "x8");
#endif
    GO_ON;
}
#if defined(__x86_64__) && !defined(_WIN32)
/*
 * The same in fewer bytes, where many exits are close to each other: one half of the number, then the other.
 *
 *     exit.low 1; jump.short L      exit.low 2; jump.short L      exit.low 3; L: exit.high 0; jump to the common part
 */
STENCIL exit_low(PARAMETERS) {
    __asm__ volatile("movb $_HOLE_IMM0, %%al" : : : "rax");
    GO_ON;
}
STENCIL exit_high(PARAMETERS) {
    __asm__ volatile("movb $_HOLE_IMM0, %%ah" : : : "rax");
    GO_ON;
}
STENCIL jump_short(PARAMETERS) {
    __asm__ volatile(".byte 0xeb\n.Lhole%=: .reloc .Lhole%=, R_X86_64_PC8, _HOLE_TARGET-1\n\t.byte 0" : : : "memory");
    GO_ON;
}
#endif
STENCIL exit_common(PARAMETERS) {
#if defined(__x86_64__)
    __asm__ volatile("movzwl %%ax, %%eax\n\tmovl %%eax, %c1(%0)" : : "r"(a), "i"(offsetof(Activation, exit_id)) : "memory");
#else
    __asm__ volatile("str w8, [%0, %1]" : : "r"(a), "i"(offsetof(Activation, exit_id)) : "memory");
#endif
    a->int_registers[0] = r0;
    a->int_registers[1] = r1;
    a->int_registers[2] = r2;
    a->int_registers[3] = r3;
    a->int_registers[4] = r4;
    a->int_registers[5] = r5;
    a->int_registers[6] = r6;
    a->int_registers[7] = r7;
    a->float_registers[0] = f0;
    a->float_registers[1] = f1;
    a->float_registers[2] = f2;
    a->float_registers[3] = f3;
    a->float_registers[4] = f4;
    a->float_registers[5] = f5;
    a->float_registers[6] = f6;
    a->float_registers[7] = f7;
}

#if defined(__aarch64__)
/*
 * The link register is saved once, where a unit begins, in the slot at IMM0. A stub may then be one instruction long: a call,
 * and the number of the exit is how far behind TARGET it returns to.
 */
STENCIL link_save(PARAMETERS) {
    __asm__ volatile("str x30, [%0, #:lo12:_HOLE_IMM0]" : : "r"(a) : "memory");
    GO_ON;
}
STENCIL link_restore(PARAMETERS) {
    __asm__ volatile("ldr x30, [%0, #:lo12:_HOLE_IMM0]" : : "r"(a) : "memory");
    GO_ON;
}
STENCIL exit_call(PARAMETERS) {
    __asm__ volatile("bl _HOLE_TARGET");
    GO_ON;
}
STENCIL exit_number(PARAMETERS) {
    __asm__ volatile("adr x8, _HOLE_TARGET\n\tsub w8, w30, w8\n\tlsr w8, w8, #2" : : : "x8");
    GO_ON;
}
#endif

FAMILY branch_true(Activation *a, i64 x) { return IS_TRUE(x); }
FAMILY branch_false(Activation *a, i64 x) { return IS_FALSE(x); }
FAMILY guard_true(Activation *a, i64 x) { return UNLIKELY(IS_FALSE(x)); }
FAMILY guard_false(Activation *a, i64 x) { return UNLIKELY(IS_TRUE(x)); }

#define INT_BRANCH(name, operator) \
    FAMILY branch_int_##name(Activation *a, i64 x, i64 y) { return x operator y; }
INT_BRANCH(lt, <)
INT_BRANCH(le, <=)
INT_BRANCH(gt, >)
INT_BRANCH(ge, >=)

/* Knowing that two registers are equal, the compiler would copy one to the other on that way. */
#if defined(__x86_64__)
#define INT_EQUAL(flag, x, y) ({ bool flag_; __asm__("cmpq %2, %1" : "=@cc" #flag(flag_) : "r"(x), "r"(y)); flag_; })
FAMILY branch_int_eq(Activation *a, i64 x, i64 y) { return INT_EQUAL(e, x, y); }
FAMILY branch_int_ne(Activation *a, i64 x, i64 y) { return INT_EQUAL(ne, x, y); }
#else
#define BRANCH_EQUAL(flag) \
    FAMILY branch_int_##flag(Activation *a, i64 x, i64 y) { \
        __asm__ goto("cmp %0, %1\n\tb." #flag " %l2" : : "r"(x), "r"(y) : "cc" : taken); \
        return false; \
    taken: \
        return true; \
    }
BRANCH_EQUAL(eq)
BRANCH_EQUAL(ne)
#endif

#define FLOAT_BRANCHES(name, operator) \
    FAMILY branch_float_##name(Activation *a, double x, double y) { return x operator y; } \
    FAMILY branch_float_not_##name(Activation *a, double x, double y) { return !(x operator y); }
FLOAT_BRANCHES(lt, <)
FLOAT_BRANCHES(le, <=)
FLOAT_BRANCHES(eq, ==)
FLOAT_BRANCHES(ne, !=)
FLOAT_BRANCHES(gt, >)
FLOAT_BRANCHES(ge, >=)

#if defined(__x86_64__)
#define X86_OR_ARM(x86, arm) x86
#define BRANCH_IMM(name, operator, flag) \
    FAMILY branch_imm_int_##name(Activation *a, i64 x) { \
        bool flag_; \
        __asm__("cmpq $_HOLE_IMM0, %1" : "=@cc" STRING(flag)(flag_) : "r"(x)); \
        return flag_; \
    }
#else
#define X86_OR_ARM(x86, arm) arm
#define BRANCH_IMM(name, operator, flag) \
    FAMILY branch_imm_int_##name(Activation *a, i64 x) { return x operator IMM(0); } \
    /* 0..4095 */ \
    FAMILY branch_imm_int_##name##_small(Activation *a, i64 x) { \
        __asm__ goto(IMM12_NEXT "subs xzr, %0, #0\n\tb." STRING(flag) " %l1" : : "r"(x) : "cc" : taken); \
        return false; \
    taken: \
        return true; \
    }
#endif
BRANCH_IMM(lt, <, X86_OR_ARM(l, lt))
BRANCH_IMM(le, <=, le)
BRANCH_IMM(eq, ==, X86_OR_ARM(e, eq))
BRANCH_IMM(ne, !=, ne)
BRANCH_IMM(gt, >, X86_OR_ARM(g, gt))
BRANCH_IMM(ge, >=, ge)
