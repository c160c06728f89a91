/* Objects that instructions push by a number: AssertionError, and those behind which 3.14 has loops in place of calls of any, all and tuple. */
#include "agent.h"

#if ARMATURE_LAYOUT == 314
IMPORTED CodeObject *PyCode_NewEmpty(const char *file, const char *function, int line);

enum { OP_LOAD_COMMON_CONSTANT = 81, OP_RETURN_VALUE = 35 };

static Object *constants[5];

/*
 * The interpreter took them from `builtins` when it began and keeps them where no function of its API can read them. So it
 * executes the instruction: an empty code object is RESUME, LOAD_COMMON_CONSTANT 0, RAISE_VARARGS.
 */
static Object *ask_interpreter(u32 number) {
  CodeObject *code = PyCode_NewEmpty("<armature>", "common_constant", 1);
  Object *globals = PyDict_New(), *found = NULL;
  if (code && globals && code->base.size == 3 && (u8)code->code[1] == OP_LOAD_COMMON_CONSTANT) {
    code->code[1] = (CodeUnit)(OP_LOAD_COMMON_CONSTANT | number << 8);
    code->code[2] = OP_RETURN_VALUE;
    Object *function = PyFunction_New((Object *)code, globals);
    if (function) found = PyObject_CallNoArgs(function);
    object_xdecref(function);
  }
  object_xdecref((Object *)code);
  object_xdecref(globals);
  if (!found) PyErr_Clear();
  return found;
}

/* Python code runs here, ours alone: so this is done when the agent attaches. What could not be had is not compiled. */
void find_common_constants(void) {
  for (u32 i = 0; i < sizeof constants / sizeof *constants; i++) constants[i] = ask_interpreter(i);
}

/* Borrowed; NULL: not known. */
Object *common_constant(u32 number) {
  return number < sizeof constants / sizeof *constants ? constants[number] : NULL;
}
#else
void find_common_constants(void) {}

/* 3.11 has this one only, in an instruction of its own. */
Object *common_constant(u32 number) {
  (void)number;
  return PyExc_AssertionError;
}
#endif
