"""Records what scipy says, for tests/lab/statistics.test.ts, which only reads the file this writes.

    python3 -m venv V && V/bin/pip install scipy && V/bin/python tools/record-statistics.py > tests/lab/fixtures/statistics.json

(or with Debian's python3-scipy). scipy, numpy and Python's statistics module are the real ones. pyperf, Apache Otava and bench_runner are not
packaged for Debian: what they publish was read, and is written down here again from its definitions, without their code and without ours:
- pyperf, _utils.py: is_significant;
- Apache Otava, analysis.py and change_point_divisive/: every Q from its definition over plain lists, the t-test by scipy;
- bench_runner, hpt.py: ranks by scipy.stats.rankdata.
"""
import itertools
import json
import math
import statistics
import sys

import numpy as np
import scipy
from scipy import integrate, stats

rng = np.random.default_rng(20261129)


def floats(values):
    return [float(value) for value in values]


def samples():
    """Pairs of samples: like process means of a benchmark, and some that are awkward."""
    pairs = [(rng.normal(1.0, 0.01, n), rng.normal(1.0 + shift, 0.01 * spread, m))
             for n, m, shift, spread in [(20, 20, 0, 1), (20, 20, 0.02, 1), (6, 6, 0, 1), (3, 3, 0.05, 1), (6, 20, 0.01, 4), (2, 2, 0, 1), (40, 8, -0.01, 2), (9, 9, 0.004, 1)]]
    pairs.append((np.round(rng.normal(5, 1, 12), 0), np.round(rng.normal(6, 1, 15), 0)))
    pairs.append((np.round(rng.normal(5, 1, 6), 0), np.round(rng.normal(5, 1, 6), 0)))
    pairs.append((rng.normal(1e-7, 1e-10, 10), rng.normal(1.001e-7, 1e-10, 10)))
    return [(floats(a), floats(b)) for a, b in pairs]


def welch(a, b):
    result = stats.ttest_ind(b, a, equal_var=False)
    low, high = result.confidence_interval(0.95)
    return {'t': result.statistic, 'degrees': result.df, 'p': result.pvalue, 'low': low, 'high': high}


def mann_whitney(a, b):
    result = stats.mannwhitneyu(a, b)
    return {'u': result.statistic, 'p': result.pvalue}


def winsorized(values):
    """The expectation that it is divided by is integrated, not taken from a formula."""
    limit = 2.5 * np.median(np.abs(values)) / stats.norm.ppf(0.75)
    left = integrate.quad(lambda x: min(abs(x), 2.5) ** 2 * stats.norm.pdf(x), -40, 40, points=[-2.5, 2.5])[0]
    return float(np.sqrt(np.mean(np.minimum(np.abs(values), limit) ** 2) / left))


def describe(values):
    return {
        'values': values, 'mean': statistics.mean(values), 'deviation': statistics.stdev(values), 'population': float(np.std(values)),
        'median': statistics.median(values), 'trimmed': float(stats.trim_mean(values, 0.2)), 'winsorized': winsorized(values), 'mad': float(stats.median_abs_deviation(values)),
        'robust': float(stats.median_abs_deviation(values, scale='normal')), 'geometric': statistics.geometric_mean([abs(v) for v in values]),
        'quantiles': [[q, float(np.quantile(values, q))] for q in (0, 0.025, 0.1, 0.25, 0.5, 0.9, 0.975, 1)],
    }


# pyperf: the published table is what the test is about, so it is here as data too.
TABLE = [0, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086,
         2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042]


def pyperf_critical(df):
    for least, value in ((200, 1.960), (100, 1.984), (80, 1.990), (60, 2.000), (50, 2.009), (40, 2.021)):
        if df >= least:
            return value
    return TABLE[min(df, 30)]


def pyperf(a, b):
    if len(a) != len(b):
        return {'significant': True, 't': None}
    t = float(stats.ttest_ind(a, b, equal_var=True).statistic)
    return {'significant': abs(t) >= pyperf_critical(len(a) + len(b) - 2), 't': t}


def energy(x, y):
    n, m = len(x), len(y)
    between = sum(abs(p - q) for p in x for q in y)
    inside = lambda z: sum(abs(p - q) for p, q in itertools.combinations(z, 2))
    value = 2 / (m + n) * between
    if n > 1:
        value -= 2 * m / (m + n) / (n - 1) * inside(x)
    if m > 1:
        value -= 2 * n / (m + n) / (m - 1) * inside(y)
    return value


def best_split(z):
    tries = [(energy(z[:s], z[s:e]), -s, -e) for s in range(1, len(z)) for e in range(s + 1, len(z) + 1)]
    value, s, _ = max(tries)
    return value, -s


def t_test(left, right):
    if len(left) + len(right) < 3:
        return 1.0
    return float(stats.ttest_ind_from_stats(np.mean(left), np.std(left), len(left), np.mean(right), np.std(right), len(right)).pvalue)


class Otava:
    def __init__(self, series, window, p, minimum):
        self.series, self.window, self.p, self.minimum = series, window, p, minimum

    def divide(self, z, p):
        found = []
        while True:
            bounds = [0] + found + [len(z)]
            tries = [(best_split(z[a:b]), a, b) for a, b in zip(bounds, bounds[1:]) if b - a > 1]
            if not tries:
                return found
            (_, s), a, b = max(tries, key=lambda t: t[0][0])
            if not t_test(z[a:a + s], z[a + s:b]) <= p:
                return found
            found = sorted(found + [a + s])

    def test(self, indexes, position):
        before = indexes[position - 1] if position > 0 else 0
        after = indexes[position + 1] if position + 1 < len(indexes) else len(self.series)
        left, right = self.series[before:indexes[position]], self.series[indexes[position]:after]
        return {'index': indexes[position], 'p': t_test(left, right), 'before': float(np.mean(left)), 'after': float(np.mean(right))}

    def run(self):
        weak = self.p * 10 if self.p < 0.05 else self.p * 2 if self.p < 0.5 else self.p
        start, indexes = 0, []
        while start < len(self.series):
            new = [start + index for index in self.divide(self.series[start:start + self.window], weak)]
            indexes += [index for index in new if index not in indexes]
            start = max(new[-1] if new else 0, start + self.window // 2)
        indexes.sort()
        points = [self.test(indexes, position) for position in range(len(indexes))]
        magnitude = lambda c: max(abs(c['after'] / c['before'] - 1), abs(c['before'] / c['after'] - 1))
        while points:
            weakest = max(range(len(points)), key=lambda i: points[i]['p'])
            if points[weakest]['p'] < self.p:
                weakest = min(range(len(points)), key=lambda i: magnitude(points[i]))
                if magnitude(points[weakest]) > self.minimum:
                    break
            del points[weakest]
            left = [point['index'] for point in points]
            for position in (weakest, weakest + 1):
                if position < len(points):
                    points[position] = self.test(left, position)
        return points


def series():
    noise = lambda n, s=0.01: rng.normal(0, s, n)
    steps = lambda *levels: np.concatenate([np.full(n, level) for n, level in levels])
    found = [
        ('noise', 1 + noise(60)), ('one step', steps((30, 1), (30, 1.05)) + noise(60)), ('a step near the end', steps((50, 1), (4, 1.06)) + noise(54)),
        ('two steps', steps((40, 1), (30, 1.04), (50, 0.98)) + noise(120)), ('there and back', steps((25, 1), (3, 1.2), (25, 1)) + noise(53)),
        ('an outlier', steps((30, 1), (1, 1.5), (30, 1)) + noise(61)), ('small steps', steps((40, 1), (40, 1.008), (40, 1.016)) + noise(120)),
        ('short', np.array([1.0, 1.1, 1.0, 1.3])), ('two points', np.array([1.0, 2.0])), ('a drift', np.linspace(1, 1.1, 70) + noise(70)),
    ]
    cases = []
    for name, values in found:
        values = floats(values)
        for window, p, minimum in ((50, 0.001, 0.0), (30, 0.001, 0.02), (50, 0.05, 0.0)):
            cases.append({'name': name, 'values': values, 'window': window, 'p': p, 'minimum': minimum, 'points': Otava(values, window, p, minimum).run()})
    return cases


def hpt_quantile(p):
    y = -math.log(4 * p * (1 - p))
    b = [1.570796288, 0.03706987906, -0.0008364353589, -0.0002250947176, 0.000006841218299, 0.000005824238515, -0.00000104527497, 0.00000008360937017,
         -0.000000003231081277, 0.00000000003657763036, 0.0000000000006936233982]
    return math.copysign(math.sqrt(sum(c * y ** (i + 1) for i, c in enumerate(b))), p - 0.5)


def hpt_basic(head, ref, factor):
    differences = []
    for name in head:
        both = np.concatenate((np.array(head[name]) * factor, ref[name]))
        n = len(both) // 2
        least, most = stats.rankdata(both, 'min'), stats.rankdata(both, 'max')
        rank_sum = sum(least[:n] + (most[:n] - least[:n]) // 2)
        centre, margin = n * (2 * n + 1) / 2, hpt_quantile(0.1) * math.sqrt((2 * n + 1) / 3) * n / 2
        decided = rank_sum <= centre - margin or rank_sum >= centre + margin
        differences.append(np.median(both[:n]) - np.median(both[n:]) if decided else math.nan)
    differences = np.array(differences)
    assert not np.isnan(differences).any()
    ranks, n = stats.rankdata(np.abs(differences)), len(differences)
    positive = ranks[differences > 0].sum() + ranks[differences == 0].sum() / 2
    negative = ranks[differences < 0].sum() + ranks[differences == 0].sum() / 2
    # hpt.py has an approximation of this that is good to 7.5e-8.
    return stats.norm.cdf((positive - n * (n + 1) / 4) / math.sqrt(n * (n + 1) * (2 * n + 1) / 24)), positive, negative


def hpt(ref, head):
    probability, positive, negative = hpt_basic(head, ref, 1)
    faster = bool(positive < negative)
    change = []
    for reliability in (0.9, 0.95, 0.99):
        holds = lambda f: hpt_basic(head, ref, f)[0] < 1 - reliability if faster else hpt_basic(head, ref, 1 / f)[0] > reliability
        digits = [sum(holds(d) for d in range(2, 10)) + 1]
        digits.append(sum(holds(digits[0] + d / 10) for d in range(1, 10)))
        change.append([reliability, None if holds(10) else digits[0] + digits[1] / 10])
    return {'reliability': 1 - probability if faster else probability, 'direction': 'faster' if faster else 'slower', 'change': change}


def suites():
    cases = []
    for n, m, factor, spread in ((60, 60, 1.0, 0.02), (60, 60, 0.8, 0.1), (60, 60, 1.35, 0.1), (40, 120, 1.05, 0.02), (20, 20, 30.0, 0.02)):
        ref, head = {}, {}
        for index in range(14):
            scale = float(10 ** rng.uniform(-6, 0))
            ref[f'b{index:02}'] = floats(scale * (1 + rng.normal(0, 0.01, n)))
            head[f'b{index:02}'] = floats(scale * factor * (1 + rng.normal(0, spread)) * (1 + rng.normal(0, 0.01, m)))
        digits = lambda side: {name: [float(f'{v:.4g}') for v in values] for name, values in side.items()}
        ref, head = digits(ref), digits(head)
        cases.append({'reference': ref, 'head': head, 'report': hpt(ref, head)})
    return cases


def plain(value):
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return value.item() if isinstance(value, np.generic) else value


def main():
    pairs = samples()
    p_values = floats(rng.uniform(0, 1, 40) ** 3) + [0.01, 0.01, 1.0]
    json.dump(plain({
        'recorded_with': {'scipy': scipy.__version__, 'numpy': np.__version__, 'python': sys.version.split()[0]},
        'transcribed': 'pyperf, otava and hpt are from transcriptions in tools/record-statistics.py, not from the packages themselves',
        'student_two_sided': [[t, df, float(2 * stats.t.sf(abs(t), df))] for t in (0, 0.1, -1, 2, 3.5, 10, 40) for df in (1, 1.7, 2, 5.3, 10, 38, 200, 5000)],
        'student_critical': [[a, df, float(stats.t.isf(a / 2, df))] for a in (0.5, 0.1, 0.05, 0.001, 1e-6) for df in (1, 2.5, 4, 10, 38, 400)],
        'regularized_beta': [[x, a, b, float(scipy.special.betainc(a, b, x))] for x in (0, 0.001, 0.3, 0.5, 0.9, 1) for a, b in ((0.5, 0.5), (2, 3), (50, 0.5), (0.5, 80))],
        'log_gamma': [[x, float(scipy.special.gammaln(x))] for x in (0.5, 1, 1.5, 2, 3.7, 10, 100.5, 1e4)],
        'normal_upper': [[z, float(stats.norm.sf(z))] for z in (-8, -3, -1, -0.1, 0, 0.5, 1, 1.96, 2.8, 2.9, 4, 6, 10, 30)],
        'described': [describe(a) for a, _ in pairs if len(a) > 2],
        'pairs': [{'first': a, 'second': b, 'welch': welch(a, b), 'pooled': list(stats.ttest_ind(a, b)), 'mann_whitney': mann_whitney(a, b), 'pyperf': pyperf(a, b)} for a, b in pairs],
        'pyperf_critical': [[df, pyperf_critical(df)] for df in [*range(1, 45), 49, 50, 59, 60, 79, 80, 99, 100, 118, 199, 200, 5000]],
        'benjamini_hochberg': {'p': p_values, 'adjusted': floats(stats.false_discovery_control(p_values))},
        'otava': series(),
        'hpt': suites(),
    }), sys.stdout, separators=(',', ':'))
    print()


main()
