from math import sqrt


def advance(bodies, dt, n):
    count = len(bodies)
    for _ in range(n):
        for i in range(count):
            b = bodies[i]
            for j in range(i + 1, count):
                c = bodies[j]
                dx = b[0] - c[0]
                dy = b[1] - c[1]
                dz = b[2] - c[2]
                d2 = dx * dx + dy * dy + dz * dz
                mag = dt / (d2 * sqrt(d2))
                b[3] -= dx * c[6] * mag
                b[4] -= dy * c[6] * mag
                b[5] -= dz * c[6] * mag
                c[3] += dx * b[6] * mag
                c[4] += dy * b[6] * mag
                c[5] += dz * b[6] * mag
        for b in bodies:
            b[0] += dt * b[3]
            b[1] += dt * b[4]
            b[2] += dt * b[5]


bodies = [[float(i + k * k) for k in range(7)] for i in range(5)]
while True:
    advance(bodies, 0.0001, 200)
