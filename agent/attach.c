/* Attaching: checks, preparations, and the frame hook that waits for the frame of __main__. */
#include "agent.h"

Agent agent;

void say(const char *format, ...) {
  __builtin_va_list arguments;
  __builtin_va_start(arguments, format);
  char line[512];
  int length = snprintf(line, sizeof line, "armature: ");
  vsnprintf(line + length, sizeof line - (u64)length - 1, format, arguments);
  __builtin_va_end(arguments);
  u64 size = strlen(line);
  line[size] = '\n';
  file_write(STANDARD_ERROR, line, size + 1);
}

static int is_main_module(ThreadState *ts, Frame *f, int throwflag) {
  return !throwflag && ts == agent.main_thread && frame_is_module(f) && f->globals == agent.main_dict;
}

static Object *run_main(ThreadState *ts, Frame *f) {
  if (!agent.stopped && !io_start()) agent.stopped = 1;
  return drive_frame(ts, f);
}

/* Taken away again as soon as it has seen the frame: a hook costs every Python-to-Python call. */
static Object *frame_hook(ThreadState *ts, Frame *f, int throwflag) {
  if (!is_main_module(ts, f, throwflag)) return _PyEval_EvalFrameDefault(ts, f, throwflag);
  _PyInterpreterState_SetEvalFrameFunc(agent.interpreter, _PyEval_EvalFrameDefault);
  return run_main(ts, f);
}

static const char *prepare_objects(void) {
  ModuleObject *main = loaded_module("__main__");
  if (!main) return "no __main__ module";
  agent.main_dict = main->dict;
  agent.private_exception = PyObject_CallNoArgs(PyExc_BaseException);
  agent.empty_bytes = PyBytes_FromStringAndSize("", 0);
  return agent.private_exception && agent.empty_bytes ? NULL : "no memory";
}

static int environment_has(const char *name) {
  const char *value = environment_variable(name);
  return value && *value && strcmp(value, "0");
}

/* Returns why the agent stays out, or NULL. */
const char *attach(const char *socket_path) {
  if (agent.attached) return "attached already";
  agent.verbose = (u8)environment_has("ARMATURE_VERBOSE");
  ThreadState *ts = PyThreadState_Get();
  agent.main_thread = ts;
  agent.interpreter = ts->interpreter;
  if (agent.interpreter != PyInterpreterState_Main()) return "not the main interpreter";
  const char *wrong = probe_layout(ts);
  if (wrong) {
    static char reason[96];
    PyErr_Clear();
    snprintf(reason, sizeof reason, "this Python is laid out in a way we do not know (%s)", wrong);
    return reason;
  }
  if (_PyInterpreterState_GetEvalFrameFunc(agent.interpreter) != _PyEval_EvalFrameDefault)
    return "another frame evaluator is installed";
  wrong = prepare_objects();
  if (wrong) return wrong;
  find_common_constants();
  FrameObject *object = PyThreadState_GetFrame(ts);
  agent.plain_vectorcall = frame_function(object->frame)->vectorcall;
  wrong = watch_frame_locals(object);
  object_decref((Object *)object);
  if (wrong) return wrong;
  agent.connection = agent.waker = NO_HANDLE;
  agent.socket_path = socket_path;
  agent.stats_path = environment_variable("ARMATURE_STATS");
  agent.threshold_zero = (u8)environment_has("ARMATURE_THRESHOLD_ZERO");
  agent.waits = (u8)environment_has("ARMATURE_WAIT");
  const char *perf = environment_variable("ARMATURE_PERF");
  agent.writes_perf_map = perf && !strcmp(perf, "map");
  agent.writes_jitdump = perf && !strcmp(perf, "jitdump");
  agent.protects_branches = (u8)branches_are_protected();
  agent.process = process_id();
  agent.attached = 1;
  watch_exec();
  _PyInterpreterState_SetEvalFrameFunc(agent.interpreter, frame_hook);
  return NULL;
}
