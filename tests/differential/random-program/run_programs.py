"""Runs programs one after the other in one process, each in a namespace of its own: starting Python takes longer than most of them."""
import builtins
import gc
import sys

# One stream, so that the order of what is written is compared, too.
sys.stderr = sys.stdout


def run(path):
    print(f"#### {path}", flush=True)
    with open(path, encoding="utf-8") as file:
        code = compile(file.read(), path, "exec")
    namespace = {"__name__": "__main__", "__file__": path, "__builtins__": builtins}
    # Called as a function it runs in this evaluator, as a script would, and its loops can be taken over. exec() would begin another one.
    program = type(run)(code, namespace)
    try:
        program()
    except BaseException as error:
        print(type(error).__name__, error, lines(error.__traceback__))
    gc.collect()


def lines(trace):
    return [trace.tb_lineno, *lines(trace.tb_next)] if trace else []


# Not in a loop: what a compiled loop calls runs in another evaluator, where only functions are entered.
def run_all(paths):
    if paths:
        run(paths[0])
        run_all(paths[1:])


run_all(sys.argv[1:])
print("#### end", flush=True)
