/* Guards on objects, unboxing, references. */
#include "objects.h"

#define TYPE_OF(x) (((Object *)(x))->type)

FAMILY guard_type(Activation *a, i64 x) { return UNLIKELY(TYPE_OF(x) != (TypeObject *)_HOLE_LIT0); }
FAMILY guard_type_version(Activation *a, i64 x) { return UNLIKELY(TYPE_OF(x)->version_tag != (u32)IMM(0)); }
FAMILY guard_keys_version(Activation *a, i64 x) {
    DictKeys *keys = *(DictKeys **)((char *)TYPE_OF(x) + HEAP_TYPE_CACHED_KEYS);
    return UNLIKELY(keys->version != (u32)IMM(0));
}
FAMILY guard_class_version(Activation *a, i64 x) { return UNLIKELY(((TypeObject *)x)->version_tag != (u32)IMM(0)); }
FAMILY guard_class_keys_version(Activation *a, i64 x) {
    DictKeys *keys = *(DictKeys **)((char *)x + HEAP_TYPE_CACHED_KEYS);
    return UNLIKELY(keys->version != (u32)IMM(0));
}
FAMILY guard_is(Activation *a, i64 x) { return UNLIKELY(x != (i64)_HOLE_LIT0); }
FAMILY guard_is_not(Activation *a, i64 x) { return UNLIKELY(x == (i64)_HOLE_LIT0); }
FAMILY guard_bound(Activation *a, i64 x) { return UNLIKELY(IS_FALSE(x)); }
FAMILY guard_function(Activation *a, i64 x) {
    if (UNLIKELY(TYPE_OF(x) != _HOLE_TYPE_FUNCTION)) return true;
    return UNLIKELY(((FunctionObject *)x)->version != (u32)IMM(0));
}

FAMILY guard_code(Activation *a, i64 x) {
    if (UNLIKELY(TYPE_OF(x) != _HOLE_TYPE_FUNCTION)) return true;
    return UNLIKELY((Object *)((FunctionObject *)x)->code != LITERAL_OBJECT(0));
}

INLINE bool has_entry(DictKeys *keys) {
    return LIKELY(HAS_ENTRY(keys)) && LIKELY(keys->kind == DICT_KEYS_UNICODE);
}
FAMILY guard_global(Activation *a) {
    DictKeys *keys = ((DictObject *)LITERAL_OBJECT(0))->keys;
    return UNLIKELY(!has_entry(keys)) || UNLIKELY(LOAD_ENTRY(keys) != LITERAL_OBJECT(1));
}

/* True when it does not fit. Most numbers have one digit. */
INLINE bool long_value(LongObject *o, i64 *out) {
#if ARMATURE_LAYOUT == 314
    u64 tag = o->tag;
    if (LIKELY(tag < LONG_COMPACT_LIMIT)) {
        *out = (1 - (i64)(tag & LONG_SIGN_MASK)) * (i64)o->digits[0];
        return false;
    }
#else
    Ssize size = o->size;
    if (LIKELY((u64)size + 1 <= 2)) {
        *out = size * (i64)o->digits[0];
        return false;
    }
#endif
    return CALL_NUMBER(armature_keeping_wide_number, o, out);
}
FAMILY unbox_int(Activation *a, i64 x, i64 *out) {
    LongObject *o = (LongObject *)x;
    return UNLIKELY(o->base.type != _HOLE_TYPE_LONG) || long_value(o, out);
}
FAMILY unbox_integer(Activation *a, i64 x, i64 *out) {
    LongObject *o = (LongObject *)x;
    if (LIKELY(o->base.type == _HOLE_TYPE_LONG)) return long_value(o, out);
    bool truth = (Object *)x == _HOLE_OBJ_TRUE;
    if (UNLIKELY(!truth && (Object *)x != _HOLE_OBJ_FALSE)) return true;
    *out = truth;
    return false;
}
FAMILY unbox_real(Activation *a, i64 x, double *out) {
    FloatObject *o = (FloatObject *)x;
    if (LIKELY(o->base.type == _HOLE_TYPE_FLOAT)) {
        *out = o->value;
        return false;
    }
    i64 value;
    if (UNLIKELY(o->base.type != _HOLE_TYPE_LONG) || long_value((LongObject *)o, &value)) return true;
    *out = (double)value;
    return false;
}
FAMILY unbox_float(Activation *a, i64 x, double *out) {
    FloatObject *o = (FloatObject *)x;
    if (UNLIKELY(o->base.type != _HOLE_TYPE_FLOAT)) return true;
    *out = o->value;
    return false;
}
FAMILY unbox_float_known(Activation *a, i64 x, double *out) {
    *out = ((FloatObject *)x)->value;
    return false;
}
FAMILY unbox_bool(Activation *a, i64 x, i64 *out) {
    bool truth = (Object *)x == _HOLE_OBJ_TRUE;
    if (UNLIKELY(!truth && (Object *)x != _HOLE_OBJ_FALSE)) return true;
    *out = truth;
    return false;
}

FAMILY obj_truth(Activation *a, i64 x, i64 *out) {
    Object *o = (Object *)x;
    if (o == _HOLE_OBJ_TRUE) {
        *out = 1;
        return false;
    }
    if (o == _HOLE_OBJ_FALSE || o == _HOLE_OBJ_NONE) {
        *out = 0;
        return false;
    }
    if (o->type == _HOLE_TYPE_LONG) {
#if ARMATURE_LAYOUT == 314
        *out = (((LongObject *)o)->tag & LONG_SIGN_MASK) != 1;
#else
        *out = ((LongObject *)o)->size != 0;
#endif
        return false;
    }
    if (UNLIKELY(o->type != _HOLE_TYPE_FLOAT)) return true;
    *out = ((FloatObject *)o)->value != 0.0;
    return false;
}

FAMILY obj_is(Activation *a, i64 x, i64 y, i64 *out) {
    *out = x == y;
    return false;
}
FAMILY obj_is_const(Activation *a, i64 x, i64 *out) {
    *out = x == (i64)_HOLE_LIT0;
    return false;
}
FAMILY obj_has_type(Activation *a, i64 x, i64 *out) {
    *out = TYPE_OF(x) == (TypeObject *)_HOLE_LIT0;
    return false;
}
FAMILY obj_is_null(Activation *a, i64 x, i64 *out) {
    *out = x == 0;
    return false;
}
FAMILY box_int(Activation *a, i64 x, i64 *out) {
    *out = is_small(x) ? (i64)small_integer(x) : CALL_KEEPING(armature_keeping_new_int, x);
    return false;
}
FAMILY box_bool(Activation *a, i64 x, i64 *out) {
    /* Both are read: the choice must not become one of two addresses of literals. */
    u64 yes = opaque((u64)_HOLE_OBJ_TRUE), no = opaque((u64)_HOLE_OBJ_FALSE);
    *out = (i64)(x ? yes : no);
    return false;
}

FAMILY incref(Activation *a, i64 x) {
    object_incref((Object *)x);
    return false;
}
FAMILY decref(Activation *a, i64 x) {
    release((Object *)x);
    return false;
}
FAMILY decref_number(Activation *a, i64 x) {
    release((Object *)x);
    return false;
}
