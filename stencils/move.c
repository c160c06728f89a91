/* Moves between registers, spill slots and constants. */
#include "stencil.h"

FAMILY move_r(Activation *a, i64 x, i64 *out) {
    *out = x;
    return false;
}
FAMILY move_f(Activation *a, double x, double *out) {
    *out = x;
    return false;
}

/* Spill slots: IMM0 is the byte offset in the activation record. */
#if defined(__x86_64__)
FAMILY spill_r(Activation *a, i64 x) {
    __asm__ volatile("movq %0, _HOLE_IMM0(%1)" : : "r"(x), "r"(a) : "memory");
    return false;
}
FAMILY spill_f(Activation *a, double x) {
    __asm__ volatile("movsd %0, _HOLE_IMM0(%1)" : : "x"(x), "r"(a) : "memory");
    return false;
}
FAMILY reload_r(Activation *a, i64 *out) {
    __asm__("movq _HOLE_IMM0(%1), %0" : "=r"(*out) : "r"(a) : "memory");
    return false;
}
FAMILY reload_f(Activation *a, double *out) {
    __asm__("movsd _HOLE_IMM0(%1), %0" : "=x"(*out) : "r"(a) : "memory");
    return false;
}
#else
FAMILY spill_r(Activation *a, i64 x) {
    __asm__ volatile("str %0, [%1, #:lo12:_HOLE_IMM0]" : : "r"(x), "r"(a) : "memory");
    return false;
}
FAMILY spill_f(Activation *a, double x) {
    __asm__ volatile("str %d0, [%1, #:lo12:_HOLE_IMM0]" : : "w"(x), "r"(a) : "memory");
    return false;
}
FAMILY reload_r(Activation *a, i64 *out) {
    __asm__("ldr %0, [%1, #:lo12:_HOLE_IMM0]" : "=r"(*out) : "r"(a) : "memory");
    return false;
}
FAMILY reload_f(Activation *a, double *out) {
    __asm__("ldr %d0, [%1, #:lo12:_HOLE_IMM0]" : "=w"(*out) : "r"(a) : "memory");
    return false;
}
#endif

FAMILY const_int(Activation *a, i64 *out) {
    *out = (i64)_HOLE_LIT0;
    return false;
}
FAMILY const_int32(Activation *a, i64 *out) {
    *out = IMM(0);
    return false;
}
FAMILY const_zero(Activation *a, i64 *out) {
    *out = 0;
    return false;
}
/* 0..65535 */
FAMILY const_small(Activation *a, i64 *out) {
    *out = IMM_SMALL(0);
    return false;
}
#if defined(__aarch64__)
/* The complement of 0..65535: -1 has immediate 0. */
FAMILY const_inverted(Activation *a, i64 *out) {
    __asm__(".Lhole%=: .reloc .Lhole%=, R_AARCH64_MOVW_UABS_G0, _HOLE_IMM0\n\tmovn %0, #0" : "=r"(*out));
    return false;
}
/* The immediates are fields of the instructions: src/compiler/4-emit/aarch64-constants.ts. */
#define CONSTANT(name, result, register, ...) \
    FAMILY name(Activation *a, result *out) { \
        __asm__(__VA_ARGS__ : "=" register(*out)); \
        return false; \
    }
CONSTANT(const_logical, i64, "r", FIELD_NEXT(LOGICAL, 0) "orr %0, xzr, #1")
CONSTANT(const_wide, i64, "r", FIELD_NEXT(WIDE, 0) "movz %0, #0")
CONSTANT(const_wide_inverted, i64, "r", FIELD_NEXT(WIDE, 0) "movn %0, #0")
CONSTANT(const_wide2, i64, "r", FIELD_NEXT(WIDE, 0) "movz %0, #0\n\t" FIELD_NEXT(WIDE, 1) "movk %0, #0")
CONSTANT(const_wide2_inverted, i64, "r", FIELD_NEXT(WIDE, 0) "movn %0, #0\n\t" FIELD_NEXT(WIDE, 1) "movk %0, #0")
CONSTANT(const_float_imm, double, "w", FIELD_NEXT(FMOV, 0) "fmov %d0, #2.0")
#endif
FAMILY const_bool(Activation *a, i64 *out) {
    *out = IMM_SMALL(0);
    return false;
}
FAMILY const_float(Activation *a, double *out) {
    *out = hole_double_lit0;
    return false;
}
FAMILY const_float_zero(Activation *a, double *out) {
    *out = 0.0;
    return false;
}
FAMILY const_obj(Activation *a, i64 *out) {
    *out = (i64)_HOLE_LIT0;
    return false;
}
