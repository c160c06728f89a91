"""Small methods and properties that call one another; no loop is long."""
import time

FIRST_LINE = time.time()
import json
import sys


class Stack:
    def __init__(self):
        self.items = []

    def push(self, item):
        self.items.append(item)

    def pop(self):
        return self.items.pop()

    @property
    def empty(self):
        return not self.items


class Machine:
    def __init__(self, program):
        self.program = program
        self.stack = Stack()

    def run(self):
        for name, argument in self.program:
            getattr(self, name)(argument)
        return self.stack.pop()

    def push(self, argument):
        self.stack.push(argument)

    def add(self, argument):
        self.stack.push(self.stack.pop() + self.stack.pop())

    def swap(self, argument):
        a, b = self.stack.pop(), self.stack.pop()
        self.push(a)
        self.push(b)


PROGRAM = [("push", 1), ("push", 2), ("add", None), ("push", 5), ("swap", None), ("add", None)]


def work():
    total = 0
    for _ in range(40000):
        total += Machine(PROGRAM).run()
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

