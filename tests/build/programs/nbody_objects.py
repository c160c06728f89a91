import math


class Body:
    def __init__(self, x, y, vx, vy, mass):
        self.x, self.y, self.vx, self.vy, self.mass = x, y, vx, vy, mass


class System:
    __slots__ = ('bodies', 'steps')

    def __init__(self, bodies):
        self.bodies = bodies
        self.steps = 0

    def distance(self, a, b):
        return math.sqrt((a.x - b.x) ** 2 + (a.y - b.y) ** 2)

    def step(self, dt):
        for a in self.bodies:
            for b in self.bodies:
                if a is not b:
                    d = self.distance(a, b) + 0.1
                    f = b.mass / (d * d * d)
                    a.vx += f * (b.x - a.x) * dt
                    a.vy += f * (b.y - a.y) * dt
        for a in self.bodies:
            a.x += a.vx * dt
            a.y += a.vy * dt
        self.steps += 1


def run(n):
    system = System([Body(float(i), float(i * i), 0.0, 0.0, 1.0 + i) for i in range(6)])
    for _ in range(n):
        system.step(0.001)
    return system.steps


while True:
    run(300)
