/* Hand-made units for the tests of the agent. Compiled with the layout and the numbers of a request. */
#include "layout.h"

#define SLOT(i) (a->locals[i])
#define UNIT __attribute__((preserve_none)) void unit(Activation *a, i64 r0, i64 r1, i64 r2, i64 r3, i64 r4, i64 r5, i64 r6, \
    i64 r7, double f0, double f1, double f2, double f3, double f4, double f5, double f6, double f7)

static inline __attribute__((always_inline)) void take_stack(Activation *a) {
  for (int i = 0; i < DEPTH; i++) {
    Slot s = a->locals[NLOCALSPLUS + i];
    a->int_registers[i] = (i64)slot_object(s);
#if ARMATURE_LAYOUT == 314
    if ((s & 1) && slot_object(s)) object_incref(slot_object(s));
#endif
  }
}

#if defined(MODE_COUNT)
static inline __attribute__((always_inline)) i64 small_int(Object *o) {
#if ARMATURE_LAYOUT == 311
  LongObject *l = (LongObject *)o;
  return l->size == 0 ? 0 : l->size == 1 ? l->digits[0] : l->size == 2 ? l->digits[0] | (i64)l->digits[1] << 30 : -1;
#else
  LongObject *l = (LongObject *)o;
  u64 n = l->tag >> 3;
  return n == 0 ? 0 : n == 1 ? l->digits[0] : n == 2 ? l->digits[0] | (i64)l->digits[1] << 30 : -1;
#endif
}

/* while i < n: i += 1; x += i — at most a million turns, then back at the header with i and x unboxed. */
UNIT {
  take_stack(a);
  i64 i = small_int(slot_object(SLOT(LOCAL_I))), n = small_int(slot_object(SLOT(LOCAL_N))), x = small_int(slot_object(SLOT(LOCAL_X)));
  for (i64 turn = 0; turn < 1000000 && i < n - 1; turn++) {
    i++;
    x += i;
  }
  a->int_registers[6] = i;
  a->int_registers[7] = x;
  a->exit_id = 0;
}
#else
UNIT {
  take_stack(a);
  a->exit_id = 0;
}
#endif
