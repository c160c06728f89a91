/*
 * C calls: arguments in r3… and f0…, result in r3 or f0. What the callee does not preserve is passed on undefined, so
 * that nothing is saved around the call.
 */
#include "stencil.h"
#pragma clang diagnostic ignored "-Wuninitialized"

#if defined(_WIN32)
/* r0–r4 survive: RDI and RSI are the caller's there. */
#define GO_ON_WITH_R(value) i64 u; double d; \
    [[clang::musttail]] return _HOLE_CONTINUE(a, r0, r1, r2, value, r4, u, u, u, d, d, d, d, d, d, d, d)
#define GO_ON_WITH_F(value) i64 u; double d; \
    [[clang::musttail]] return _HOLE_CONTINUE(a, r0, r1, r2, r3, r4, u, u, u, value, d, d, d, d, d, d, d)
#define GO_ON_WITH_NOTHING i64 u; double d; \
    [[clang::musttail]] return _HOLE_CONTINUE(a, r0, r1, r2, r3, r4, u, u, u, d, d, d, d, d, d, d, d)
#define LEAVE_AFTER_CALL i64 u; double d; \
    [[clang::musttail]] return _HOLE_TARGET(a, r0, r1, r2, r3, r4, u, u, u, d, d, d, d, d, d, d, d)
#elif defined(__x86_64__)
/* r0–r2 survive. */
#define GO_ON_WITH_R(value) i64 u; double d; \
    [[clang::musttail]] return _HOLE_CONTINUE(a, r0, r1, r2, value, u, u, u, u, d, d, d, d, d, d, d, d)
#define GO_ON_WITH_F(value) i64 u; double d; \
    [[clang::musttail]] return _HOLE_CONTINUE(a, r0, r1, r2, u, u, u, u, u, value, d, d, d, d, d, d, d)
#define GO_ON_WITH_NOTHING i64 u; double d; \
    [[clang::musttail]] return _HOLE_CONTINUE(a, r0, r1, r2, u, u, u, u, u, d, d, d, d, d, d, d, d)
#define LEAVE_AFTER_CALL i64 u; double d; \
    [[clang::musttail]] return _HOLE_TARGET(a, r0, r1, r2, u, u, u, u, u, d, d, d, d, d, d, d, d)
#else
#define GO_ON_WITH_R(value) double d; \
    [[clang::musttail]] return _HOLE_CONTINUE(a, r0, r1, r2, value, r4, r5, r6, r7, d, d, d, d, d, d, d, d)
#define GO_ON_WITH_F(value) double d; \
    [[clang::musttail]] return _HOLE_CONTINUE(a, r0, r1, r2, r3, r4, r5, r6, r7, value, d, d, d, d, d, d, d)
#define GO_ON_WITH_NOTHING double d; \
    [[clang::musttail]] return _HOLE_CONTINUE(a, r0, r1, r2, r3, r4, r5, r6, r7, d, d, d, d, d, d, d, d)
#define LEAVE_AFTER_CALL double d; \
    [[clang::musttail]] return _HOLE_TARGET(a, r0, r1, r2, r3, r4, r5, r6, r7, d, d, d, d, d, d, d, d)
#endif

extern void _HOLE_CALL0(void);

#define CALL_R(name, parameters, ...) \
    STENCIL call_helper_##name(PARAMETERS) { i64 x = ((i64 (*)parameters)_HOLE_CALL0)(__VA_ARGS__); GO_ON_WITH_R(x); }
/* A C int, made 64 bits wide. */
#define CALL_I(name, parameters, ...) \
    STENCIL call_helper_##name(PARAMETERS) { i64 x = ((int (*)parameters)_HOLE_CALL0)(__VA_ARGS__); GO_ON_WITH_R(x); }
#define CALL_F(name, parameters, ...) \
    STENCIL call_helper_##name(PARAMETERS) { double x = ((double (*)parameters)_HOLE_CALL0)(__VA_ARGS__); GO_ON_WITH_F(x); }
#define CALL_V(name, parameters, ...) \
    STENCIL call_helper_##name(PARAMETERS) { ((void (*)parameters)_HOLE_CALL0)(__VA_ARGS__); GO_ON_WITH_NOTHING; }

CALL_R(_r, (void))
CALL_R(r_r, (i64), r3)
CALL_R(rr_r, (i64, i64), r3, r4)
CALL_R(rrr_r, (i64, i64, i64), r3, r4, r5)
CALL_R(rrrr_r, (i64, i64, i64, i64), r3, r4, r5, r6)
CALL_R(rrrrr_r, (i64, i64, i64, i64, i64), r3, r4, r5, r6, r7)
CALL_R(f_r, (double), f0)
CALL_R(ff_r, (double, double), f0, f1)
CALL_I(r_i, (i64), r3)
CALL_I(rr_i, (i64, i64), r3, r4)
CALL_I(rrr_i, (i64, i64, i64), r3, r4, r5)
CALL_F(f_f, (double), f0)
CALL_F(ff_f, (double, double), f0, f1)
CALL_F(r_f, (i64), r3)
CALL_V(_v, (void))
CALL_V(r_v, (i64), r3)
CALL_V(rr_v, (i64, i64), r3, r4)
CALL_V(rrr_v, (i64, i64, i64), r3, r4, r5)

/* The activation record is the first C argument. */
#define CALL_ACTIVATION(count, parameters, ...) \
    STENCIL call_activation_##count(PARAMETERS) { \
        i64 x = ((i64 (*)parameters)_HOLE_CALL0)(a __VA_OPT__(,) __VA_ARGS__); \
        GO_ON_WITH_R(x); \
    }
CALL_ACTIVATION(0, (Activation *))
CALL_ACTIVATION(1, (Activation *, i64), r3)
CALL_ACTIVATION(2, (Activation *, i64, i64), r3, r4)
CALL_ACTIVATION(3, (Activation *, i64, i64, i64), r3, r4, r5)

extern i64 _HOLE_FN_armature_vectorcall(Activation *a, i64 count, i64 names);
STENCIL call_vector(PARAMETERS) {
    i64 x = _HOLE_FN_armature_vectorcall(a, IMM_SMALL(0), (i64)_HOLE_LIT0);
    GO_ON_WITH_R(x);
}

/* C function of the stored arguments and their count. */
STENCIL call_arguments_o(PARAMETERS) {
    i64 x = ((i64 (*)(Object **, i64))_HOLE_CALL0)(a->arguments, IMM_SMALL(0));
    GO_ON_WITH_R(x);
}

/* Leaves when the result is not finite. */
#define FINITE(x) ((to_bits(x) & opaque(0x7ff0000000000000u)) != opaque(0x7ff0000000000000u))
#define CALL_FINITE(name, parameters, ...) \
    STENCIL name(PARAMETERS) { \
        double x = ((double (*)parameters)_HOLE_CALL0)(__VA_ARGS__); \
        if (UNLIKELY(!FINITE(x))) { LEAVE_AFTER_CALL; } \
        GO_ON_WITH_F(x); \
    }
CALL_FINITE(float_libm, (double), f0)
CALL_FINITE(float_libm2, (double, double), f0, f1)

/* Leaves before the call when the divisor is 0; CALL0 is total otherwise. */
#define CALL_NONZERO(name) \
    STENCIL name(PARAMETERS) { \
        if (UNLIKELY(f1 == 0)) LEAVE; \
        double x = ((double (*)(double, double))_HOLE_CALL0)(f0, f1); \
        GO_ON_WITH_F(x); \
    }
CALL_NONZERO(float_floordiv)
CALL_NONZERO(float_mod)
