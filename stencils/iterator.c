/* Iterators of range, list and tuple; types are proved, the state stays in the iterator object. */
#include "objects.h"

FAMILY range_iter_more(Activation *a, i64 x, i64 *out) {
    RangeIter *iterator = (RangeIter *)x;
#if ARMATURE_LAYOUT == 311
    *out = iterator->index < iterator->length;
#else
    *out = iterator->length > 0;
#endif
    return false;
}
FAMILY range_iter_next(Activation *a, i64 x, i64 *out) {
    RangeIter *iterator = (RangeIter *)x;
#if ARMATURE_LAYOUT == 311
    *out = (CLong)((CUnsignedLong)iterator->start + (CUnsignedLong)iterator->index++ * (CUnsignedLong)iterator->step);
#else
    *out = iterator->start;
    iterator->start = (CLong)((CUnsignedLong)iterator->start + (CUnsignedLong)iterator->step);
    iterator->length--;
#endif
    return false;
}

INLINE void exhaust(SequenceIter *iterator) {
    Object *sequence = iterator->sequence;
    iterator->sequence = 0;
    release_if_any(sequence);
}
FAMILY list_iter_more(Activation *a, i64 x, i64 *out) {
    ListIter *iterator = (ListIter *)x;
    ListObject *list = (ListObject *)iterator->sequence;
    if (LIKELY(list && (u64)iterator->index < (u64)list->base.size)) {
        *out = 1;
        return false;
    }
#if ARMATURE_LAYOUT == 314
    iterator->index = -1;
#endif
    exhaust(iterator);
    *out = 0;
    return false;
}
FAMILY tuple_iter_more(Activation *a, i64 x, i64 *out) {
    TupleIter *iterator = (TupleIter *)x;
    TupleObject *tuple = (TupleObject *)iterator->sequence;
    if (LIKELY(tuple && iterator->index < tuple->base.size)) {
        *out = 1;
        return false;
    }
    exhaust(iterator);
    *out = 0;
    return false;
}
FAMILY bytes_iter_more(Activation *a, i64 x, i64 *out) {
    SequenceIter *iterator = (SequenceIter *)x;
    BytesObject *bytes = (BytesObject *)iterator->sequence;
    if (LIKELY(bytes && iterator->index < bytes->base.size)) {
        *out = 1;
        return false;
    }
    exhaust(iterator);
    *out = 0;
    return false;
}
FAMILY bytes_iter_next(Activation *a, i64 x, i64 *out) {
    SequenceIter *iterator = (SequenceIter *)x;
    *out = (unsigned char)((BytesObject *)iterator->sequence)->value[iterator->index++];
    return false;
}
FAMILY list_iter_next(Activation *a, i64 x, i64 *out) {
    ListIter *iterator = (ListIter *)x;
    Object *item = ((ListObject *)iterator->sequence)->items[iterator->index++];
    object_incref(item);
    *out = (i64)item;
    return false;
}
FAMILY tuple_iter_next(Activation *a, i64 x, i64 *out) {
    TupleIter *iterator = (TupleIter *)x;
    Object *item = ((TupleObject *)iterator->sequence)->items[iterator->index++];
    object_incref(item);
    *out = (i64)item;
    return false;
}
