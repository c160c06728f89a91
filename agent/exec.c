/*
 * Code that somebody runs with `exec`: modules being imported, runpy, cells of a notebook.
 *
 *   import work        exec(code of work, its dict)      C code calls the evaluator for the frame `<module>`
 *                      main() → for …: …                 one call, one long loop: it can be entered in that evaluator only
 *
 * So `exec` is replaced in the table of builtins. From its call to the module's frame the frame hook stands; the frame then gets a
 * driver of its own, as that of __main__ has.
 */
#include "agent.h"

#define METH_FASTCALL_KEYWORDS 0x82

typedef Object *(*Exec)(Object *, Object *const *, Ssize, Object *);

static Exec plain_exec;

/* Its names are those of a namespace that is both its locals and its globals: what compiled code of a module takes for granted. */
int frame_is_module(Frame *f) {
  return frame_has_function(f) && f->globals == f->f_locals && type_is(f->globals, &PyDict_Type) &&
         !PyUnicode_CompareWithASCIIString(frame_code(f)->name, "<module>");
}

/* The frame that waits for `exec`; NULL: none does. */
static void set_waiting(const Frame *caller) {
  FrameEvaluator evaluator = _PyInterpreterState_GetEvalFrameFunc(agent.interpreter);
  agent.waits_for_exec = caller;
  if (caller && evaluator == _PyEval_EvalFrameDefault) _PyInterpreterState_SetEvalFrameFunc(agent.interpreter, exec_hook);
  if (!caller && evaluator == exec_hook) _PyInterpreterState_SetEvalFrameFunc(agent.interpreter, _PyEval_EvalFrameDefault);
}

int frame_is_awaited(ThreadState *ts, Frame *f, int throwflag) {
  return agent.waits_for_exec && !throwflag && ts == agent.main_thread && agent.waits_for_exec == current_frame(ts) && frame_is_module(f);
}

/* Borrowed; NULL: there is none, or it is something else than a module. */
ModuleObject *loaded_module(const char *name) {
  Object *module = PyDict_GetItemString(PyImport_GetModuleDict(), name);
  return module && type_is(module, &PyModule_Type) ? (ModuleObject *)module : NULL;
}

/* A module that `import` found is there until the program ends. */
static int lives_on(Object *namespace) {
  Object *spec = PyDict_GetItemString(namespace, "__spec__"), *name = PyDict_GetItemString(namespace, "__name__");
  const char *text = spec && spec != NONE && name && type_is(name, &PyUnicode_Type) ? PyUnicode_AsUTF8AndSize(name, NULL) : NULL;
  if (PyErr_Occurred()) PyErr_Clear();
  ModuleObject *module = text ? loaded_module(text) : NULL;
  return module && module->dict == namespace;
}

Object *run_awaited(ThreadState *ts, Frame *f) {
  set_waiting(NULL);
  CodeObject *code = frame_code(f);
  int ends_now = !lives_on(f->globals);
  Object *result = drive_frame(ts, f);
  CodeRecord *r = ends_now ? record_find(code) : NULL;
  if (r) units_forget(r);
  return result;
}

Object *exec_hook(ThreadState *ts, Frame *f, int throwflag) {
  return frame_is_awaited(ts, f, throwflag) ? run_awaited(ts, f) : _PyEval_EvalFrameDefault(ts, f, throwflag);
}

static int may_wait(ThreadState *ts) {
  if (agent.stopped || ts != agent.main_thread) return 0;
  FrameEvaluator evaluator = _PyInterpreterState_GetEvalFrameFunc(agent.interpreter);
  return evaluator == _PyEval_EvalFrameDefault || evaluator == exec_hook || agent.hook_installed;
}

static Object *exec(Object *module, Object *const *arguments, Ssize count, Object *names) {
  ThreadState *ts = PyThreadState_Get();
  if (!may_wait(ts)) return plain_exec(module, arguments, count, names);
  /* An audit hook may run code with `exec` meanwhile. */
  const Frame *outer = agent.waits_for_exec;
  set_waiting(current_frame(ts));
  Object *result = plain_exec(module, arguments, count, names);
  set_waiting(outer);
  return result;
}

/* Where something else has taken the place of `exec`, it stays as it is. */
void watch_exec(void) {
  ModuleObject *module = loaded_module("builtins");
  BuiltinObject *b = module ? (BuiltinObject *)PyDict_GetItemString(module->dict, "exec") : NULL;
  MethodDef *def = b && type_is((Object *)b, &PyCFunction_Type) ? b->definition : NULL;
  if (!def || strcmp(def->name, "exec") || def->flags != METH_FASTCALL_KEYWORDS) return;
  plain_exec = (Exec)def->function;
  def->function = (void *)exec;
}
