import pyperf


def count():
    return sum(range(100))


runner = pyperf.Runner()
runner.bench_func("first", count)
runner.bench_func("second", count)
