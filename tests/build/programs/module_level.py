import math

seed = 12345
hits = 0
SIZE = 40
grid = [[float(i * j) for j in range(SIZE)] for i in range(SIZE)]
total = 0.0
n = 0
while True:
    seed = (seed * 1103515245 + 12345) & 0x7FFFFFFF
    x = seed / 2147483648.0
    if x < 0.5:
        hits += 1
    n += 1
    if n % 1000 == 0:
        row = 0
        while row < SIZE:
            for value in grid[row]:
                total += math.sqrt(value)
            row += 1
        if total > 1e9:
            total = 0.0
