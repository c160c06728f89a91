/*
 * The collector of 3.11 runs where an object is allocated, and finalisers may do anything. Compiled code wants that at its next
 * safepoint, as later versions do it.
 */
#include "helpers.h"

#if ARMATURE_LAYOUT == 311
static u8 is_collection_queued, is_held;

static int is_collection_due(ThreadState *ts) {
  Generation *youngest = (Generation *)(ts->interpreter + INTERPRETER_YOUNGEST);
  return youngest->threshold && youngest->count > youngest->threshold && *(i32 *)(ts->interpreter + INTERPRETER_COLLECTS);
}

/* Cells have no free list: making one looks whether a collection is due. */
static int collect_if_due(void *unused) {
  (void)unused;
  is_collection_queued = 0;
  object_xdecref(PyCell_New(NULL));
  PyErr_Clear();
  return 0;
}

/* After objects were made that the collector was kept away from. */
void collect_later(ThreadState *ts) {
  if (is_collection_due(ts) && !is_collection_queued) is_collection_queued = !Py_AddPendingCall(collect_if_due, NULL);
}

static i32 *is_collecting(ThreadState *ts) {
  return (i32 *)(ts->interpreter + INTERPRETER_COLLECTING);
}

/* Around a call of C code that runs no Python code but for the collector's sake. In a finaliser that the collector runs it is away already. */
void armature_hold_collector(void) {
  i32 *collecting = is_collecting(PyThreadState_Get());
  is_held = !*collecting;
  *collecting = 1;
}

void armature_release_collector(void) {
  if (!is_held) return;
  ThreadState *ts = PyThreadState_Get();
  *is_collecting(ts) = 0;
  collect_later(ts);
}
#else
void armature_hold_collector(void) {
}

void armature_release_collector(void) {
}
#endif
