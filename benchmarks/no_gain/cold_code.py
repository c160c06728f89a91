"""Much code, each piece run a few times: thousands of small functions made from text."""
import time

FIRST_LINE = time.time()
import json
import sys


SOURCE = "\n".join(f"def f{i}(n):\n    t = {i}\n    for k in range(n):\n        t += k * {i % 9}\n    return t\n" for i in range(400))


def work():
    space = {}
    exec(compile(SOURCE, "<made>", "exec"), space)
    total = 0
    for i in range(400):
        total += space[f"f{i}"](20)
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

