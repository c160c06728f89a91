"""Primes by sieving, on a list of bools and on a bytearray: the loops are at module level."""
import sys

limit = int(sys.argv[1]) if len(sys.argv) > 1 else 1050000
total = 0
for round_number in range(6):
    size = limit + round_number
    flags = [True] * size
    for n in range(2, size):
        if flags[n]:
            total += 1
            for multiple in range(n * n, size, n):
                flags[multiple] = False
    marks = bytearray(size)
    n = 2
    while n < size:
        if marks[n] == 0:
            total += 1
            multiple = n * n
            while multiple < size:
                marks[multiple] = 1
                multiple += n
        n += 1
print(total)
