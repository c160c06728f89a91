"""Pi from random points, with a 32-bit xorshift generator: the loop is at module level."""
import sys

count = int(sys.argv[1]) if len(sys.argv) > 1 else 3400000
x = 2463534242
hits = 0
for _ in range(count):
    x ^= (x << 13) & 0xFFFFFFFF
    x ^= x >> 17
    x ^= (x << 5) & 0xFFFFFFFF
    a = x / 4294967296.0
    x ^= (x << 13) & 0xFFFFFFFF
    x ^= x >> 17
    x ^= (x << 5) & 0xFFFFFFFF
    b = x / 4294967296.0
    if a * a + b * b <= 1.0:
        hits += 1
print("%.6f" % (4.0 * hits / count), x)
