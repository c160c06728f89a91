"""Counts primes with a sieve, and looks for the longest Collatz chain; the loops are at module level."""
limit = 8_000_000
flags = [True] * limit
count = 0
for n in range(2, limit):
    if flags[n]:
        count += 1
        for multiple in range(n * n, limit, n):
            flags[multiple] = False
print(count, "primes below", limit)

longest = best = 0
for start in range(1, 120_000):
    n = start
    length = 1
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        length += 1
    if length > longest:
        longest = length
        best = start
print("the longest chain starts at", best, "and has", longest, "numbers")
