"""Objects with float attributes, plain and with slots: the loops over them are at module level."""
import sys


class Particle:
    def __init__(self, x, y, vx, vy):
        self.x = x
        self.y = y
        self.vx = vx
        self.vy = vy

    def move(self, dt):
        self.x += self.vx * dt
        self.y += self.vy * dt
        if self.x < 0.0 or self.x > 1.0:
            self.vx = -self.vx
        if self.y < 0.0 or self.y > 1.0:
            self.vy = -self.vy

    def energy(self):
        return 0.5 * (self.vx * self.vx + self.vy * self.vy)


class Vector:
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        self.x = x
        self.y = y
        self.z = z

    def dot(self, other):
        return self.x * other.x + self.y * other.y + self.z * other.z

    def turn(self, c, s):
        x = self.x
        self.x = c * x - s * self.y
        self.y = s * x + c * self.y


steps = int(sys.argv[1]) if len(sys.argv) > 1 else 54000
particles = [Particle(i * 0.01, 1.0 - i * 0.007, 0.3 + i * 0.001, 0.9 - i * 0.003) for i in range(100)]
vectors = [Vector(1.0, i * 0.1, -i * 0.05) for i in range(100)]
axis = Vector(0.5, 0.25, 0.125)
dt = 0.01
total = 0.0
for step in range(steps):
    for p in particles:
        p.x += p.vx * dt
        p.y += p.vy * dt
        if p.x < 0.0 or p.x > 1.0:
            p.vx = -p.vx
        if p.y < 0.0 or p.y > 1.0:
            p.vy = -p.vy
        total += p.energy()
    for v in vectors:
        v.turn(0.8, 0.6)
        total += v.x * axis.x + v.y * axis.y + v.z * axis.z
print("%.6f" % total, "%.9f" % particles[7].x, "%.9f" % vectors[7].y)
