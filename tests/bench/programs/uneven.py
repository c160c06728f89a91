"""One benchmark fails, and one exists only on the side called a."""
import os

import pyperf

runner = pyperf.Runner()
runner.bench_func("first", sum, range(100))
runner.bench_func("second", lambda: 1 / 0)
runner.bench_func("third", sum, range(100))
if os.environ["SIDE"] == "a":
    runner.bench_func("only a", sum, range(100))
