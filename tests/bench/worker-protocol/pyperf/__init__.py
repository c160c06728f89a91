"""The part of pyperf that its worker processes need, written after what pyperf 2.10 does (`_runner.py`, `_worker.py`, `_bench.py`).

For tests on machines without pyperf. What a worker refuses, it refuses with the same words; `--output` is there because a worker heeds it.
"""
import argparse
import json
import os
import statistics
import sys
import time

perf_counter = time.perf_counter
most_loops = 2 ** 32


class Benchmark:
    """One run, as a worker returns it to the script."""

    def __init__(self, run):
        self.run = run

    def get_name(self):
        return self.run["metadata"]["name"]

    def mean(self):
        return statistics.mean(self.run.get("values", ()))

    def dump(self, file):
        json.dump({"version": "1.0", "benchmarks": [{"runs": [self.run]}]}, file)


def count(text):
    base, _, power = text.partition("^")
    return int(base) ** int(power or 1)


class Runner:
    _created = set()

    def __init__(self, values=None, processes=None, loops=0, min_time=0.1, metadata=None, show_name=True, program_args=None, add_cmdline_args=None):
        # How a manager shows results and starts workers is none of a worker's business.
        del show_name, program_args, add_cmdline_args
        if type(self) in Runner._created:
            raise RuntimeError("only one %s instance must be created per process: use the same instance to run all benchmarks" % type(self).__name__)
        Runner._created.add(type(self))
        parser = argparse.ArgumentParser()
        parser.add_argument("-p", "--processes", type=int, default=processes or 20)
        parser.add_argument("-n", "--values", type=int, default=values or 3)
        parser.add_argument("-w", "--warmups", type=count)
        parser.add_argument("-l", "--loops", type=count, default=loops)
        parser.add_argument("-o", "--output")
        parser.add_argument("--pipe", type=int)
        parser.add_argument("--min-time", type=float, default=min_time)
        parser.add_argument("--worker", action="store_true")
        parser.add_argument("--worker-task", type=count)
        parser.add_argument("--calibrate-loops", action="store_true")
        parser.add_argument("--affinity")
        parser.add_argument("--inherit-environ")
        parser.add_argument("--copy-env", action="store_true")
        self.argparser = parser
        self.args = None
        self.metadata = {} if metadata is None else metadata
        self._worker_task = 0
        self._names = set()

    def parse_args(self):
        if self.args is None:
            self.args = args = self.argparser.parse_args()
            if not args.worker:
                sys.exit("only workers here")
            if args.calibrate_loops and args.loops:
                self._refuse("--loops=N is incompatible with --calibrate-loops")
            if not args.calibrate_loops and args.loops < 1:
                self._refuse("--worker requires --loops=N or --calibrate-loops")
            if not args.calibrate_loops and args.warmups is None:
                self._refuse("--worker requires --warmups=N or --calibrate-warmups")
            if args.output and os.path.exists(args.output):
                self._refuse("The JSON file %r already exists" % args.output)
        return self.args

    def _refuse(self, text):
        print("ERROR: %s" % text)
        sys.exit(1)

    def bench_func(self, name, func, *args, inner_loops=None, metadata=None):
        def time_func(loops):
            begin = time.perf_counter()
            for _ in range(loops):
                func(*args)
            return time.perf_counter() - begin

        return self.bench_time_func(name, time_func, inner_loops=inner_loops, metadata=metadata)

    def bench_time_func(self, name, time_func, *args, inner_loops=None, metadata=None):
        options = self.parse_args()
        if options.worker_task is not None and options.worker_task != self._worker_task:
            self._worker_task += 1
            return None
        if name in self._names:
            raise ValueError("duplicated benchmark name: %r" % name)
        self._names.add(name)
        begin = time.monotonic()
        run = self._measure(lambda loops: float(time_func(loops, *args)), inner_loops or 1)
        inner = {} if inner_loops is None else {"inner_loops": inner_loops}
        known = {"perf_version": "0", "python_version": sys.version.split()[0], "unit": "second"}
        run["metadata"] = dict(known, **dict(self.metadata, **(metadata or {})), **inner, name=name, duration=time.monotonic() - begin, **run["metadata"])
        benchmark = Benchmark(run)
        with open(options.pipe, "w") as pipe:
            benchmark.dump(pipe)
        if options.output:
            with open(options.output, "w") as file:
                benchmark.dump(file)
        self._worker_task += 1
        return benchmark

    def _measure(self, time_func, inner_loops):
        args = self.args
        if args.calibrate_loops:
            loops, warmups = 1, []
            left = (1 if args.warmups is None else args.warmups) + args.values
            while left > 0:
                raw = time_func(loops)
                warmups.append((loops, raw / (loops * inner_loops)))
                if raw >= args.min_time:
                    left -= 1
                elif loops * 2 > most_loops:
                    self._refuse("failed to calibrate the number of loops")
                else:
                    loops *= 2
            return {"warmups": warmups, "metadata": {"loops": loops, "calibrate_loops": loops}}
        total = args.loops * inner_loops
        values = [time_func(args.loops) / total for _ in range(args.warmups + args.values)]
        if not all(values):
            raise ValueError("benchmark function returned zero")
        run = {"values": values[args.warmups:], "metadata": {"loops": args.loops}}
        if args.warmups:
            run["warmups"] = [(args.loops, value) for value in values[:args.warmups]]
        return run
