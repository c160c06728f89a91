/* Integers: i64 with overflow checks, and modulo 2^64. */
#include "stencil.h"

FAMILY int_add(Activation *a, i64 x, i64 y, i64 *out) { return UNLIKELY(__builtin_add_overflow(x, y, out)); }
FAMILY int_sub(Activation *a, i64 x, i64 y, i64 *out) { return UNLIKELY(__builtin_sub_overflow(x, y, out)); }
FAMILY int_mul(Activation *a, i64 x, i64 y, i64 *out) { return UNLIKELY(__builtin_mul_overflow(x, y, out)); }
FAMILY int_neg(Activation *a, i64 x, i64 *out) { return UNLIKELY(__builtin_sub_overflow((i64)0, x, out)); }
FAMILY int_abs(Activation *a, i64 x, i64 *out) {
    if (UNLIKELY(x == INT64_MIN)) return true;
    *out = x < 0 ? -x : x;
    return false;
}

#define TOTAL2(name, expression) \
    FAMILY name(Activation *a, i64 x, i64 y, i64 *out) { *out = (i64)(expression); return false; }
#define TOTAL1(name, expression) \
    FAMILY name(Activation *a, i64 x, i64 *out) { *out = (i64)(expression); return false; }

TOTAL2(int_add_wrap, (uint64_t)x + (uint64_t)y)
TOTAL2(int_sub_wrap, (uint64_t)x - (uint64_t)y)
TOTAL2(int_mul_wrap, (uint64_t)x * (uint64_t)y)
TOTAL2(int_and, x & y)
TOTAL2(int_or, x | y)
TOTAL2(int_xor, x ^ y)
TOTAL2(int_ushr_wrap, (uint64_t)x >> (y & 63))
TOTAL2(int_umod, (uint64_t)x % (uint64_t)y)
TOTAL2(int_udiv, (uint64_t)x / (uint64_t)y)
TOTAL2(int_min, y < x ? y : x)
TOTAL2(int_max, y > x ? y : x)
TOTAL2(int_lt, x < y)
TOTAL2(int_le, x <= y)
TOTAL2(int_eq, x == y)
TOTAL2(int_ne, x != y)
TOTAL2(int_gt, x > y)
TOTAL2(int_ge, x >= y)
TOTAL1(int_invert, ~x)
TOTAL1(int_to_bool, x != 0)
TOTAL1(int_from_bool, x)
TOTAL1(bool_not, x ^ 1)

FAMILY int_shl(Activation *a, i64 x, i64 y, i64 *out) {
    if (UNLIKELY((uint64_t)y > 62)) return true;
    i64 shifted = (i64)((uint64_t)x << y);
    *out = shifted;
    return UNLIKELY(shifted >> y != x);
}
FAMILY int_shl_wrap(Activation *a, i64 x, i64 y, i64 *out) {
    if (UNLIKELY(y < 0)) return true;
    *out = y < 64 ? (i64)((uint64_t)x << y) : 0;
    return false;
}
FAMILY int_shr(Activation *a, i64 x, i64 y, i64 *out) {
    if (UNLIKELY(y < 0)) return true;
    *out = x >> (y > 63 ? 63 : y);
    return false;
}
FAMILY int_floordiv(Activation *a, i64 x, i64 y, i64 *out) {
    if (UNLIKELY(y == 0 || (y == -1 && x == INT64_MIN))) return true;
    i64 quotient = x / y, remainder = x % y;
    *out = quotient - (remainder != 0 && (remainder ^ y) < 0);
    return false;
}
FAMILY int_mod(Activation *a, i64 x, i64 y, i64 *out) {
    if (UNLIKELY(y == 0)) return true;
    /* INT64_MIN % -1 traps on x86-64 */
    i64 remainder = UNLIKELY(y == -1) ? 0 : x % y;
    *out = remainder != 0 && (remainder ^ y) < 0 ? remainder + y : remainder;
    return false;
}

#if defined(__x86_64__)
FAMILY int_add_imm(Activation *a, i64 x, i64 *out) {
    bool overflow;
    __asm__("addq $_HOLE_IMM0, %0" : "+r"(x), "=@cco"(overflow));
    *out = x;
    return UNLIKELY(overflow);
}
FAMILY int_add_imm_wrap(Activation *a, i64 x, i64 *out) {
    __asm__("leaq _HOLE_IMM0(%1), %0" : "=r"(*out) : "r"(x));
    return false;
}
FAMILY int_mul_imm(Activation *a, i64 x, i64 *out) {
    bool overflow;
    __asm__("imulq $_HOLE_IMM0, %2, %0" : "=r"(*out), "=@cco"(overflow) : "r"(x));
    return UNLIKELY(overflow);
}
FAMILY int_and_imm(Activation *a, i64 x, i64 *out) {
    __asm__("andq $_HOLE_IMM0, %0" : "+r"(x) : : "cc");
    *out = x;
    return false;
}
#else
FAMILY int_add_imm(Activation *a, i64 x, i64 *out) { return UNLIKELY(__builtin_add_overflow(x, IMM(0), out)); }
FAMILY int_add_imm_wrap(Activation *a, i64 x, i64 *out) {
    *out = (i64)((uint64_t)x + (uint64_t)IMM(0));
    return false;
}
FAMILY int_mul_imm(Activation *a, i64 x, i64 *out) { return UNLIKELY(__builtin_mul_overflow(x, IMM(0), out)); }
FAMILY int_and_imm(Activation *a, i64 x, i64 *out) {
    *out = x & IMM(0);
    return false;
}
#endif
#if defined(__aarch64__)
/* Immediates of 12 bits, 0..4095, fit the instruction. */
#define SMALL(name, instruction) \
    FAMILY name(Activation *a, i64 x, i64 *out) { \
        i64 sum; \
        __asm__ goto(IMM12_NEXT instruction " %0, %1, #0\n\tb.vs %l2" : "=r"(sum) : "r"(x) : "cc" : overflow); \
        *out = sum; \
        return false; \
    overflow: \
        return true; \
    }
SMALL(int_add_imm_small, "adds")
SMALL(int_sub_imm_small, "subs")
#define SMALL_WRAP(name, instruction) \
    FAMILY name(Activation *a, i64 x, i64 *out) { \
        __asm__(IMM12_NEXT instruction " %0, %1, #0" : "=r"(*out) : "r"(x)); \
        return false; \
    }
SMALL_WRAP(int_add_imm_wrap_small, "add")
SMALL_WRAP(int_sub_imm_wrap_small, "sub")
#define LOGICAL(name, instruction) \
    FAMILY name(Activation *a, i64 x, i64 *out) { \
        __asm__(FIELD_NEXT(LOGICAL, 0) instruction " %0, %1, #1" : "=r"(*out) : "r"(x)); \
        return false; \
    }
LOGICAL(int_and_logical, "and")
LOGICAL(int_or_logical, "orr")
LOGICAL(int_xor_logical, "eor")
#endif
FAMILY int_shl_imm(Activation *a, i64 x, i64 *out) {
    i64 count = IMM_SMALL(0), shifted = (i64)((uint64_t)x << (count & 63));
    *out = shifted;
    return UNLIKELY(shifted >> (count & 63) != x);
}
FAMILY int_shr_imm(Activation *a, i64 x, i64 *out) {
    *out = x >> (IMM_SMALL(0) & 63);
    return false;
}

FAMILY int_to_float(Activation *a, i64 x, double *out) {
    *out = (double)x;
    return false;
}
FAMILY int_to_float_exact(Activation *a, i64 x, double *out) {
    if (UNLIKELY((uint64_t)x + ((u64)1 << 53) > (u64)1 << 54)) return true;
    *out = (double)x;
    return false;
}
