"""Spectral norm of an infinite matrix: the loops are at module level."""
import sys
from math import sqrt

size = int(sys.argv[1]) if len(sys.argv) > 1 else 630
u = [1.0] * size
v = [0.0] * size
middle = [0.0] * size
for _ in range(10):
    for source, target in ((u, v), (v, u)):
        for i in range(size):
            total = 0.0
            for j in range(size):
                total += source[j] / ((i + j) * (i + j + 1) // 2 + i + 1)
            middle[i] = total
        for i in range(size):
            total = 0.0
            for j in range(size):
                total += middle[j] / ((i + j) * (i + j + 1) // 2 + j + 1)
            target[i] = total
numerator = denominator = 0.0
for i in range(size):
    numerator += u[i] * v[i]
    denominator += v[i] * v[i]
print("%.9f" % sqrt(numerator / denominator))
