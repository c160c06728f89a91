def fnv(data):
    h = 0xCBF29CE484222325
    for b in data:
        h = ((h ^ b) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return h


def crc(data, table):
    c = 0xFFFFFFFF
    for b in data:
        c = table[(c ^ b) & 0xFF] ^ (c >> 8)
    return c ^ 0xFFFFFFFF


table = [n * 0x1DB71064 & 0xFFFFFFFF for n in range(256)]
data = bytes(range(256)) * 20
while True:
    fnv(data)
    crc(data, table)
