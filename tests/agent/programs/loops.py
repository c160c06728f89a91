# Loops in every place a frame can be taken from; the output must not depend on who runs them.
import gc
import sys


def nested(n):
    total = 0
    for i in range(n):
        for j in range(30):
            for k in (1, 2, 3):
                total += i * j - k
    return total


def inside_try(n):
    log = []
    for i in range(n):
        try:
            for j in range(40):
                if j == 37 and i % 50 == 0:
                    raise ValueError(i)
        except ValueError as error:
            log.append(error.args[0])
        finally:
            total = i
    return len(log), log[-1], total


class Manager:
    entered = left = 0

    def __enter__(self):
        Manager.entered += 1
        return self

    def __exit__(self, *details):
        Manager.left += 1
        return True


def inside_with(n):
    for i in range(n):
        with Manager():
            x = 0
            while x < 50:
                x += 1
                if x == 49 and i % 3 == 0:
                    raise KeyError(x)
    return Manager.entered, Manager.left


def called_with_operands(n):
    def inner(m):
        s = 0
        for i in range(m):
            s += i
        return s
    return [1, 2, inner(n) + (inner(n) * inner(n // 2)), "x" * (inner(20) % 7), {"a": inner(n)}]


def generator(n):
    for i in range(n):
        x = 0
        for j in range(20):
            x += j
        yield x + i


def consume(n):
    total = 0
    for v in generator(n):
        for w in (v, v):
            total += w
    return total


def comprehension(n):
    return sum([x * y for x in range(n) for y in range(10)])


def closure(n):
    count = 0

    def bump(by):
        nonlocal count
        for _ in range(by):
            count += 1
    for i in range(n):
        bump(i % 13)
    return count


class Thing:
    def __init__(self, n):
        self.values = []
        for i in range(n):
            self.values.append(i)

    def __getitem__(self, index):
        x = 0
        for i in range(25):
            x += i
        return self.values[index] + x

    @property
    def size(self):
        n = 0
        for _ in self.values:
            n += 1
        return n


def objects(n):
    total = 0
    for i in range(n):
        thing = Thing(20)
        total += thing[3] + thing.size
    return total


def references(n):
    token = object()
    items = [token] * 5
    before = sys.getrefcount(token)
    for i in range(n):
        for t in items:
            other = t
    del other, t
    return sys.getrefcount(token) - before


def recursion(depth):
    x = 0
    for i in range(60):
        x += i
    return x if depth == 0 else recursion(depth - 1) + x


def limit():
    def dive(k):
        for i in range(30):
            pass
        return dive(k + 1)
    try:
        dive(0)
    except RecursionError:
        return True
    return False


def raising(n):
    for i in range(n):
        x = i * 2
    return [][x]


def frames(n):
    seen = set()
    for i in range(n):
        frame = sys._getframe()
        seen.add((frame.f_code.co_name, frame.f_back.f_code.co_name, frame.f_locals["n"]))
        for j in range(20):
            pass
    return sorted(seen)


def held_frame(n):
    frame = sys._getframe()
    for i in range(n):
        for j in range(5):
            pass
    return frame.f_locals["i"], frame.f_lineno - frame.f_code.co_firstlineno, frame


def star(n):
    total = 0
    i = 0
    while True:
        i += 1
        if i % 2:
            continue
        total += i
        if i > n:
            break
    else:
        total = -1
    return total


def everything(round):
    print(nested(600))
    print(inside_try(1500))
    print(inside_with(900))
    print(called_with_operands(20000))
    print(consume(2500))
    print(comprehension(6000))
    print(closure(6000))
    print(objects(1500))
    print(references(20000))
    print(recursion(120))
    print(limit(), limit())
    print(frames(3000))
    a, b, frame = held_frame(30000)
    print(a, b, frame.f_locals["n"])
    del frame
    print(star(80000))
    try:
        raising(80000)
    except IndexError as error:
        tb = error.__traceback__
        while tb:
            print(tb.tb_frame.f_code.co_name, tb.tb_lineno)
            tb = tb.tb_next
    print(round)


for round in range(int(sys.argv[1])):
    everything(round)
x = 0
for i in range(100000):
    x += i & 7
print(x, i)
while x > 10:
    x -= 3
print(x)
gc.collect()
print(sys.exc_info(), len(gc.garbage))
raising(30000)
