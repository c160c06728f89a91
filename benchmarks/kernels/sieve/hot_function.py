"""Primes by sieving, on a list of bools and on a bytearray: one call to strike out the multiples of a prime."""
import sys


def strike(flags, prime, limit):
    for multiple in range(prime * prime, limit, prime):
        flags[multiple] = False


def count_true(flags):
    count = 0
    for flag in flags:
        if flag:
            count += 1
    return count


def sieve(flags, limit):
    flags[0] = flags[1] = False
    n = 2
    while n * n < limit:
        if flags[n]:
            strike(flags, n, limit)
        n += 1
    return count_true(flags)


def main():
    limit = int(sys.argv[1]) if len(sys.argv) > 1 else 2600000
    total = 0
    for round_number in range(10):
        total += sieve([True] * (limit + round_number), limit + round_number)
        total += sieve(bytearray([1]) * (limit - round_number), limit - round_number)
    print(total)


main()
