"""Chains of generators and generator expressions."""
import time

FIRST_LINE = time.time()
import json
import sys


def numbers(limit):
    for n in range(limit):
        yield n


def keep_odd(source):
    for n in source:
        if n & 1:
            yield n


def pairs(source):
    previous = None
    for n in source:
        if previous is not None:
            yield previous, n
        previous = n


def walk(depth):
    if depth:
        yield from walk(depth - 1)
        yield depth
        yield from walk(depth - 1)


def work():
    total = sum(a * b % 7 for a, b in pairs(keep_odd(numbers(300000))))
    return total + sum(walk(13))


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

