def escape(cr, ci, limit):
    zr = zi = 0.0
    for n in range(limit):
        rr, ii = zr * zr, zi * zi
        if rr + ii > 4.0:
            return n
        zr, zi = rr - ii + cr, 2.0 * zr * zi + ci
    return limit


def picture(size, limit):
    total = 0
    for y in range(size):
        for x in range(size):
            total += escape(3.0 * x / size - 2.0, 2.0 * y / size - 1.0, limit)
    return total


while True:
    picture(80, 60)
