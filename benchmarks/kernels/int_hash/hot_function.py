"""32-bit hashes (FNV-1a, one-at-a-time, a murmur-style mix) over many short keys: one call per key and hash."""
import sys


def fnv1a(data):
    value = 0x811C9DC5
    for byte in data:
        value ^= byte
        value = (value * 0x01000193) & 0xFFFFFFFF
    return value


def one_at_a_time(data):
    value = 0
    for byte in data:
        value = (value + byte) & 0xFFFFFFFF
        value = (value + (value << 10)) & 0xFFFFFFFF
        value ^= value >> 6
    value = (value + (value << 3)) & 0xFFFFFFFF
    value ^= value >> 11
    return (value + (value << 15)) & 0xFFFFFFFF


def mix(key, seed):
    key = (key * 0xCC9E2D51) & 0xFFFFFFFF
    key = ((key << 15) | (key >> 17)) & 0xFFFFFFFF
    key = (key * 0x1B873593) & 0xFFFFFFFF
    seed ^= key
    seed = ((seed << 13) | (seed >> 19)) & 0xFFFFFFFF
    seed = (seed * 5 + 0xE6546B64) & 0xFFFFFFFF
    seed ^= seed >> 16
    seed = (seed * 0x85EBCA6B) & 0xFFFFFFFF
    return seed ^ (seed >> 13)


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 400000
    a = b = c = 0
    for i in range(count):
        key = b"item:%d:%d" % (i, i * 7 % 1000)
        a ^= fnv1a(key)
        b ^= one_at_a_time(key)
        for word in range(4):
            c = mix(i + word, c)
    print(a, b, c)


main()
