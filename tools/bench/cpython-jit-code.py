"""Runs a program and writes to the file named first how many bytes of machine code CPython's own JIT holds for it afterwards.

`loops` is the code of the program's own loops, `code` that of all executors, with those of the exits of the loops; both without the
zeros that fill the last page of each. `held` is with them.
"""
import _opcode
import gc
import json
import sys

report, path, *words = sys.argv[1:]
sys.argv = [path, *words]
with open(path, encoding="utf-8") as file:
    code = compile(file.read(), path, "exec")
namespace = {"__name__": "__main__", "__file__": path}
exec(code, namespace)


def code_objects(outer):
    yield outer
    for constant in outer.co_consts:
        if isinstance(constant, type(outer)):
            yield from code_objects(constant)


def executors_of(code):
    for offset in range(0, len(code.co_code), 2):
        try:
            yield _opcode.get_executor(code, offset)
        except ValueError:
            pass  # an instruction like any other


def machine_code(executors):
    return [text for text in (executor.get_jit_code() for executor in executors if executor is not None) if text]


def used(parts):
    return sum(len(part.rstrip(b"\0")) for part in parts)


loops = machine_code(executor for part in code_objects(code) for executor in executors_of(part))
everything = machine_code(item for item in gc.get_objects() if type(item).__name__ == "uop_executor")
with open(report, "w", encoding="utf-8") as file:
    json.dump({"executors": len(everything), "loops": used(loops), "code": used(everything), "held": sum(map(len, everything))}, file)
