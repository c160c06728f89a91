"""Exceptions raised and caught through several frames, and context managers."""
import time

FIRST_LINE = time.time()
import json
import sys


class Guarded:
    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        return kind is KeyError


def deep(n, depth):
    if depth:
        return deep(n, depth - 1)
    if n % 3 == 0:
        raise ValueError(n)
    if n % 3 == 1:
        raise KeyError(n)
    return n


def work():
    total = 0
    for n in range(60000):
        try:
            with Guarded():
                total += deep(n, 3)
        except ValueError as error:
            total += error.args[0] & 1
    return total


def main():
    """Prints the result, then one JSON line: start-up, and the time of each round (the first rounds warm up)."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 40
    times = []
    for _ in range(rounds):
        begin = time.perf_counter()
        result = work()
        times.append(time.perf_counter() - begin)
    print(result)
    print(json.dumps({"first_line": FIRST_LINE, "rounds": times}), file=sys.stderr)


main()

