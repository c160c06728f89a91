/*
 * macOS and Windows: the way into compiled code is the compiler's, and neither debuggers nor profilers are told of units.
 * What Linux has instead: shim-linux.c, unwind-linux.c, debugger-linux.c, jitdump-linux.c, branch-protection-linux.c.
 */
#include "agent.h"

typedef __attribute__((preserve_none)) void (*UnitEntry)(Activation *, i64, i64, i64, i64, i64, i64, i64, i64, double, double,
                                                         double, double, double, double, double, double);

__attribute__((noinline)) void enter_unit(Activation *a, void *entry) {
  ((UnitEntry)entry)(a, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
}

int branches_are_protected(void) {
  return 0;
}

void debugger_note(Unit *u) {
  (void)u;
}

void debugger_forget(Unit *u) {
  (void)u;
}

void jitdump_note(const Unit *u) {
  (void)u;
}

u32 jitdump_gap(void) {
  return 0;
}

void jitdump_forked(void) {}
