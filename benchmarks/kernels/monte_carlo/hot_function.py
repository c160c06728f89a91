"""Monte Carlo estimates with generators of our own (a 32-bit LCG and xorshift): one call per random number."""
import sys


class Generator:
    def __init__(self, seed):
        self.state = seed

    def uniform(self):
        x = self.state
        x ^= (x << 13) & 0xFFFFFFFF
        x ^= x >> 17
        x ^= (x << 5) & 0xFFFFFFFF
        self.state = x
        return x / 4294967296.0


def next_lcg(state):
    return (state * 1664525 + 1013904223) & 0xFFFFFFFF


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 6000000
    generator = Generator(2463534242)
    hits = 0
    for _ in range(count // 2):
        x = generator.uniform()
        y = generator.uniform()
        if x * x + y * y <= 1.0:
            hits += 1
    state = 12345
    steps = 0
    for _ in range(count):
        state = next_lcg(state)
        if state >> 31:
            steps += 1
        else:
            steps -= 1
    print("%.6f" % (8.0 * hits / count), steps, state)


main()
