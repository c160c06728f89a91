"""Matrix product on lists of lists: one call per entry of the result."""
import sys


def dot(row, matrix, column):
    total = 0.0
    for k in range(len(row)):
        total += row[k] * matrix[k][column]
    return total


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 370
    a = [[(i * 7 + j * 3) % 11 / 8.0 for j in range(size)] for i in range(size)]
    b = [[(i * 5 - j * 2) % 13 / 4.0 for j in range(size)] for i in range(size)]
    c = [[0.0] * size for _ in range(size)]
    for i in range(size):
        for j in range(size):
            c[i][j] = dot(a[i], b, j)
    print(sum(c[i][i] for i in range(size)), sum(map(sum, c)))


main()
