/*
 * What every stencil template includes.
 *
 * A family is an inline function `bool name(Activation *a, arguments…, result *)`: true means "go to TARGET", false "go
 * on". The build instantiates it for every choice of registers. Holes are addresses of undefined symbols.
 */
#ifndef ARMATURE_STENCIL_H
#define ARMATURE_STENCIL_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "layout.h"

#define PARAMETERS Activation *a, i64 r0, i64 r1, i64 r2, i64 r3, i64 r4, i64 r5, i64 r6, i64 r7, \
    double f0, double f1, double f2, double f3, double f4, double f5, double f6, double f7
#define REGISTERS a, r0, r1, r2, r3, r4, r5, r6, r7, f0, f1, f2, f3, f4, f5, f6, f7
#define STENCIL __attribute__((preserve_none)) void
#define FAMILY static inline __attribute__((always_inline)) bool

STENCIL _HOLE_CONTINUE(PARAMETERS);
STENCIL _HOLE_TARGET(PARAMETERS);
#define GO_ON [[clang::musttail]] return _HOLE_CONTINUE(REGISTERS)
#define LEAVE [[clang::musttail]] return _HOLE_TARGET(REGISTERS)

#define LIKELY(x) __builtin_expect(!!(x), 1)
#define UNLIKELY(x) __builtin_expect(!!(x), 0)

#define STRING(x) STRING_OF(x)
#define STRING_OF(x) #x

/* One variant: result in an integer register, in a float register, or nowhere. */
#define VARIANT_R(name, registers, out, ...) \
    STENCIL name##__##registers(PARAMETERS) { \
        i64 result = 0; \
        if (name(a, __VA_ARGS__ __VA_OPT__(,) &result)) LEAVE; \
        out = result; \
        GO_ON; \
    }
#define VARIANT_F(name, registers, out, ...) \
    STENCIL name##__##registers(PARAMETERS) { \
        double result = 0; \
        if (name(a, __VA_ARGS__ __VA_OPT__(,) &result)) LEAVE; \
        out = result; \
        GO_ON; \
    }
#define VARIANT_V(name, registers, ...) \
    STENCIL name##__##registers(PARAMETERS) { \
        if (name(a __VA_OPT__(,) __VA_ARGS__)) LEAVE; \
        GO_ON; \
    }
/* Both operands are read and written. */
#define VARIANT_EXCHANGE_R(name, registers, x, y) \
    STENCIL name##__##registers(PARAMETERS) { i64 old = x; x = y; y = old; GO_ON; }
#define VARIANT_EXCHANGE_F(name, registers, x, y) \
    STENCIL name##__##registers(PARAMETERS) { double old = x; x = y; y = old; GO_ON; }

/* A 64-bit literal-pool slot, read. */
extern const uint64_t _HOLE_LIT0, _HOLE_LIT1, _HOLE_LIT2;
extern const double hole_double_lit0 __asm__("_HOLE_LIT0");
/* Slots whose content the emitter knows by name. */
extern TypeObject *const _HOLE_TYPE_LONG, *const _HOLE_TYPE_FLOAT, *const _HOLE_TYPE_FUNCTION;
extern Object *const _HOLE_OBJ_TRUE, *const _HOLE_OBJ_FALSE, *const _HOLE_OBJ_NONE;

/* A slot with the address of the agent's table of the small ints, from -5 on. */
extern Object *const *const _HOLE_OBJ_SMALL_INTEGERS;

/* IMM: signed 32 bits. IMM_SMALL: 0..65535. Inline assembly, because the compiler believes it knows what an address can be. */
#if defined(__x86_64__)
#define IMM(n) ({ i64 imm_; __asm__("movq $_HOLE_IMM" #n ", %0" : "=r"(imm_)); imm_; })
#define IMM_SMALL(n) ({ i64 imm_; __asm__("movl $_HOLE_IMM" #n ", %k0" : "=r"(imm_)); imm_; })
#elif defined(__aarch64__)
#define IMM(n) ({ int imm_; \
    __asm__("movz %w0, #:abs_g1:_HOLE_IMM" #n "\n\tmovk %w0, #:abs_g0_nc:_HOLE_IMM" #n : "=r"(imm_)); (i64)imm_; })
#define IMM_SMALL(n) ({ i64 imm_; __asm__("movz %0, #:abs_g0:_HOLE_IMM" #n : "=r"(imm_)); imm_; })
/* Before an instruction of the add and subtract family with immediate 0: IMM0 (0..4095) goes there. */
#define IMM12_NEXT ".Lhole%=: .reloc .Lhole%=, R_AARCH64_ADD_ABS_LO12_NC, _HOLE_IMM0\n\t"
/* Before an instruction with a field that has no relocation: its name stands for it (src/stencils/aarch64.ts). */
#define FIELD_NEXT(field, n) ".Lhole" #n "%=: .reloc .Lhole" #n "%=, R_AARCH64_ADD_ABS_LO12_NC, _HOLE_" #field #n "\n\t"
#endif

/* On x86-64 the test is written out: knowing that the register is 0 on one way, the compiler would store 0 into it. */
#if defined(__x86_64__)
#define TEST(flag, x) ({ bool flag_; __asm__("testq %1, %1" : "=@cc" #flag(flag_) : "r"(x)); flag_; })
#define IS_TRUE(x) TEST(nz, x)
#define IS_FALSE(x) TEST(z, x)
#define IS_MINUS_ONE(x) ({ bool flag_; __asm__("cmpq $-1, %1" : "=@cce"(flag_) : "r"(x)); flag_; })
#else
#define IS_MINUS_ONE(x) ((x) == -1)
#define IS_TRUE(x) ((x) != 0)
#define IS_FALSE(x) ((x) == 0)
#endif

/* A constant the compiler must not put into a constant pool: stencils have no data of their own. */
static inline __attribute__((always_inline)) uint64_t opaque(uint64_t x) {
    __asm__("" : "+r"(x));
    return x;
}
static inline __attribute__((always_inline)) double from_bits(uint64_t x) {
    double d;
    __builtin_memcpy(&d, &x, 8);
    return d;
}
static inline __attribute__((always_inline)) uint64_t to_bits(double d) {
    uint64_t x;
    __builtin_memcpy(&x, &d, 8);
    return x;
}
#define DOUBLE(bits) from_bits(opaque(bits))

/*
 * Slow paths inside a stencil call helpers which keep nearly every register (agent/preserve.c), so that the fast path
 * saves nothing. Integer argument and result in RAX or X0, a second integer in R9 or X1, float argument in XMM8 or D16.
 */
#if defined(__x86_64__)
#define KEEPING_CLOBBERS "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15", "memory", "cc"
#define CALL_KEEPING(function, x) ({ i64 io_ = (i64)(x); \
    __asm__ volatile("call _HOLE_FN_" #function : "+a"(io_) : : KEEPING_CLOBBERS, "xmm8"); io_; })
#define CALL_KEEPING_RR(function, x, y) ({ i64 io_ = (i64)(x); register i64 in_ __asm__("r9") = (i64)(y); \
    __asm__ volatile("call _HOLE_FN_" #function : "+a"(io_) : "r"(in_) : KEEPING_CLOBBERS, "xmm8"); io_; })
#define CALL_KEEPING_RF(function, x, y) ({ i64 io_ = (i64)(x); register double in_ __asm__("xmm8") = (y); \
    __asm__ volatile("call _HOLE_FN_" #function : "+a"(io_), "+x"(in_) : : KEEPING_CLOBBERS); io_; })
/* True when the helper says so by the carry flag. The move is here so that the fast path is not made to use RAX too. */
#define CALL_NUMBER(function, x, out) ({ i64 io_ = (i64)(x); bool carry_; \
    __asm__ volatile("call _HOLE_FN_" #function : "+a"(io_), "=@ccc"(carry_) : : "r9", "r10", "r11"); \
    if (!carry_) __asm__("movq %1, %0" : "=r"(*(out)) : "r"(io_)); \
    carry_; })
#elif defined(__aarch64__)
#define KEEPING_CLOBBERS "x16", "x17", "x18", "v17", "v18", "v19", "v20", "v21", "v22", "v23", "v24", "v25", "v26", \
    "v27", "v28", "v29", "v30", "v31", "memory", "cc"
/* The link register is saved here: were it a clobber, the compiler might save it on the fast path too. */
#define BRANCH_AND_LINK(function) "str x30, [sp, #-16]!\n\tbl _HOLE_FN_" #function "\n\tldr x30, [sp], #16"
#define CALL_KEEPING(function, x) ({ register i64 io_ __asm__("x0") = (i64)(x); \
    __asm__ volatile(BRANCH_AND_LINK(function) : "+r"(io_) : : KEEPING_CLOBBERS, "v16"); io_; })
#define CALL_KEEPING_RR(function, x, y) ({ register i64 io_ __asm__("x0") = (i64)(x); register i64 in_ __asm__("x1") = (i64)(y); \
    __asm__ volatile(BRANCH_AND_LINK(function) : "+r"(io_) : "r"(in_) : KEEPING_CLOBBERS, "v16"); io_; })
#define CALL_KEEPING_RF(function, x, y) ({ register i64 io_ __asm__("x0") = (i64)(x); register double in_ __asm__("d16") = (y); \
    __asm__ volatile(BRANCH_AND_LINK(function) : "+r"(io_), "+w"(in_) : : KEEPING_CLOBBERS); io_; })
#define CALL_NUMBER(function, x, out) ({ __label__ wrong_, done_; bool carry_ = false; register i64 io_ __asm__("x0") = (i64)(x); i64 result_; \
    __asm__ goto(BRANCH_AND_LINK(function) "\n\tb.cs %l[wrong_]\n\tmov %1, %0" : "+r"(io_), "=&r"(result_) : \
        : "x1", "x2", "x16", "x17", "cc", "memory" : wrong_); \
    *(out) = result_; goto done_; wrong_: carry_ = true; done_:; carry_; })
#endif

#endif
