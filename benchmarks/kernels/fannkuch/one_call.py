"""Pancake flips over all permutations: everything in one call."""
import sys


def fannkuch(size, rounds):
    most = checksum = 0
    for _ in range(rounds):
        permutation = list(range(size))
        counts = [0] * size
        index = 0
        while True:
            if permutation[0] != 0:
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
                if flips > most:
                    most = flips
                if index % 2 == 0:
                    checksum += flips
                else:
                    checksum -= flips
            index += 1
            r = 1
            while r < size:
                first = permutation[0]
                for k in range(r):
                    permutation[k] = permutation[k + 1]
                permutation[r] = first
                counts[r] += 1
                if counts[r] <= r:
                    break
                counts[r] = 0
                r += 1
            else:
                break
    return checksum, most


print(*fannkuch(int(sys.argv[1]) if len(sys.argv) > 1 else 9, 6))
