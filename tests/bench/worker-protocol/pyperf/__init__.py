"""The part of pyperf that its worker processes need, written after pyperf's published sources (`_runner.py`, `_worker.py`).

For tests on machines without pyperf. Options that a worker does not know end it, as they do there.
"""
import argparse
import json
import os
import sys
import time


def perf_counter():
    return time.perf_counter()


class Runner:
    def __init__(self, values=None, warmups=None, processes=None, loops=0, min_time=0.1, metadata=None):
        parser = argparse.ArgumentParser()
        parser.add_argument("-p", "--processes", type=int, default=processes or 20)
        parser.add_argument("-n", "--values", type=int, default=values or 3)
        parser.add_argument("-w", "--warmups", type=int)
        parser.add_argument("-l", "--loops", type=int, default=loops)
        parser.add_argument("--pipe", type=int)
        parser.add_argument("--min-time", type=float, default=min_time)
        parser.add_argument("--worker", action="store_true")
        parser.add_argument("--worker-task", type=int)
        parser.add_argument("--calibrate-loops", action="store_true")
        parser.add_argument("--affinity")
        self.argparser = parser
        self.args = None
        self.metadata = metadata or {}
        self._worker_task = 0

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
        return self.args

    def _refuse(self, text):
        print("ERROR: %s" % text)
        sys.exit(1)

    def bench_func(self, name, func, *args):
        def time_func(loops):
            begin = time.perf_counter()
            for _ in range(loops):
                func(*args)
            return time.perf_counter() - begin

        return self.bench_time_func(name, time_func)

    def bench_time_func(self, name, time_func):
        args = self.parse_args()
        number, self._worker_task = self._worker_task, self._worker_task + 1
        if number != args.worker_task:
            return
        loops = args.loops
        warmups, values = [], []
        if args.calibrate_loops:
            loops, left = 1, args.warmups + args.values
            while left > 0:
                raw = time_func(loops)
                warmups.append((loops, raw / loops))
                if raw < args.min_time:
                    loops *= 2
                else:
                    left -= 1
        else:
            warmups = [(loops, time_func(loops) / loops) for _ in range(args.warmups)]
            values = [time_func(loops) / loops for _ in range(args.values)]
        metadata = dict(self.metadata, name=name, unit="second", loops=loops, perf_version="0", python_version=sys.version.split()[0])
        if args.calibrate_loops:
            metadata["calibrate_loops"] = loops
        run = {"metadata": metadata}
        if warmups:
            run["warmups"] = warmups
        if values:
            run["values"] = values
        with open(args.pipe, "w") as pipe:
            json.dump({"version": "1.0", "benchmarks": [{"runs": [run]}]}, pipe)
