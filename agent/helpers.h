#ifndef ARMATURE_HELPERS_H
#define ARMATURE_HELPERS_H
#include "agent.h"
/* From -5 to 256. */
extern Object *armature_small_integers[SMALL_INTEGERS];

Object *armature_box_int(i64 value);
Object *armature_box_float(double value);
double armature_float_floordiv(double a, double b);
double armature_float_mod(double a, double b);
double armature_float_pow(double a, double b);
void armature_list_append(ListObject *list, Object *value);
Object *armature_call_method(Object *callable, MethodDescrObject *method);
Object *armature_make_function(Object *code, Object *globals);
i64 armature_set_defaults(Object *function, Object *value);
i64 armature_set_kwdefaults(Object *function, Object *value);
i64 armature_set_annotations(Object *function, Object *value);
i64 armature_set_closure(Object *function, Object *value);
i64 armature_set_annotate(Object *function, Object *value);
Object *armature_dict_item(Object *dict, Object *key);
Object *armature_str_item(StrObject *text, Ssize index);
i64 armature_str_equal(StrObject *a, StrObject *b);
void armature_dict_store(Object *dict, Object *key, Object *value);
i64 armature_dict_contains(Object *dict, Object *key);
#if ARMATURE_LAYOUT == 311
void collect_later(ThreadState *);
#endif
void armature_hold_collector(void);
void armature_release_collector(void);
i64 armature_ends_quietly(Object *o, i64 dropped);
i64 armature_dict_item_ends_quietly(Object *dict, Object *key);
i64 armature_iterator_is_plain(Object *iterator);
void armature_global_store(Object *value, Object *dict, Object *name);
Object *armature_power(Object *a, Object *b);
Object *armature_power_in_place(Object *a, Object *b);
Object *armature_iter_next(Object *iterator);
int armature_iter_error(Object *iterator);
Object *armature_vectorcall(Activation *a, i64 count, Object *names);
Object *armature_build_list(Object **items, i64 count);
Object *armature_build_tuple(Object **items, i64 count);
Object *armature_tuple_from(Object *items);
Object *armature_tuple_rest(TupleObject *tuple, i64 before, i64 after);
Object *armature_special_method(Object *o, i64 which);
Object *armature_super_method(Object *class, Object *o, Object *name);
Object *armature_bind(Object *method, Object *o);
i64 armature_has_flag(Object *o, i64 flag);
Object *armature_match_keys(Object *dict, TupleObject *keys);
Object *armature_match_class(Object *subject, TypeObject *type, TupleObject *keywords, i64 positional_count);
i64 armature_is_sequence(Object *o);
int armature_list_extend(Object *list, Object *sequence);
i64 armature_dict_can_merge(Object *dict, Object *other);
Object *armature_build_map(Object **items, i64 count);
Object *armature_build_slice(Object **items, i64 count);
Object *armature_build_set(Object **items, i64 count);
Object *armature_format(Object *value);
Object *armature_format_spec(Object *value, Object *spec);
Object *armature_format_str(Object *value);
Object *armature_format_str_spec(Object *value, Object *spec);
Object *armature_format_repr(Object *value);
Object *armature_format_repr_spec(Object *value, Object *spec);
Object *armature_format_ascii(Object *value);
Object *armature_format_ascii_spec(Object *value, Object *spec);
Object *armature_build_string(Object **items, i64 count);
Object *armature_make_instance(Activation *a, TypeObject *type, u64 places, i64 version);
Object *armature_append_text(Activation *a, Object *more, i64 local);
void armature_decref(Object *o);
void armature_set_home(Activation *a, i64 local, Object *value);
Object *armature_compare_lt(Object *, Object *);
Object *armature_compare_le(Object *, Object *);
Object *armature_compare_eq(Object *, Object *);
Object *armature_compare_ne(Object *, Object *);
Object *armature_compare_gt(Object *, Object *);
Object *armature_compare_ge(Object *, Object *);
i64 armature_test_lt(Object *, Object *);
i64 armature_test_le(Object *, Object *);
i64 armature_test_eq(Object *, Object *);
i64 armature_test_ne(Object *, Object *);
i64 armature_test_gt(Object *, Object *);
i64 armature_test_ge(Object *, Object *);

/* preserve.c: their own calling convention. */
void armature_dealloc(Object *o);
void armature_keeping_dealloc(void);
void armature_keeping_box_int(void);
void armature_keeping_new_int(void);
void armature_keeping_box_float(void);
void armature_keeping_wide_number(void);
void armature_keeping_replace_by_float(void);
void armature_keeping_replace_by_int(void);
void armature_keeping_stack_take(void);
#endif
