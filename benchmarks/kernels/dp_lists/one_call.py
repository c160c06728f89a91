"""Knapsack and longest common subsequence on lists, in one call each."""
import sys


def knapsack(weights, values, capacity):
    best = [0] * (capacity + 1)
    for i in range(len(weights)):
        weight = weights[i]
        value = values[i]
        for c in range(capacity, weight - 1, -1):
            candidate = best[c - weight] + value
            if candidate > best[c]:
                best[c] = candidate
    return best[capacity]


def longest_common(a, b):
    table = [[0] * (len(b) + 1) for _ in range(len(a) + 1)]
    for i in range(len(a)):
        for j in range(len(b)):
            if a[i] == b[j]:
                table[i + 1][j + 1] = table[i][j] + 1
            else:
                table[i + 1][j + 1] = max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]


size = int(sys.argv[1]) if len(sys.argv) > 1 else 10900
weights = [3 + i * 37 % 101 for i in range(size // 10)]
values = [1 + i * 53 % 97 for i in range(size // 10)]
print(knapsack(weights, values, size * 2))
a = [i * i % 31 for i in range(size // 3)]
b = [i * 7 % 29 for i in range(size // 3)]
print(longest_common(a, b))
