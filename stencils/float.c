/* IEEE doubles. Comparisons with a NaN are false, except `ne`. */
#include "stencil.h"

#define ARITHMETIC(name, expression) \
    FAMILY name(Activation *a, double x, double y, double *out) { *out = (expression); return false; }
#define COMPARISON(name, expression) \
    FAMILY name(Activation *a, double x, double y, i64 *out) { *out = (expression); return false; }

ARITHMETIC(float_add, x + y)
ARITHMETIC(float_sub, x - y)
ARITHMETIC(float_mul, x * y)
COMPARISON(float_lt, x < y)
COMPARISON(float_le, x <= y)
COMPARISON(float_eq, x == y)
COMPARISON(float_ne, x != y)
COMPARISON(float_gt, x > y)
COMPARISON(float_ge, x >= y)

FAMILY float_div(Activation *a, double x, double y, double *out) {
    *out = x / y;
    return UNLIKELY(y == 0);
}
#if defined(__aarch64__)
FAMILY float_neg(Activation *a, double x, double *out) {
    *out = -x;
    return false;
}
FAMILY float_abs(Activation *a, double x, double *out) {
    *out = __builtin_fabs(x);
    return false;
}
#else
FAMILY float_neg(Activation *a, double x, double *out) {
    *out = from_bits(to_bits(x) ^ opaque((u64)1 << 63));
    return false;
}
FAMILY float_abs(Activation *a, double x, double *out) {
    *out = from_bits(to_bits(x) & opaque(~((u64)1 << 63)));
    return false;
}
#endif
FAMILY float_sqrt(Activation *a, double x, double *out) {
    if (UNLIKELY(x < 0)) return true;
    __asm__(
#if defined(__x86_64__)
        "sqrtsd %1, %0" : "=x"(*out) : "x"(x));
#else
        "fsqrt %d0, %d1" : "=w"(*out) : "w"(x));
#endif
    return false;
}
FAMILY float_to_bool(Activation *a, double x, i64 *out) {
    *out = x != 0;
    return false;
}

/* -2^63 and 2^63 */
#define FITS(x) (x >= DOUBLE(0xc3e0000000000000u) && x < DOUBLE(0x43e0000000000000u))

FAMILY float_to_int(Activation *a, double x, i64 *out) {
    if (UNLIKELY(!FITS(x))) return true;
    *out = (i64)x;
    return false;
}
FAMILY float_floor(Activation *a, double x, i64 *out) {
    if (UNLIKELY(!FITS(x))) return true;
#if defined(__aarch64__)
    *out = (i64)__builtin_floor(x);
#else
    i64 truncated = (i64)x;
    *out = truncated - ((double)truncated > x);
#endif
    return false;
}
FAMILY float_ceil(Activation *a, double x, i64 *out) {
    if (UNLIKELY(!FITS(x))) return true;
#if defined(__aarch64__)
    *out = (i64)__builtin_ceil(x);
#else
    i64 truncated = (i64)x;
    *out = truncated + ((double)truncated < x);
#endif
    return false;
}
