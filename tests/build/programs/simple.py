def count(n):
    t = 0
    i = 0
    while i < n:
        t += i * 3
        i += 1
    return t


def ranged(n):
    t = 0.0
    for i in range(n):
        if i % 3 == 0:
            t += 1.5
    return t


def nested(n):
    t = 0
    for i in range(n):
        for j in range(i):
            t = (t * 31 + i ^ j) & 0xFFFF
    return t


while True:
    count(3000)
    ranged(3000)
    nested(60)
