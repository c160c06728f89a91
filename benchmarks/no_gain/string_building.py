"""Text put together, cut up and formatted."""
import time

FIRST_LINE = time.time()
import json
import sys


def work():
    lines = []
    for i in range(30000):
        lines.append(f"{i:06d};{i * 0.25:.2f};{'x' * (i % 10)}")
    text = "\n".join(lines)
    count = 0
    for line in text.split("\n"):
        number, value, marks = line.split(";")
        count += len(marks) + int(number) % 3 + (value.replace(".", ",").endswith("50"))
    words = {}
    for word in text.replace(";", " ").split():
        words[word] = words.get(word, 0) + 1
    return count, len(words), len(text.upper())


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

