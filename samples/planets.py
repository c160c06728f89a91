"""Four planets around a sun, as objects with float attributes; prints where they end up."""
from math import sqrt


class Body:
    def __init__(self, name, mass, distance, speed):
        self.name = name
        self.mass = mass
        self.x = distance
        self.y = 0.0
        self.vx = 0.0
        self.vy = speed

    def pull(self, other, dt):
        dx = other.x - self.x
        dy = other.y - self.y
        square = dx * dx + dy * dy + 1e-9
        strength = dt / (square * sqrt(square))
        self.vx += dx * other.mass * strength
        self.vy += dy * other.mass * strength

    def move(self, dt):
        self.x += self.vx * dt
        self.y += self.vy * dt


def simulate(bodies, steps, dt):
    for _ in range(steps):
        for body in bodies:
            for other in bodies:
                if other is not body:
                    body.pull(other, dt)
        for body in bodies:
            body.move(dt)


bodies = [Body("sun", 1.0, 0.0, 0.0), Body("near", 1e-6, 0.4, 1.55), Body("blue", 3e-6, 1.0, 1.0),
          Body("red", 3e-7, 1.5, 0.81), Body("giant", 1e-3, 5.2, 0.44)]
simulate(bodies, 500_000, 0.001)
for body in bodies:
    print(f"{body.name:6} x = {body.x:9.5f}   y = {body.y:9.5f}")
