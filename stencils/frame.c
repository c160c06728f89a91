/* The outer frame and the thread: homes of locals, operand stack, position, breakers. */
#include "objects.h"

/* The slot of a local: IMM0 is its index, at most 4095. */
#define HOME(a) (&(a)->locals[IMM_SMALL(0)])
#if defined(__x86_64__)
/* IMM1: the index in bytes. */
#define LOAD_HOME(locals) ({ Slot slot_; __asm__("movq _HOLE_IMM1(%1), %0" : "=r"(slot_) : "r"(locals) : "memory"); slot_; })
#define EXCHANGE_HOME(a, slot) ({ Slot *home_ = HOME(a), old_ = *home_; *home_ = (slot); old_; })
#else
#define LOAD_HOME(locals) ({ Slot slot_; \
    __asm__("ldr %0, [%1, #:lo12:_HOLE_INDEX0]" : "=r"(slot_) : "r"(locals) : "memory"); slot_; })
#define EXCHANGE_HOME(a, slot) ({ Slot *locals_ = (a)->locals, old_ = LOAD_HOME(locals_); \
    __asm__ volatile("str %0, [%1, #:lo12:_HOLE_INDEX0]" : : "r"(slot), "r"(locals_) : "memory"); old_; })
#endif

FAMILY home_load(Activation *a, i64 *out) {
    *out = (i64)slot_object(LOAD_HOME(a->locals));
    return false;
}
FAMILY home_store(Activation *a, i64 x) {
    release_slot(EXCHANGE_HOME(a, slot_from_owned((Object *)x)));
    return false;
}
FAMILY home_clear(Activation *a) {
    release_slot(EXCHANGE_HOME(a, SLOT_NULL));
    return false;
}

/* Only where a unit is entered in a loop: in C, so that it takes few bytes. */
FAMILY stack_take(Activation *a, i64 *out) {
    *out = CALL_KEEPING_RR(armature_keeping_stack_take, IMM_SMALL(0), a);
    return false;
}
FAMILY frame_position(Activation *a) {
    CodeUnit *position = a->instr_ptr_base + IMM(0);
#if ARMATURE_LAYOUT == 311
    a->frame->prev_instr = position;
#else
    a->frame->instr_ptr = position;
#endif
    return false;
}
#define ARGUMENTS_INDEX 21
FAMILY arg_store(Activation *a, i64 x) {
#if defined(__x86_64__)
    /* IMM1: where it is in the activation record. */
    __asm__ volatile("movq %0, _HOLE_IMM1(%1)" : : "r"(x), "r"(a) : "memory");
#else
    __asm__ volatile("str %0, [%1, #:lo12:_HOLE_INDEX0+" STRING(ARGUMENTS_INDEX) "]" : : "r"(x), "r"(a) : "memory");
    _Static_assert(offsetof(Activation, arguments) == ARGUMENTS_INDEX * 8, "in units of 8 bytes");
#endif
    return false;
}

FAMILY check_error(Activation *a, i64 x) { return UNLIKELY(IS_FALSE(x)); }
FAMILY check_error_int(Activation *a, i64 x) { return UNLIKELY(IS_MINUS_ONE(x)); }
FAMILY check_tracing(Activation *a) {
#if ARMATURE_LAYOUT == 311
    return UNLIKELY(a->tstate->cframe->use_tracing != 0);
#else
    /* Every change of instrumentation gives the thread a new version; the agent keeps the one at entry. */
    return UNLIKELY((*a->eval_breaker & ~EVAL_BREAKER_MASK) != a->instrumentation);
#endif
}
FAMILY check_written(Activation *a) { return UNLIKELY(a->written_locals != 0); }

/* What asks for attention: on 3.14 the low byte of the eval breaker, which is the first. */
#if ARMATURE_LAYOUT == 311
typedef EvalBreaker EventBits;
#else
typedef u8 EventBits;
_Static_assert(EVAL_BREAKER_MASK == 0xff, "the events are one byte");
#endif
FAMILY safepoint(Activation *a) {
    return UNLIKELY(*(volatile EventBits *)a->eval_breaker != 0);
}
