/* Fields of objects, values of instances, entries of namespace dicts, cells. */
#include "objects.h"

INLINE bool load(Object **place, long *out) {
    Object *o = *place;
    *out = (long)o;
    return UNLIKELY(!o);
}
INLINE bool store(Object **place, long value) {
    Object *old = *place;
    if (UNLIKELY(!old)) return true;
    *place = (Object *)value;
    release(old);
    return false;
}

#if defined(__aarch64__)
FAMILY field_load(Activation *a, long x, long *out) {
    long value;
    __asm__("ldr %0, [%1, #:lo12:_HOLE_IMM0]" : "=r"(value) : "r"(x) : "memory");
    *out = value;
    return UNLIKELY(!value);
}
#else
FAMILY field_load(Activation *a, long x, long *out) {
    long value;
    __asm__("movq _HOLE_IMM0(%1), %0" : "=r"(value) : "r"(x) : "memory");
    *out = value;
    return UNLIKELY(!value);
}
#endif
FAMILY field_store(Activation *a, long x, long value) { return store(FIELD(x), value); }
FAMILY field_store_float(Activation *a, long x, double value) { return store_float(FIELD(x), value); }
FAMILY field_store_int(Activation *a, long x, long value) { return store_int(FIELD(x), value); }

FAMILY values_check(Activation *a, long x) {
#if ARMATURE_LAYOUT == 314
    return UNLIKELY(!instance_values((Object *)x)->valid);
#else
    return UNLIKELY(!instance_values((Object *)x));
#endif
}
#define VALUE(x) (&instance_values((Object *)(x))->values[IMM_SMALL(0)])
FAMILY values_load(Activation *a, long x, long *out) { return load(VALUE(x), out); }
FAMILY values_store(Activation *a, long x, long value) { return store(VALUE(x), value); }
FAMILY values_store_float(Activation *a, long x, double value) { return store_float(VALUE(x), value); }
FAMILY values_store_int(Activation *a, long x, long value) { return store_int(VALUE(x), value); }

#define NAMESPACE_KEYS() (((DictObject *)_HOLE_LIT0)->keys)
/* LIT1: the address of the keys when the code was compiled. A name that is added in the same place makes one more entry. */
FAMILY guard_dict_keys(Activation *a) {
    DictKeys *keys = NAMESPACE_KEYS();
    return UNLIKELY(keys != (DictKeys *)_HOLE_LIT1) || UNLIKELY((long)keys->entry_count != (long)_HOLE_LIT2);
}
FAMILY dict_entry(Activation *a, long *out) {
    return load(&dict_unicode_entries(NAMESPACE_KEYS())[(u64)IMM(0)].value, out);
}

FAMILY cell_load(Activation *a, long x, long *out) { return load(&((CellObject *)x)->content, out); }
FAMILY cell_store(Activation *a, long x, long value) {
    Object **place = &((CellObject *)x)->content, *old = *place;
    *place = (Object *)value;
    release_if_any(old);
    return false;
}
