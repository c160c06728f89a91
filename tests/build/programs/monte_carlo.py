class Random:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state * 1103515245 + 12345) & 0x7FFFFFFF
        return self.state / 2147483648.0


def pi(n, generator):
    inside = 0
    for _ in range(n):
        x, y = generator.next(), generator.next()
        if x * x + y * y <= 1.0:
            inside += 1
    return 4 * inside / n


while True:
    pi(20000, Random(42))
