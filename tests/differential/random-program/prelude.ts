/** What every program begins with: classes and functions that the templates name, and `show`, which prints a checksum of all that was shown. */
export const prelude = `import math
import sys
import time
import zlib
from math import inf, isqrt, nan

crc = 0
shown = 0
shared = 0
flag = False


def show(*values):
    global crc, shown
    text = repr(values)
    crc = zlib.crc32(text.encode(), crc)
    shown += 1
    if shown <= 200 or shown % 64 == 0:
        print(shown, crc, text[:300])


def caught(error):
    trace = error.__traceback__
    lines = []
    while trace:
        lines.append(trace.tb_lineno)
        trace = trace.tb_next
    show(type(error).__name__, str(error), lines)


def attempt(function, *args):
    try:
        show(function.__name__, function(*args))
    except Exception as error:
        caught(error)
    time.sleep(0.02)


class Plain:
    level = 1

    def __init__(self, x, y):
        self.x = x
        self.y = y
        self.z = 0

    def get(self, n):
        return (self.x + n) & 0xFFFFFFF

    def put(self, n):
        self.x = n

    def name(self):
        return type(self).__name__

    def __eq__(self, other):
        return isinstance(other, Plain) and self.x == other.x

    def __repr__(self):
        return f"{type(self).__name__}({self.x!r}, {self.y!r}, {self.z!r}, {sys.getrefcount(self)})"


class Child(Plain):
    def get(self, n):
        return super().get(n) + self.level

    def __lt__(self, other):
        return self.x < other.x


class Slotted:
    __slots__ = ("x", "y", "z", "extra")
    level = 3

    def __init__(self, x, y):
        self.x, self.y, self.z = x, y, None

    def get(self, n):
        return self.x ^ n

    def put(self, n):
        self.x = n

    def name(self):
        return "slotted"

    def __repr__(self):
        return f"Slotted({self.x!r}, {self.y!r}, {self.z!r})"


class Prop(Plain):
    writes = 0

    @property
    def x(self):
        return self._x

    @x.setter
    def x(self, value):
        Prop.writes += 1
        self._x = value if value < 1000 else value % 1000

    @property
    def level(self):
        return self._x & 3

    def __getattr__(self, name):
        if name == "missing":
            return 11
        raise AttributeError(name)


class Noisy(Plain):
    def __del__(self):
        tally(7)


class Manager:
    def __init__(self, n, swallow=False):
        self.n = n
        self.swallow = swallow

    def __enter__(self):
        tally(self.n)
        return self.n

    def __exit__(self, kind, error, trace):
        tally(self.n + 1)
        if kind and self.swallow and issubclass(kind, Exception):
            caught(error)
            return True
        return False


def add(a, b):
    return a + b


def half(a):
    return a * 0.5


def identity(a):
    return a


def pick(a, b):
    return a if flag else b


def clamp(a, low=-100, high=100):
    if a < low:
        return low
    return high if a > high else a


def weigh(*values, **more):
    result = len(more)
    for value in values:
        result = result * 3 + (value & 255)
    return result


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def total(values):
    result = 0
    for value in values:
        result += value
    return result


def average(values):
    result = 0.0
    for value in values:
        result += value
    return result / len(values) if values else -1.0


def bump(n):
    global shared
    shared = (shared + n) % 1000003
    return shared


def toggle(n):
    global flag
    flag = n % 3 == 0


def tally(n):
    global shared
    shared = (shared * 31 + n) % 1000003


def append_to(values):
    values.append(shared)
    if len(values) > 12:
        del values[::2]


def numbers(n):
    for k in range(n):
        yield k * k


def fail(n):
    if n % 3:
        raise KeyError(n % 3)
    return n


def other_get(self, n):
    return n % 1009


former_get = Child.get
`;

/** For scenarios that define no such closures themselves. */
export const globalCounter = `cell = 0


def counter(k):
    global cell
    cell = (cell + k) % 10007
    return cell


def peek():
    return cell
`;
