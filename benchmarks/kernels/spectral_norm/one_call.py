"""Spectral norm of an infinite matrix: everything in one call."""
import sys
from math import sqrt


def spectral_norm(size):
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
    return sqrt(numerator / denominator)


print("%.9f" % spectral_norm(int(sys.argv[1]) if len(sys.argv) > 1 else 820))
