def make_counter(step):
    total = 0

    def add(n):
        nonlocal total
        for i in range(n):
            total += scale(i)
        return total

    def scale(i, factor=3, *, offset=0):
        return i * factor

    def square(i):
        return i * step

    def run(n):
        s = 0
        for i in range(n):
            s += square(i)
        return s

    return add, run


def keywords(n):
    t = 0
    for i in range(n):
        t += weighted(i, b=2)
    return t


def weighted(a, b=1, c=3):
    return a * b + c


def comprehension(n):
    t = 0
    for i in range(n):
        t += len([k * 2 for k in range(i % 10)])
    return t


def caught(n):
    bad = 0
    for i in range(n):
        try:
            bad += 10 // (i % 3)
        except ZeroDivisionError:
            bad += 1
    return bad


add, run = make_counter(7)
while True:
    add(500)
    run(500)
    keywords(500)
    comprehension(200)
    caught(500)
