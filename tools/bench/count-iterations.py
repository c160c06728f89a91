"""Runs a program and writes to the file named first how often its loops went round: the jumps backwards, which CPython 3.12 and later report."""
import sys

report, path, *words = sys.argv[1:]
sys.argv = [path, *words]
with open(path, encoding="utf-8") as file:
    code = compile(file.read(), path, "exec")
count = 0


def jumped(code, offset, destination):
    global count
    if destination < offset:
        count += 1


monitoring = sys.monitoring
monitoring.use_tool_id(monitoring.PROFILER_ID, "iterations")
monitoring.register_callback(monitoring.PROFILER_ID, monitoring.events.JUMP, jumped)
monitoring.set_events(monitoring.PROFILER_ID, monitoring.events.JUMP)
exec(code, {"__name__": "__main__", "__file__": path})
monitoring.set_events(monitoring.PROFILER_ID, 0)
with open(report, "w", encoding="utf-8") as file:
    file.write(str(count))
