import sys

import pyperf

print("a warning", file=sys.stderr)
runner = pyperf.Runner()
runner.bench_time_func("nothing", lambda loops: 0)
