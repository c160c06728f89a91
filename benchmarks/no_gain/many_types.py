"""One function sees many types in turn, so that no assumption about types holds for long."""
import time

FIRST_LINE = time.time()
import json
import sys

from decimal import Decimal
from fractions import Fraction

VALUES = [1, 2.5, Fraction(1, 3), Decimal("0.5"), True, 10 ** 30, 1 + 2j]


def twice(value):
    return value + value


def work():
    counts = {}
    for i in range(60000):
        value = twice(VALUES[i * i % 7])
        name = type(value).__name__
        counts[name] = counts.get(name, 0) + 1
        if twice("ab" if i & 1 else [i]):
            counts["other"] = counts.get("other", 0) + 1
    return sorted(counts.items())


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

