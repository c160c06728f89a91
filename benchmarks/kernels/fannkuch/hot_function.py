"""Pancake flips over all permutations: one call to count the flips, one for the next permutation."""
import sys


def count_flips(permutation):
    stack = permutation[:]
    flips = 0
    first = stack[0]
    while first != 0:
        low = 0
        high = first
        while low < high:
            stack[low], stack[high] = stack[high], stack[low]
            low += 1
            high -= 1
        flips += 1
        first = stack[0]
    return flips


def next_permutation(permutation, counts):
    size = len(permutation)
    for r in range(1, size):
        first = permutation[0]
        for k in range(r):
            permutation[k] = permutation[k + 1]
        permutation[r] = first
        counts[r] += 1
        if counts[r] <= r:
            return True
        counts[r] = 0
    return False


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    most = 0
    checksum = 0
    for _ in range(6):
        permutation = list(range(size))
        counts = [0] * size
        index = 0
        while True:
            flips = count_flips(permutation)
            if flips > most:
                most = flips
            checksum += flips if index % 2 == 0 else -flips
            index += 1
            if not next_permutation(permutation, counts):
                break
    print(checksum, most)


main()
