/* Jumps, branches and the ways out of a unit. */
#include "stencil.h"

STENCIL jump(PARAMETERS) { LEAVE; }

STENCIL exit_stub(PARAMETERS) {
    a->exit_id = (u32)IMM(0);
    LEAVE;
}
STENCIL exit_common(PARAMETERS) {
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

FAMILY branch_true(Activation *a, i64 x) { return IS_TRUE(x); }
FAMILY branch_false(Activation *a, i64 x) { return IS_FALSE(x); }
FAMILY guard_true(Activation *a, i64 x) { return UNLIKELY(IS_FALSE(x)); }
FAMILY guard_false(Activation *a, i64 x) { return UNLIKELY(IS_TRUE(x)); }

#define BRANCHES(name, operator) \
    FAMILY branch_int_##name(Activation *a, i64 x, i64 y) { return x operator y; } \
    FAMILY branch_float_##name(Activation *a, double x, double y) { return x operator y; } \
    FAMILY branch_float_not_##name(Activation *a, double x, double y) { return !(x operator y); }
BRANCHES(lt, <)
BRANCHES(le, <=)
BRANCHES(eq, ==)
BRANCHES(ne, !=)
BRANCHES(gt, >)
BRANCHES(ge, >=)

#define STRING(x) STRING_OF(x)
#define STRING_OF(x) #x
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
