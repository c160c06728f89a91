"""Work done inside the standard library: json, re, sorting, dictionaries."""
import time

FIRST_LINE = time.time()
import json
import sys

import re

RECORDS = [{"id": i, "name": f"name {i}", "tags": ["a", "b", str(i % 7)], "value": i / 3} for i in range(3000)]
PATTERN = re.compile(r"(\w+) (\d+)")


def work():
    text = json.dumps(RECORDS)
    records = json.loads(text)
    records.sort(key=lambda record: (record["tags"][2], -record["id"]))
    by_tag = {}
    for record in records:
        by_tag.setdefault(record["tags"][2], []).append(record["id"])
    found = sum(int(match.group(2)) for match in PATTERN.finditer(text))
    return len(text), found, sorted((tag, len(ids)) for tag, ids in by_tag.items())


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

