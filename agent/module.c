/* The extension module `_armature`: what sitecustomize calls. */
#include "agent.h"

typedef struct ModuleDef {
  Object base;
  void *init;
  Ssize index;
  Object *copy;
  const char *name;
  const char *doc;
  Ssize size;
  MethodDef *methods;
  void *slots, *traverse, *clear, *release;
} ModuleDef;
IMPORTED Object *PyModule_Create2(ModuleDef *, int api_version);

#define METH_O 8
#define METH_NOARGS 4

static Object *none(void) {
  return object_new_reference(NONE);
}

/* Runs after the program's own exit handlers: nothing of ours may call Python, or keep an object alive, later. */
static Object *at_exit(Object *self, Object *unused) {
  (void)self;
  (void)unused;
  if (agent.process == process_id()) io_finish();
  agent.stopped = 1;
  if (!agent.driver) sites_release();
  return none();
}

static Object *before_fork(Object *self, Object *unused) {
  (void)self;
  (void)unused;
  io_before_fork();
  return none();
}

static Object *in_parent(Object *self, Object *unused) {
  (void)self;
  (void)unused;
  io_after_fork(0);
  return none();
}

static Object *in_child(Object *self, Object *unused) {
  (void)self;
  (void)unused;
  io_after_fork(1);
  return none();
}

static MethodDef at_exit_def = {"_armature_exit", at_exit, METH_NOARGS, NULL};
static MethodDef before_fork_def = {"_armature_before_fork", before_fork, METH_NOARGS, NULL};
static MethodDef in_parent_def = {"_armature_in_parent", in_parent, METH_NOARGS, NULL};
static MethodDef in_child_def = {"_armature_in_child", in_child, METH_NOARGS, NULL};

/* Calls module.function(callback), without leaving the module in sys.modules when it was not there. */
static int register_callback(const char *module_name, const char *function_name, const char *keyword, MethodDef *def) {
  Object *modules = PyImport_GetModuleDict();
  int was_there = PyDict_GetItemString(modules, module_name) != NULL;
  Object *module = PyImport_ImportModule(module_name);
  if (!module) return 0;
  Object *function = PyObject_GetAttrString(module, function_name);
  Object *callback = PyCMethod_New(def, NULL, NULL, NULL);
  Object *names = keyword ? PyTuple_New(1) : NULL;
  if (names) ((TupleObject *)names)->items[0] = PyUnicode_FromString(keyword);
  Object *arguments[2] = {NULL, callback};
  Object *result = function && callback ? PyObject_Vectorcall(function, arguments + 1, keyword ? 0 : 1, names) : NULL;
  object_xdecref(names);
  object_xdecref(callback);
  object_xdecref(function);
  object_decref(module);
  IMPORTED int PyDict_DelItemString(Object *, const char *);
  if (!was_there) PyDict_DelItemString(modules, module_name);
  object_xdecref(result);
  return result != NULL;
}

static const char *register_callbacks(void) {
  if (!register_callback("atexit", "register", NULL, &at_exit_def)) return "no atexit module";
  static const char fork[] = "register_at_fork";
  if (!SYSTEM_FORKS) return NULL;
  if (!register_callback("posix", fork, "before", &before_fork_def) ||
      !register_callback("posix", fork, "after_in_parent", &in_parent_def) ||
      !register_callback("posix", fork, "after_in_child", &in_child_def)) return "no posix module";
  return NULL;
}

/* attach(socket path) -> None, or why the agent stays out. */
static Object *module_attach(Object *self, Object *path) {
  (void)self;
  Ssize length;
  const char *text = PyUnicode_AsUTF8AndSize(path, &length);
  if (!text) return NULL;
  char *copy = malloc((u64)length + 1);
  if (!copy) return PyErr_NoMemory();
  memcpy(copy, text, (u64)length + 1);
  const char *wrong = attach(copy);
  if (!wrong) wrong = register_callbacks();
  if (PyErr_Occurred()) PyErr_Clear();
  if (!wrong) return none();
  agent.stopped = 1;
  return PyUnicode_FromString(wrong);
}

static MethodDef methods[] = {{"attach", module_attach, METH_O, NULL}, {NULL, NULL, 0, NULL}};

static ModuleDef definition = {.base = {.type = NULL}, .name = "_armature", .size = -1, .methods = methods};

__attribute__((visibility("default"))) Object *PyInit__armature(void) {
  object_incref((Object *)&definition);
  return PyModule_Create2(&definition, 1013);
}
