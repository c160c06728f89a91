/* Fields of objects, values of instances, entries of namespace dicts, cells. */
#include "objects.h"

INLINE bool load(Object **place, i64 *out) {
    Object *o = *place;
    *out = (i64)o;
    return UNLIKELY(!o);
}
INLINE bool store(Object **place, i64 value) {
    Object *old = *place;
    if (UNLIKELY(!old)) return true;
    *place = (Object *)value;
    release(old);
    return false;
}

#if defined(__aarch64__)
FAMILY field_load(Activation *a, i64 x, i64 *out) {
    i64 value;
    __asm__("ldr %0, [%1, #:lo12:_HOLE_IMM0]" : "=r"(value) : "r"(x) : "memory");
    *out = value;
    return UNLIKELY(!value);
}
#else
FAMILY field_load(Activation *a, i64 x, i64 *out) {
    i64 value;
    __asm__("movq _HOLE_IMM0(%1), %0" : "=r"(value) : "r"(x) : "memory");
    *out = value;
    return UNLIKELY(!value);
}
#endif
FAMILY field_store(Activation *a, i64 x, i64 value) { return store(FIELD(x), value); }
FAMILY field_store_float(Activation *a, i64 x, double value) { return store_float(FIELD(x), value); }
FAMILY field_store_int(Activation *a, i64 x, i64 value) { return store_int(FIELD(x), value); }

FAMILY values_check(Activation *a, i64 x) {
#if ARMATURE_LAYOUT == 314
    return UNLIKELY(!instance_values((Object *)x)->valid);
#else
    return UNLIKELY(!instance_values((Object *)x));
#endif
}
#define VALUE(x) (&instance_values((Object *)(x))->values[IMM_SMALL(0)])
FAMILY values_load(Activation *a, i64 x, i64 *out) { return load(VALUE(x), out); }
FAMILY values_store(Activation *a, i64 x, i64 value) { return store(VALUE(x), value); }
FAMILY values_store_float(Activation *a, i64 x, double value) { return store_float(VALUE(x), value); }
FAMILY values_store_int(Activation *a, i64 x, i64 value) { return store_int(VALUE(x), value); }

#define NAMESPACE_KEYS() (((DictObject *)_HOLE_LIT0)->keys)
/* LIT1: the address of the keys when the code was compiled. A name that is added in the same place makes one more entry. */
FAMILY guard_dict_keys(Activation *a) {
    DictKeys *keys = NAMESPACE_KEYS();
    return UNLIKELY(keys != (DictKeys *)_HOLE_LIT1) || UNLIKELY((i64)keys->entry_count != (i64)_HOLE_LIT2);
}
FAMILY dict_entry(Activation *a, i64 *out) {
    Object *value = LOAD_ENTRY(NAMESPACE_KEYS());
    *out = (i64)value;
    return UNLIKELY(!value);
}

FAMILY cell_load(Activation *a, i64 x, i64 *out) { return load(&((CellObject *)x)->content, out); }
FAMILY cell_store(Activation *a, i64 x, i64 value) {
    Object **place = &((CellObject *)x)->content, *old = *place;
    *place = (Object *)value;
    release_if_any(old);
    return false;
}
