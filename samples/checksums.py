"""Two checksums of a megabyte, in plain Python: FNV-1a and Adler-32."""


def fnv1a(data):
    value = 0x811C9DC5
    for byte in data:
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return value


def adler32(data):
    a = 1
    b = 0
    for byte in data:
        a = (a + byte) % 65521
        b = (b + a) % 65521
    return b << 16 | a


data = bytes(i * i % 251 for i in range(1_000_000))
for part in range(24):
    piece = data[part * 1000:]
    print(f"part {part:2}: fnv1a {fnv1a(piece):08x}   adler32 {adler32(piece):08x}")
