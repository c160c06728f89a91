/* Reference counts and boxed numbers inside stencils; slow paths keep every register. */
#ifndef ARMATURE_STENCIL_OBJECTS_H
#define ARMATURE_STENCIL_OBJECTS_H
#include "stencil.h"

#define INLINE static inline __attribute__((always_inline))

/* Byte offset of ht_cached_keys in a heap type. */
#if ARMATURE_LAYOUT == 314
#define HEAP_TYPE_CACHED_KEYS 880
#else
#define HEAP_TYPE_CACHED_KEYS 872
#endif

#define LITERAL_OBJECT(n) ((Object *)_HOLE_LIT##n)

INLINE void release(Object *o) {
#if ARMATURE_LAYOUT == 314
    if ((i32)o->refcount < 0) return;
#endif
    if (UNLIKELY(--o->refcount == 0)) CALL_KEEPING(armature_keeping_dealloc, o);
}
INLINE void release_if_any(Object *o) {
    if (o) release(o);
}
INLINE void release_slot(Slot s) {
#if ARMATURE_LAYOUT == 314
    if (s & 1) return;
    release((Object *)(s & ~SLOT_TAG_MASK));
#else
    release_if_any((Object *)s);
#endif
}

/* Puts a value into a place that owns a reference; releases the old object last, as CPython does. */
INLINE void replace(Object **place, Object *value) {
    Object *old = *place;
    *place = value;
    release(old);
}

INLINE bool is_small(i64 value) {
    return (u64)value + SMALL_INTEGERS_BELOW_ZERO < SMALL_INTEGERS;
}
/* A new reference to the only object of a number. */
INLINE Object *small_integer(i64 value) {
    Object *o = _HOLE_OBJ_SMALL_INTEGERS[value + SMALL_INTEGERS_BELOW_ZERO];
#if ARMATURE_LAYOUT == 311
    object_incref(o);
#endif
    return o;
}

/*
 * An unboxed number into a place that holds a number: into that object if it has the same type and nobody else holds it, else
 * a new one. True: leave, nothing has happened.
 */
INLINE bool store_float(Object **place, double value) {
    FloatObject *old = (FloatObject *)*place;
    if (LIKELY(old && old->base.type == _HOLE_TYPE_FLOAT && old->base.refcount == 1)) {
        old->value = value;
        return false;
    }
    return UNLIKELY(!(i32)CALL_KEEPING_RF(armature_keeping_replace_by_float, place, value));
}

/* True when a number of one digit, not among the small ones which exist only once, can take the place of the old int. */
INLINE bool fits_in_place(LongObject *old, i64 value) {
    if (((Object *)old)->refcount != 1) return false;
#if ARMATURE_LAYOUT == 314
    if (old->tag >> LONG_NON_SIZE_BITS != 1) return false;
#else
    if ((u64)old->size + 1 > 2) return false;
#endif
    u64 magnitude = value < 0 ? 0 - (u64)value : (u64)value;
    return magnitude - 257 < ((u64)1 << LONG_SHIFT) - 257;
}
INLINE bool store_int(Object **place, i64 value) {
    LongObject *old = (LongObject *)*place;
    if (LIKELY(old && ((Object *)old)->type == _HOLE_TYPE_LONG)) {
        if (LIKELY(fits_in_place(old, value))) {
            old->digits[0] = (u32)(value < 0 ? -value : value);
#if ARMATURE_LAYOUT == 314
            old->tag = (1 << LONG_NON_SIZE_BITS) | (value < 0 ? 2 : 0);
#else
            old->size = value < 0 ? -1 : 1;
#endif
            return false;
        }
        if (is_small(value)) {
            replace(place, small_integer(value));
            return false;
        }
    }
    return UNLIKELY(!(i32)CALL_KEEPING_RR(armature_keeping_replace_by_int, place, value));
}

/* The value of entry IMM0 in keys of strings; IMM1: its place in bytes. There is no shift by CL on x86-64: that register is taken. */
#if defined(__x86_64__)
#define LOAD_ENTRY(keys) ({ u64 indices_; Object *value_; \
    __asm__("xorl %k0, %k0\n\tbtsq %1, %0" : "=&r"(indices_) : "r"((u64)(keys)->log2_index_bytes) : "cc"); \
    __asm__("movq _HOLE_IMM1+40(%1,%2), %0" : "=r"(value_) : "r"(keys), "r"(indices_) : "memory"); value_; })
#define HAS_ENTRY(keys) ({ bool flag_; __asm__("cmpq $_HOLE_IMM0, %1" : "=@cca"(flag_) : "m"((keys)->entry_count)); flag_; })
#else
#define ENTRY_VALUE(keys) (&dict_unicode_entries(keys)[(u64)IMM(0)].value)
#define LOAD_ENTRY(keys) (*ENTRY_VALUE(keys))
#define HAS_ENTRY(keys) ((u64)IMM(0) < (u64)(keys)->entry_count)
#endif

/* A field at byte offset IMM0 of an object. */
#if defined(__x86_64__)
#define FIELD(x) ({ Object **field_; __asm__("leaq _HOLE_IMM0(%1), %0" : "=r"(field_) : "r"(x)); field_; })
#else
#define FIELD(x) ({ Object **field_; __asm__("add %0, %1, #:lo12:_HOLE_IMM0" : "=r"(field_) : "r"(x)); field_; })
#endif

#endif
