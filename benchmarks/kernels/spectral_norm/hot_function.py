"""Spectral norm of an infinite matrix: one call per matrix entry."""
import sys
from math import sqrt


def entry(i, j):
    return 1.0 / ((i + j) * (i + j + 1) // 2 + i + 1)


def multiply(v):
    result = []
    for i in range(len(v)):
        total = 0.0
        for j in range(len(v)):
            total += entry(i, j) * v[j]
        result.append(total)
    return result


def multiply_transposed(v):
    result = []
    for i in range(len(v)):
        total = 0.0
        for j in range(len(v)):
            total += entry(j, i) * v[j]
        result.append(total)
    return result


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 750
    u = [1.0] * size
    for _ in range(10):
        v = multiply_transposed(multiply(u))
        u = multiply_transposed(multiply(v))
    numerator = sum(a * b for a, b in zip(u, v))
    denominator = sum(b * b for b in v)
    print("%.9f" % sqrt(numerator / denominator))


main()
