"""Runs a program and writes to the file named first how many bytes of machine code CPython's own JIT holds for it afterwards.

`held` is what each executor occupies, `code` the same without the zeros that fill its last page.
"""
import gc
import json
import sys

report, path, *words = sys.argv[1:]
sys.argv = [path, *words]
with open(path, encoding="utf-8") as file:
    code = compile(file.read(), path, "exec")
namespace = {"__name__": "__main__", "__file__": path}
exec(code, namespace)
held = [machine_code for machine_code in (item.get_jit_code() for item in gc.get_objects() if type(item).__name__ == "uop_executor") if machine_code]
with open(report, "w", encoding="utf-8") as file:
    json.dump({"executors": len(held), "held": sum(map(len, held)), "code": sum(len(part.rstrip(b"\0")) for part in held)}, file)
