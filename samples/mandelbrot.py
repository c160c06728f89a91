"""Draws the Mandelbrot set in text."""


def escape_time(cx, cy, limit):
    x = y = 0.0
    for n in range(limit):
        if x * x + y * y > 4.0:
            return n
        x, y = x * x - y * y + cx, 2.0 * x * y + cy
    return limit


def main():
    shades = " .,:;ox%#@"
    limit = 50000
    for row in range(40):
        line = ""
        for column in range(100):
            n = escape_time(-2.2 + column * 0.032, -1.2 + row * 0.0625, limit)
            line += "@" if n == limit else shades[min(n, 9)]
        print(line)


main()
