/*
 * Notices when somebody else writes the locals of a running unit.
 *
 * Since PEP 667 (3.13) `frame.f_locals` is a FrameLocalsProxy, which writes into the frame itself; compiled code may have the
 * old value in a register:
 *
 *     for i in range(n):
 *         sys._getframe().f_locals["x"] = 100
 *         total += x
 *
 * Homes hold what the unit knows whenever Python code can run, so a home that is different afterwards was written. It is
 * noted in the activation: the unit leaves at its next check of any kind, and its exit does not touch that local again.
 * All ways to write go through four functions of the type, which are replaced in its tables.
 */
#include "agent.h"

#define LAST_BIT 63

int local_was_written(const Activation *a, u32 slot) {
  return a->written_locals >> (slot < LAST_BIT ? slot : LAST_BIT) & 1;
}

#if ARMATURE_LAYOUT == 311

const char *watch_frame_locals(FrameObject *object) {
  (void)object;
  return NULL;
}

#else

#define METH_O 8
#define METH_FASTCALL 128
#define NUMBER_INPLACE_OR 28
#define MAPPING_STORE_ITEM 2

typedef int (*StoreItem)(Object *, Object *, Object *);
typedef Object *(*TwoOperands)(Object *, Object *);
typedef Object *(*ManyArguments)(Object *, Object *const *, Ssize);

typedef struct FrameLocalsProxy {
  Object base;
  FrameObject *frame;
} FrameLocalsProxy;

/* method_descriptor and wrapper_descriptor. */
typedef struct Descriptor {
  Object base;
  TypeObject *type;
  Object *name, *qualname;
  void *definition;
  void *wrapped;
} Descriptor;

/* As the type had them. */
typedef struct PlainWriters {
  StoreItem store_item;
  TwoOperands inplace_or;
  TwoOperands update;
  ManyArguments setdefault;
} PlainWriters;

static PlainWriters plain;

/* What an activation looks at from then on, instead of its thread's: pending events, and an unknown version of instrumentation. */
static EvalBreaker raised = ~(EvalBreaker)0;

static Activation *activation_of(Object *proxy) {
  const Frame *f = ((FrameLocalsProxy *)proxy)->frame->frame;
  for (Driver *d = agent.driver; d; d = d->below)
    if (d->activation && d->activation->frame == f) return d->activation;
  return NULL;
}

static u64 local_count(const Activation *a) {
  return (u64)frame_code(a->frame)->nlocalsplus;
}

static void note_changes(Object *proxy, Activation *a, const Slot *before, u64 count) {
  if (activation_of(proxy) != a) return; /* another thread's call lasted longer than the unit */
  for (u64 i = 0; i < count; i++) {
    if (a->locals[i] == before[i]) continue;
    a->written_locals |= (u64)1 << (i < LAST_BIT ? i : LAST_BIT);
    a->eval_breaker = &raised;
  }
}

/* Runs `call`, whose value is the result, between a copy of the locals and the comparison with it. */
#define WATCHED(proxy, call) ({ \
  Activation *a_ = activation_of(proxy); \
  u64 count_ = a_ ? local_count(a_) : 0; \
  Slot *before_ = __builtin_alloca(count_ * sizeof(Slot) + 1); \
  if (a_) memcpy(before_, a_->locals, count_ * sizeof(Slot)); \
  __typeof__(call) result_ = call; \
  if (a_) note_changes(proxy, a_, before_, count_); \
  result_; })

static int store_item(Object *self, Object *key, Object *value) {
  return WATCHED(self, plain.store_item(self, key, value));
}

static Object *inplace_or(Object *self, Object *other) {
  return WATCHED(self, plain.inplace_or(self, other));
}

static Object *update(Object *self, Object *other) {
  return WATCHED(self, plain.update(self, other));
}

static Object *setdefault(Object *self, Object *const *arguments, Ssize count) {
  return WATCHED(self, plain.setdefault(self, arguments, count));
}

static Descriptor *descriptor_of(TypeObject *type, const char *name) {
  Descriptor *d = (Descriptor *)PyObject_GetAttrString((Object *)type, name);
  if (!d) PyErr_Clear();
  else object_decref((Object *)d); /* the type keeps it */
  return d && d->type == type && !PyUnicode_CompareWithASCIIString(d->name, name) ? d : NULL;
}

static MethodDef *method_of(TypeObject *type, const char *name, int flags) {
  Descriptor *d = descriptor_of(type, name);
  MethodDef *def = d ? d->definition : NULL;
  return def && !strcmp(def->name, name) && def->flags == flags ? def : NULL;
}

static int replace_writers(TypeObject *type) {
  void **number = type->as_number, **mapping = type->as_mapping;
  Descriptor *set = descriptor_of(type, "__setitem__"), *delete = descriptor_of(type, "__delitem__");
  Descriptor *merge = descriptor_of(type, "__ior__");
  MethodDef *update_def = method_of(type, "update", METH_O), *default_def = method_of(type, "setdefault", METH_FASTCALL);
  if (!number || !mapping || !set || !delete || !merge || !update_def || !default_def) return 0;
  if (set->wrapped != mapping[MAPPING_STORE_ITEM] || delete->wrapped != set->wrapped ||
      merge->wrapped != number[NUMBER_INPLACE_OR]) return 0;
  plain.store_item = (StoreItem)set->wrapped;
  plain.inplace_or = (TwoOperands)merge->wrapped;
  plain.update = (TwoOperands)update_def->function;
  plain.setdefault = (ManyArguments)default_def->function;
  mapping[MAPPING_STORE_ITEM] = set->wrapped = delete->wrapped = (void *)store_item;
  number[NUMBER_INPLACE_OR] = merge->wrapped = (void *)inplace_or;
  update_def->function = (void *)update;
  default_def->function = (void *)setdefault;
  return 1;
}

/* `object`: a frame of a function that runs. */
const char *watch_frame_locals(FrameObject *object) {
  Object *proxy = PyObject_GetAttrString((Object *)object, "f_locals");
  if (!proxy) return "frame locals";
  int fits = !strcmp(proxy->type->name, "FrameLocalsProxy") && proxy->type->basicsize == sizeof(FrameLocalsProxy) &&
             ((FrameLocalsProxy *)proxy)->frame == object && replace_writers(proxy->type);
  object_decref(proxy);
  return fits ? NULL : "writers of frame locals";
}

#endif
