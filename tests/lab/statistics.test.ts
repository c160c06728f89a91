import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { bootstrapInterval } from '#lab/statistics/bootstrap.ts';
import { findChangePoints, relativeMagnitude } from '#lab/statistics/change-points.ts';
import { geometricMean, mean, median, medianAbsoluteDeviation, noiseOfSeries, populationDeviation, quantile, robustDeviation, standardDeviation, sum, trimmedMean, winsorizedDeviation } from '#lab/statistics/descriptive.ts';
import { logGamma, normalUpper, regularizedBeta, studentCritical, studentTwoSided } from '#lab/statistics/distributions.ts';
import { benjaminiHochberg } from '#lab/statistics/false-discovery.ts';
import { hptReport, relativeHpt } from '#lab/statistics/hpt.ts';
import { mannWhitney } from '#lab/statistics/mann-whitney.ts';
import { exactMean } from '#lab/statistics/exact-mean.ts';
import { pyperfCriticalValue, pyperfGeometricMean, pyperfRatioText, pyperfVerdict } from '#lab/statistics/pyperf-verdict.ts';
import { randomFrom, shuffled } from '#lab/statistics/random.ts';
import { momentsOf, pooledTTest, welch, welchMargin } from '#lab/statistics/two-samples.ts';

type Row = readonly [number, number, number];
interface Point { index: number; p: number; before: number; after: number }
interface Recorded {
  student_two_sided: Row[];
  student_critical: Row[];
  regularized_beta: [number, number, number, number][];
  log_gamma: [number, number][];
  normal_upper: [number, number][];
  described: { values: number[]; mean: number; deviation: number; population: number; median: number; trimmed: number; winsorized: number; mad: number; robust: number; geometric: number; quantiles: [number, number][] }[];
  pairs: {
    first: number[]; second: number[]; pooled: [number, number];
    welch: { t: number; degrees: number; p: number; low: number; high: number };
    mann_whitney: { u: number; p: number };
    pyperf: { significant: boolean; t: number | null };
  }[];
  pyperf_critical: [number, number][];
  benjamini_hochberg: { p: number[]; adjusted: number[] };
  otava: { name: string; values: number[]; window: number; p: number; minimum: number; points: Point[] }[];
  hpt: {
    reference: Record<string, number[]>; head: Record<string, number[]>;
    report: { reliability: number; direction: string; change: [number, number | null][] };
  }[];
}

/** Written by tools/record-statistics.py with scipy; which parts are transcriptions is said in the file. */
const recorded = JSON.parse(readFileSync(join(import.meta.dirname, 'fixtures', 'statistics.json'), 'utf8')) as Recorded;

/** Relative to the expected value; `floor` is for values that are differences of larger ones. */
function close(actual: number, expected: number, relative = 1e-10, floor = 0, what = ''): void {
  assert.ok(Math.abs(actual - expected) <= Math.max(relative * Math.abs(expected), floor), `${what} ${actual} is not ${expected}`);
}

describe('distributions are those of scipy', () => {
  test('log-gamma', () => { for (const [x, expected] of recorded.log_gamma) close(logGamma(x), expected, 1e-13, 1e-14, `at ${x}`); });
  test('incomplete beta function', () => { for (const [x, a, b, expected] of recorded.regularized_beta) close(regularizedBeta(x, a, b), expected, 1e-11, 1e-15, `at ${x}, ${a}, ${b}`); });
  test('tail of the normal distribution', () => { for (const [z, expected] of recorded.normal_upper) close(normalUpper(z), expected, 1e-12, 0, `at ${z}`); });
  test('tails of Student’s distribution', () => { for (const [t, degrees, expected] of recorded.student_two_sided) close(studentTwoSided(t, degrees), expected, 1e-10, 1e-300, `at ${t}, ${degrees}`); });
  test('critical values of Student’s distribution', () => { for (const [alpha, degrees, expected] of recorded.student_critical) close(studentCritical(alpha, degrees), expected, 1e-9, 0, `at ${alpha}, ${degrees}`); });
});

describe('descriptions of a sample are those of Python and numpy', () => {
  test('mean, deviation, median, quantiles', () => {
    for (const row of recorded.described) {
      close(mean(row.values), row.mean, 1e-15);
      close(standardDeviation(row.values), row.deviation, 1e-12);
      close(trimmedMean(row.values), row.trimmed, 1e-12);
      close(winsorizedDeviation(row.values), row.winsorized, 1e-9);
      close(populationDeviation(row.values), row.population, 1e-10);
      close(median(row.values), row.median, 1e-15);
      close(medianAbsoluteDeviation(row.values), row.mad, 1e-9);
      close(robustDeviation(row.values), row.robust, 1e-9);
      close(geometricMean(row.values), row.geometric, 1e-13);
      for (const [probability, expected] of row.quantiles) close(quantile(row.values, probability), expected, 1e-14);
    }
  });

  test('a sum does not lose small values', () => { assert.equal(sum([1, 1e100, 1, -1e100]), 2); });

  test('one step of the level hardly changes the noise of a series', () => {
    const random = randomFrom(1);
    const noise = Array.from({ length: 200 }, () => random() - 0.5);
    const flat = noiseOfSeries(noise);
    close(flat, Math.sqrt(1 / 12), 0.2);
    close(noiseOfSeries(noise.map((value, index) => value + (index < 100 ? 0 : 10))), flat, 0.03);
  });
});

describe('tests of two samples are those of scipy', () => {
  for (const [index, pair] of recorded.pairs.entries()) {
    const [first, second] = [momentsOf(pair.first), momentsOf(pair.second)];
    test(`pair ${index} (${first.count} and ${second.count} values)`, () => {
      const result = welch(first, second);
      close(result.t, pair.welch.t, 1e-8);
      close(result.degrees, pair.welch.degrees, 1e-8);
      close(result.p, pair.welch.p, 1e-8);
      const margin = welchMargin(result, 0.05);
      close(result.difference - margin, pair.welch.low, 1e-8, 1e-12);
      close(result.difference + margin, pair.welch.high, 1e-8, 1e-12);
      const pooled = pooledTTest(first, second);
      close(pooled.t, pair.pooled[0], 1e-8);
      close(pooled.p, pair.pooled[1], 1e-8);
      const ranks = mannWhitney(pair.first, pair.second);
      close(ranks.u, pair.mann_whitney.u);
      close(ranks.p, pair.mann_whitney.p, 1e-10);
    });
  }

  test('samples without scatter differ for certain, or not at all', () => {
    const constant = (value: number) => momentsOf([value, value, value]);
    assert.equal(welch(constant(1), constant(1)).p, 1);
    assert.equal(welch(constant(1), constant(2)).p, 0);
    assert.equal(welch(constant(1), constant(2)).t, Infinity);
  });

  test('Benjamini and Hochberg', () => {
    benjaminiHochberg(recorded.benjamini_hochberg.p).forEach((adjusted, index) => { close(adjusted, recorded.benjamini_hochberg.adjusted[index]!, 1e-13); });
    assert.deepEqual(benjaminiHochberg([]), []);
  });
});

describe('what pyperf says', () => {
  test('its table', () => { for (const [degrees, expected] of recorded.pyperf_critical) assert.equal(pyperfCriticalValue(degrees), expected, String(degrees)); });

  test('its test', () => {
    for (const { first, second, pyperf } of recorded.pairs) {
      const verdict = pyperfVerdict(first, second);
      assert.equal(verdict.significant, pyperf.significant);
      if (pyperf.t === null) assert.equal(verdict.t, undefined);
      else close(verdict.t ?? NaN, pyperf.t, 1e-8);
    }
  });

  test('its words, and what it says when its test fails', () => {
    assert.equal(pyperfVerdict([1, 2, 3], [2, 3, 4]).text, '1.50x slower');
    assert.equal(pyperfVerdict([2, 3, 4], [1, 2, 3]).text, '1.50x faster');
    assert.deepEqual(pyperfVerdict([1, 1], [1, 1]), { significant: true, t: undefined, ratio: 1, text: 'no change' });
    assert.equal(pyperfVerdict([1], [1]).significant, true);
    assert.equal(pyperfVerdict([1, 2], [1, 2, 3]).significant, true);
    assert.equal(pyperfGeometricMean([pyperfVerdict([1], [2])]), undefined);
    assert.equal(pyperfGeometricMean([pyperfVerdict([1], [2]), pyperfVerdict([3], [1.5])]), 'no change');
  });

  test('its means are exact: the same values in another order, or one value many times, do not scatter', () => {
    assert.deepEqual(pyperfVerdict([0.7, 0.7, 0.7], [0.7, 0.7, 0.7]), { significant: true, t: undefined, ratio: 1, text: 'no change' });
    assert.equal(pyperfVerdict([0.1, 0.2, 0.3, 1e-9], [1e-9, 0.3, 0.1, 0.2]).text, 'no change');
    for (const [values, mean] of [[[0.1, 0.1, 0.1], 0.1], [[1e308, 1e308], 1e308], [[5e-324, 5e-324], 5e-324], [[1, 2 ** -60, -1], 2 ** -60 / 3], [[-0.1, -0.2], -0.15000000000000002], [[0], 0]] as const) {
      assert.equal(exactMean(values), mean);
    }
  });

  test('its two digits: exactly between, the even one', () => {
    assert.deepEqual([1.125, 1.375, 1.625, 2.875, 1.005].map(pyperfRatioText), ['1.12x slower', '1.38x slower', '1.62x slower', '2.88x slower', '1.00x slower']);
    assert.equal(pyperfRatioText(8 / 9), '1.12x faster');
  });

  test('its --min-speed', () => {
    assert.deepEqual([4.9, 5.1].map((least) => pyperfVerdict([1], [1.05], least).significant), [true, false]);
    assert.deepEqual([99, 101].map((least) => pyperfVerdict([2], [1], least).significant), [true, false]);
  });
});

describe('change points are those of Otava', () => {
  for (const { name, values, window, p, minimum, points } of recorded.otava) {
    test(`${name}, window ${window}, p ${p}, minimum ${minimum}: ${points.length} found`, () => {
      const found = findChangePoints(values, { window, maximumP: p, minimumMagnitude: minimum, magnitude: relativeMagnitude });
      assert.deepEqual(found.map(({ index }) => index), points.map(({ index }) => index));
      found.forEach((point, position) => {
        const expected = points[position]!;
        close(point.p, expected.p, 1e-6);
        close(point.before, expected.before);
        close(point.after, expected.after);
      });
    });
  }

  test('nothing to find in nothing, one point, or a constant', () => {
    for (const values of [[], [1], [1, 1], new Array<number>(30).fill(1)]) assert.deepEqual(findChangePoints(values), []);
  });

  test('a step between two constants is certain', () => {
    const values = [...new Array<number>(10).fill(1), ...new Array<number>(10).fill(2)];
    assert.deepEqual(findChangePoints(values), [{ index: 10, p: 0, before: 1, after: 2 }]);
  });
});

describe('HPT is that of bench_runner', () => {
  for (const [index, { reference, head, report }] of recorded.hpt.entries()) {
    test(`suite ${index}`, () => {
      const found = hptReport(new Map(Object.entries(reference)), new Map(Object.entries(head)));
      assert.equal(found.direction, report.direction);
      // bench_runner approximates the normal distribution to seven digits, the recorder does not.
      close(found.reliability, report.reliability, 0, 1e-6);
      assert.deepEqual(found.change.map(([, factor]) => factor?.toFixed(1)), report.change.map(([, factor]) => factor?.toFixed(1)));
    });
  }

  test('without its bugs: relative, and a shift of everything has a direction', () => {
    const side = (factor: number) => new Map(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name, index) => [name, [factor * 10 ** index, factor * 1.1 * 10 ** index]]));
    const slower = relativeHpt(side(1), side(1.2));
    assert.equal(slower.direction, 'slower');
    assert.ok(slower.reliability > 0.98);
    assert.equal(relativeHpt(side(1.2), side(1)).direction, 'faster');
  });
});

describe('what is drawn at random', () => {
  test('is the same for a seed', () => {
    const draw = (seed: number) => Array.from({ length: 5 }, randomFrom(seed));
    assert.deepEqual(draw(7), draw(7));
    assert.notDeepEqual(draw(7), draw(8));
  });

  test('is evenly spread', () => {
    const random = randomFrom(3);
    const counts = new Array<number>(10).fill(0);
    for (let index = 0; index < 100_000; index++) counts[Math.floor(random() * 10)]! += 1;
    // The chi-square statistic of 9 degrees of freedom is above 27.9 once in a thousand seeds.
    assert.ok(sum(counts.map((count) => (count - 10_000) ** 2 / 10_000)) < 27.9);
  });

  test('a shuffle keeps everything', () => {
    const items = Array.from({ length: 50 }, (_, index) => index);
    const order = shuffled(items, randomFrom(5));
    assert.notDeepEqual(order, items);
    assert.deepEqual([...order].sort((left, right) => left - right), items);
  });

  test('the bootstrap interval of a mean is that of theory', () => {
    const random = randomFrom(11);
    const values = Array.from({ length: 400 }, () => random());
    const interval = bootstrapInterval([values], ([drawn]) => mean(drawn ?? []), random, { draws: 4000 });
    const margin = 1.96 * standardDeviation(values) / 20;
    close(interval.low, mean(values) - margin, 0, margin * 0.1);
    close(interval.high, mean(values) + margin, 0, margin * 0.1);
  });
});
