"""Mandelbrot set: one call per point."""
import sys


def escape_time(cx, cy, limit):
    x = y = 0.0
    for n in range(limit):
        xx = x * x
        yy = y * y
        if xx + yy > 4.0:
            return n
        y = 2.0 * x * y + cy
        x = xx - yy + cx
    return limit


def main():
    size = int(sys.argv[1]) if len(sys.argv) > 1 else 790
    total = 0
    inside = 0
    for row in range(size):
        cy = 2.0 * row / size - 1.0
        for column in range(size):
            n = escape_time(3.0 * column / size - 2.0, cy, 200)
            total += n
            if n == 200:
                inside += 1
    print(total, inside)


main()
