/* The exit status is what the agent finds out about a process whose "evaluator" is this program. */
#include "agent.h"

Object *_PyEval_EvalFrameDefault(ThreadState *ts, Frame *f, int throwflag) {
  (void)ts;
  (void)f;
  (void)throwflag;
  return NULL;
}

extern char *getenv(const char *);
const char *environment_variable(const char *name) {
  return getenv(name);
}

extern void _exit(int) __attribute__((noreturn));

void start(void) {
  _exit(10 + branches_are_protected());
}
