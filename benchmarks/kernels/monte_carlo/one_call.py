"""Price of an option by simulated paths, with an LCG and sums of uniforms as normal numbers: one call."""
import sys
from math import exp, sqrt


def option_price(paths, steps, spot, strike, rate, volatility):
    state = 12345
    dt = 1.0 / steps
    drift = (rate - 0.5 * volatility * volatility) * dt
    width = volatility * sqrt(dt)
    total = 0.0
    for _ in range(paths):
        logarithm = 0.0
        for _ in range(steps):
            normal = -6.0
            for _ in range(12):
                state = (state * 1664525 + 1013904223) & 0xFFFFFFFF
                normal += state / 4294967296.0
            logarithm += drift + width * normal
        price = spot * exp(logarithm)
        if price > strike:
            total += price - strike
    return exp(-rate) * total / paths


paths = int(sys.argv[1]) // 100 if len(sys.argv) > 1 else 30000
print("%.9f" % option_price(paths, 64, 100.0, 105.0, 0.03, 0.2))
