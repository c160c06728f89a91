"""Knapsack and coin change on lists: the loops are at module level."""
import sys

size = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
weights = [3 + i * 37 % 101 for i in range(size // 10)]
values = [1 + i * 53 % 97 for i in range(size // 10)]
capacity = size * 2
best = [0] * (capacity + 1)
for i in range(len(weights)):
    weight = weights[i]
    value = values[i]
    for c in range(capacity, weight - 1, -1):
        candidate = best[c - weight] + value
        if candidate > best[c]:
            best[c] = candidate
print(best[capacity])

coins = [1, 2, 5, 10, 20, 50, 100, 200]
ways = [1] + [0] * (size * 10)
for coin in coins:
    for amount in range(coin, size * 10 + 1):
        ways[amount] = (ways[amount] + ways[amount - coin]) % 1000000007
print(ways[-1])
