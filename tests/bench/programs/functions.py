"""Two functions to measure, one that needs an argument, and something that must not run on import."""
import sys


def bench_count():
    return sum(range(100))


def bench_list():
    return [n for n in range(50)]


def bench_with(argument):
    return argument


def helper():
    return sys.argv


if __name__ == "__main__":
    sys.exit("not imported")
