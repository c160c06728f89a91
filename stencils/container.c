/* list, tuple, bytes, bytearray, str, dict; types are proved. */
#include "objects.h"

/* Index from either end; true when out of range. Without a branch: a second path would cost the first one a jump. */
INLINE bool normalize(i64 *index, Ssize size) {
    i64 i = *index + ((*index >> 63) & size);
    *index = i;
    return (u64)i >= (u64)size;
}

#define LENGTH(name, type, field) \
    FAMILY name(Activation *a, i64 x, i64 *out) { \
        *out = ((type *)x)->field; \
        return false; \
    }
LENGTH(list_length, ListObject, base.size)
LENGTH(tuple_length, TupleObject, base.size)
LENGTH(bytes_length, BytesObject, base.size)
LENGTH(bytearray_length, ByteArrayObject, base.size)
LENGTH(str_length, StrObject, length)
LENGTH(dict_length, DictObject, used)

FAMILY str_code(Activation *a, i64 x, i64 *out) {
    StrObject *text = (StrObject *)x;
    if (UNLIKELY(text->length != 1) || UNLIKELY(!STR_COMPACT(text))) return true;
    *out = (i64)str_code_at(text, 0);
    return false;
}

#define ITEM(name, type, items) \
    FAMILY name(Activation *a, i64 x, i64 i, i64 *out) { \
        type *sequence = (type *)x; \
        if (UNLIKELY(normalize(&i, sequence->base.size))) return true; \
        *out = (i64)items[i]; \
        return false; \
    }
ITEM(list_item, ListObject, sequence->items)
ITEM(tuple_item, TupleObject, sequence->items)
ITEM(bytes_item, BytesObject, ((u8 *)sequence->value))
ITEM(bytearray_item, ByteArrayObject, ((u8 *)sequence->start))

FAMILY bytearray_store(Activation *a, i64 x, i64 i, i64 value) {
    ByteArrayObject *array = (ByteArrayObject *)x;
    if (UNLIKELY((u64)value > 255) || UNLIKELY(normalize(&i, array->base.size))) return true;
    array->start[i] = (char)value;
    return false;
}

FAMILY list_store(Activation *a, i64 x, i64 i, i64 value) {
    ListObject *list = (ListObject *)x;
    if (UNLIKELY(normalize(&i, list->base.size))) return true;
    replace(&list->items[i], (Object *)value);
    return false;
}
FAMILY list_store_float(Activation *a, i64 x, i64 i, double value) {
    ListObject *list = (ListObject *)x;
    if (UNLIKELY(normalize(&i, list->base.size))) return true;
    return store_float(&list->items[i], value);
}
FAMILY list_store_int(Activation *a, i64 x, i64 i, i64 value) {
    ListObject *list = (ListObject *)x;
    if (UNLIKELY(normalize(&i, list->base.size))) return true;
    return store_int(&list->items[i], value);
}
