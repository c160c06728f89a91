import pyperf

runner = pyperf.Runner(loops=3)
runner.bench_func("three", sum, range(100))
