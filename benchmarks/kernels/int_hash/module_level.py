"""32-bit hashes (FNV-1a, one-at-a-time, a murmur-style mix) of one long message, at module level."""
import sys

size = int(sys.argv[1]) if len(sys.argv) > 1 else 240000
data = bytes(i * i % 251 for i in range(size))
fnv = 0x811C9DC5
jenkins = 0
murmur = 0
for _ in range(12):
    for byte in data:
        fnv = ((fnv ^ byte) * 0x01000193) & 0xFFFFFFFF
        jenkins = (jenkins + byte) & 0xFFFFFFFF
        jenkins = (jenkins + (jenkins << 10)) & 0xFFFFFFFF
        jenkins ^= jenkins >> 6
        key = (byte * 0xCC9E2D51) & 0xFFFFFFFF
        key = ((key << 15) | (key >> 17)) & 0xFFFFFFFF
        key = (key * 0x1B873593) & 0xFFFFFFFF
        murmur ^= key
        murmur = ((murmur << 13) | (murmur >> 19)) & 0xFFFFFFFF
        murmur = (murmur * 5 + 0xE6546B64) & 0xFFFFFFFF
jenkins = (jenkins + (jenkins << 3)) & 0xFFFFFFFF
jenkins ^= jenkins >> 11
jenkins = (jenkins + (jenkins << 15)) & 0xFFFFFFFF
print(fnv, jenkins, murmur)
