"""One process of a benchmark: runs a program, or a function of it, and writes what it measured to descriptor 3.

The answer is a pyperf file with one run, so that it is read like that of a worker of pyperf.
The job is the first argument, as JSON. Standard error belongs to what is measured.
"""
import json
import os
import sys
import time

timer = time.perf_counter


def main():
    job = json.loads(sys.argv[1])
    if job["affinity"]:
        try:
            os.sched_setaffinity(0, job["affinity"])
        except (AttributeError, OSError) as error:
            sys.exit("cannot run on the CPUs %s: %s" % (job["affinity"], error))
    start = time.monotonic()
    measured = measure_command(job) if "command" in job else measure_function(job)
    metadata = {"name": job["name"], "unit": "second", "duration": time.monotonic() - start}
    metadata.update(measured.pop("metadata"))
    describe_python(metadata, job.get("environment", os.environ))
    answer = {"version": "1.0", "benchmarks": [{"runs": [dict(measured, metadata=metadata)]}]}
    with os.fdopen(3, "w") as pipe:
        json.dump(answer, pipe)


def measure_command(job):
    command = job["command"]
    output = os.open(os.devnull if job["output"] is None else job["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    actions = [(os.POSIX_SPAWN_DUP2, output, 1), (os.POSIX_SPAWN_CLOSE, 3)]
    begin = timer()
    pid = os.posix_spawn(command[0], command, job["environment"], file_actions=actions)
    _, status, usage = os.wait4(pid, 0)
    seconds = timer() - begin
    code = os.waitstatus_to_exitcode(status)
    if code != 0:
        sys.stderr.flush()
        end_as(code)
    metadata = {"loops": 1, "command_max_rss": usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)}
    if job["calibrate"]:
        metadata["calibrate_loops"] = 1
        return {"warmups": [[1, seconds]], "metadata": metadata}
    return {"values": [seconds], "metadata": metadata}


def end_as(code):
    """Ends this process as the program did. Who waits for it cannot tell a status of 139 from a signal, so a signal is one here too."""
    if code < 0:
        import resource
        import signal

        # The program has left its core file, if it may; one of this process is of no use.
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if -code not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(-code, signal.SIG_DFL)
        os.kill(os.getpid(), -code)
    os._exit(code if code > 0 else 128 - code)


def measure_function(job):
    process = os.getpid()
    try:
        return repeat_function(job)
    except SystemExit as ended:
        # A child that the program forked may end so.
        if os.getpid() != process or isinstance(ended.code, str):
            raise
        sys.exit("%s ended the process (SystemExit: %s) before there was a result" % (job["function"], ended.code))
    except BaseException as error:
        if os.getpid() != process:
            raise
        end_with_traceback(error)


def end_with_traceback(error):
    """Without the frames of this file: they say nothing of the program, and hide what does."""
    import traceback

    frames = error.__traceback__
    while frames.tb_next is not None and frames.tb_frame.f_code.co_filename == __file__:
        frames = frames.tb_next
    traceback.print_exception(type(error), error, frames)
    sys.exit(1)


def repeat_function(job):
    function = load_function(job["file"], job["function"], job["arguments"])
    loops = job["loops"]

    def once():
        repeat = range(loops)
        begin = timer()
        for _ in repeat:
            function()
        return timer() - begin

    warmups = []
    if job["calibrate"]:
        loops = 1
        while True:
            raw = once()
            warmups.append([loops, raw / loops])
            # The limit is that of pyperf.
            if raw >= job["minimum"] or loops >= 2 ** 32:
                break
            loops *= 2
        warmups += [[loops, once() / loops] for _ in range(job["values"])]
        return {"warmups": warmups, "metadata": {"loops": loops, "calibrate_loops": loops}}
    warmups = [[loops, once() / loops] for _ in range(job["warmups"])]
    values = [once() / loops for _ in range(job["values"])]
    measured = {"values": values, "metadata": {"loops": loops}}
    if warmups:
        measured["warmups"] = warmups
    return measured


def load_function(file, name, arguments):
    """Imports the file as a module: what stands under `if __name__ == "__main__"` does not run."""
    import importlib.util

    sys.argv = [file] + arguments
    if sys.path and sys.path[0] == os.path.dirname(os.path.abspath(__file__)):
        del sys.path[0]
    sys.path.insert(0, os.path.dirname(os.path.abspath(file)))
    module_name = os.path.splitext(os.path.basename(file))[0]
    specification = importlib.util.spec_from_file_location(module_name, file)
    module = importlib.util.module_from_spec(specification)
    sys.modules[module_name] = module
    specification.loader.exec_module(module)
    function = getattr(module, name, None)
    if not callable(function):
        sys.exit("%s has no function %s" % (file, name))
    return function


def describe_python(metadata, environment):
    """The names and texts are those of pyperf (`_collect_metadata.py`). Imported after the measurement, which they must not disturb."""
    import platform
    import re
    import sysconfig

    bits = 64 if sys.maxsize > 2 ** 32 else 32
    metadata["python_implementation"] = sys.implementation.name
    metadata["python_version"] = "%s (%d-bit)" % (platform.python_version(), bits)
    # Of a build from a checkout, as in `3.15.0a8+ (heads/main:09233bd1987, Apr 21 2026`.
    revision = re.match(r"[^(]+\((?:[^:]+:)?([a-f0-9]{6,}\+?),", sys.version)
    if revision:
        metadata["python_version"] += " revision " + revision.group(1)
    metadata["python_executable"] = sys.executable
    metadata["platform"] = platform.platform(True, False)
    for name, text in (("python_compiler", platform.python_compiler()), ("python_cflags", sysconfig.get_config_var("CFLAGS")),
                       ("python_config_args", sysconfig.get_config_var("CONFIG_ARGS"))):
        text = " ".join((text or "").split())
        if text:
            metadata[name] = text
    seed = environment.get("PYTHONHASHSEED")
    if seed:
        metadata["python_hash_seed"] = int(seed) if seed.isdecimal() else seed
    clock = time.get_clock_info("perf_counter")
    metadata["timer"] = "%s, resolution: %s" % (clock.implementation, format_resolution(clock.resolution))
    # That of a whole program is the `command_max_rss`.
    if "command_max_rss" in metadata:
        return
    try:
        import resource
    except ImportError:
        return
    metadata["mem_max_rss"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def format_resolution(seconds):
    """Three digits, as pyperf writes times."""
    for unit, factor in (("ns", 1e9), ("us", 1e6), ("ms", 1e3)):
        value = seconds * factor
        if value < 1000:
            break
    return "%.*f %s" % (2 if value < 10 else 1 if value < 100 else 0, value, unit)


main()
