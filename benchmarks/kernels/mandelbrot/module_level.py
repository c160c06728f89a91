"""Mandelbrot set: the loops are at module level."""
import sys

size = int(sys.argv[1]) if len(sys.argv) > 1 else 455
limit = 200
total = 0
inside = 0
for row in range(size):
    cy = 2.0 * row / size - 1.0
    for column in range(size):
        cx = 3.0 * column / size - 2.0
        x = y = 0.0
        n = 0
        while n < limit:
            xx = x * x
            yy = y * y
            if xx + yy > 4.0:
                break
            y = 2.0 * x * y + cy
            x = xx - yy + cx
            n += 1
        total += n
        if n == limit:
            inside += 1
print(total, inside)
