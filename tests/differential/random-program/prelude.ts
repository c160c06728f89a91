/** What every program begins with: classes and functions that the templates name, and `show`, which prints a checksum of all that was shown. */
export const prelude = `import math
import os
import sys
import zlib
from math import inf, isqrt, nan

crc = 0
shown = 0
shared = 0
flag = False
scale = int(os.environ.get("FIXTURE_SCALE", "1"))


def show(*values):
    global crc, shown
    text = repr(values)
    crc = zlib.crc32(text.encode(), crc)
    shown += 1
    if shown <= 200 or shown % 64 == 0:
        print(shown, crc, text[:300])


def caught(error):
    show(type(error).__name__, str(error), lines(error.__traceback__))


def lines(trace):
    return [trace.tb_lineno, *lines(trace.tb_next)] if trace else []


def attempt(function, *args):
    try:
        show(function.__name__, function(*args))
    except Exception as error:
        caught(error)


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
        return f"{type(self).__name__}({self.x!r}, {self.y!r}, {self.z!r})"


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
        global b
        b = shared & 1023
        tally(7)


class Whole(int):
    def __add__(self, other):
        return Whole((int(self) * 2 + int(other)) % 1009)

    def __bool__(self):
        return self % 3 != 0

    def __repr__(self):
        return f"Whole({int(self)})"


class Real(float):
    def __lt__(self, other):
        tally(3)
        return float(self) * 2 < other

    def __repr__(self):
        return f"Real({float(self)!r})"


class Text(str):
    def __eq__(self, other):
        tally(5)
        return len(self) == len(other) if isinstance(other, str) else False

    __hash__ = str.__hash__

    def __repr__(self):
        return f"Text({str(self)!r})"


class Odd:
    def __init__(self, n):
        self.n = n

    def __add__(self, other):
        tally(1)
        return Odd(self.n + 1) if isinstance(other, Odd) else self.n

    def __radd__(self, other):
        tally(2)
        return other

    __mul__ = __rmul__ = __sub__ = __rsub__ = __add__

    def __neg__(self):
        return self.n

    def __eq__(self, other):
        tally(4)
        return isinstance(other, Odd)

    def __lt__(self, other):
        return self.n % 2 == 0

    __gt__ = __le__ = __lt__

    def __bool__(self):
        tally(6)
        return self.n % 3 == 0

    def __len__(self):
        return self.n

    def __index__(self):
        tally(8)
        return self.n & 3

    def __getitem__(self, key):
        if isinstance(key, int) and key > 3:
            raise IndexError("odd")
        return self.n

    def __contains__(self, item):
        return not item

    def __call__(self, *args):
        return len(args)

    def __hash__(self):
        return 3

    def __repr__(self):
        return f"Odd({self.n})"


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


def meddle(n):
    global a, c
    a = n & 0xFFFF
    if n % 5 == 1:
        raise KeyError(a)
    c = -n & 0xFFF
    return a


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


def numbered(n):
    for k in range(n):
        yield k


def pairs(n):
    k = 0
    while k < n:
        try:
            yield k, k * 0.5
        finally:
            tally(k)
        k += 1


def change_class(o):
    if type(o) is Plain:
        o.__class__ = Child
    elif type(o) is Child:
        o.__class__ = Plain


def redo(o, n):
    for name in list(vars(o)):
        value = getattr(o, name)
        delattr(o, name)
        setattr(o, name, value)
    if n % 2:
        o.__dict__["w"] = n


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
