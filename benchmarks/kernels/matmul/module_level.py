"""Matrix product on lists of lists: the loops are at module level."""
import sys

size = int(sys.argv[1]) if len(sys.argv) > 1 else 280
a = [[(i * 7 + j * 3) % 11 / 8.0 for j in range(size)] for i in range(size)]
b = [[(i * 5 - j * 2) % 13 / 4.0 for j in range(size)] for i in range(size)]
c = [[0.0] * size for _ in range(size)]
for i in range(size):
    for j in range(size):
        total = 0.0
        for k in range(size):
            total += a[i][k] * b[k][j]
        c[i][j] = total
print(sum(c[i][i] for i in range(size)), sum(map(sum, c)))
