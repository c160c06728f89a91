import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compareSuites } from '#lab/analysis/compare.ts';
import type { BenchmarkComparison, Comparison } from '#lab/analysis/compare.ts';
import { measurementOf } from '#lab/analysis/measurement.ts';
import { moreProcesses, mostProcesses } from '#lab/analysis/more-processes.ts';
import { randomFrom } from '#lab/statistics/random.ts';
import { madeBenchmark, madeSuite, normal } from './made.ts';

interface Case { readonly change: number; readonly spread: number; readonly processes?: number }

function compareMade(cases: Readonly<Record<string, Case>>): Comparison {
  const random = randomFrom(5);
  const side = (changed: boolean) => madeSuite(Object.entries(cases).map(([name, { change, spread, processes }]) =>
    madeBenchmark(name, changed ? 1 + change : 1, spread, random, processes)));
  return compareSuites(side(false), side(true), { draws: 300 });
}

const one = (comparison: Comparison, name: string): BenchmarkComparison => {
  const found = comparison.benchmarks.find((benchmark) => benchmark.name === name);
  assert.ok(found !== undefined);
  return found;
};

describe('two results', () => {
  const comparison = compareMade({
    slower: { change: 0.05, spread: 0.01 }, faster: { change: -0.04, spread: 0.01 }, same: { change: 0, spread: 0.002 },
    tiny: { change: 0.004, spread: 0.001 }, noisy: { change: 0.02, spread: 0.2 }, few: { change: 0.5, spread: 0.01, processes: 1 },
  });

  test('each benchmark has the verdict that its numbers allow', () => {
    assert.deepEqual(Object.fromEntries(comparison.benchmarks.map(({ name, verdict }) => [name, verdict])),
      { slower: 'slower', faster: 'faster', same: 'same', tiny: 'same', noisy: 'inconclusive', few: 'inconclusive' });
    assert.deepEqual(comparison.counts, { slower: 1, faster: 1, same: 2, inconclusive: 2 });
  });

  test('a difference that is certain but too small to matter is no change, whatever pyperf says', () => {
    assert.equal(one(comparison, 'tiny').pyperf.significant, true);
    assert.ok((one(comparison, 'tiny').p ?? 1) < 1e-6);
  });

  test('intervals are around the ratio', () => {
    for (const name of ['slower', 'faster', 'same']) {
      const { ratio, interval, bootstrap } = one(comparison, name);
      assert.ok(interval !== undefined && interval.low < ratio && ratio < interval.high);
      assert.ok(bootstrap !== undefined && bootstrap.low < ratio && ratio < bootstrap.high);
      assert.ok(bootstrap.high - bootstrap.low < 1.1 * (interval.high - interval.low));
    }
  });

  test('one process says nothing about scatter, and the remedy is said', () => {
    const few = one(comparison, 'few');
    assert.deepEqual([few.interval, few.p, few.adjustedP, few.reference.deviation, few.moreProcesses], [undefined, undefined, undefined, undefined, 4]);
  });

  test('the geometric mean is of all benchmarks', () => {
    const made = compareMade({ a: { change: 0.1, spread: 0.001 }, b: { change: 0, spread: 0.001 } });
    assert.ok(Math.abs((made.geometricMean?.ratio ?? 0) - Math.sqrt(1.1)) < 0.001);
    const interval = made.geometricMean?.interval;
    assert.ok(interval !== undefined && interval.low < Math.sqrt(1.1) && Math.sqrt(1.1) < interval.high && interval.high - interval.low < 0.002);
  });

  test('of two processes a side, its interval is as wide as they scatter: nineteen of twenty hold the true mean', () => {
    const random = randomFrom(23);
    const suite = () => madeSuite(['a', 'b', 'c'].map((name) => madeBenchmark(name, 1, 0.05, random, 2)));
    const holds = Array.from({ length: 1000 }, () => {
      const interval = compareSuites(suite(), suite(), { draws: 0 }).geometricMean?.interval;
      return interval !== undefined && interval.low < 1 && interval.high > 1;
    }).filter(Boolean).length / 1000;
    assert.ok(holds > 0.93 && holds < 0.985, String(holds));
  });

  test('the same input has the same report', () => { assert.deepEqual(compareMade({ a: { change: 0.1, spread: 0.01 } }), compareMade({ a: { change: 0.1, spread: 0.01 } })); });

  test('benchmarks of one side only, and of another unit, are not compared', () => {
    const random = randomFrom(1);
    const [a, b, c] = ['a', 'b', 'c'].map((name) => madeBenchmark(name, 1, 0.01, random)) as [ReturnType<typeof madeBenchmark>, ReturnType<typeof madeBenchmark>, ReturnType<typeof madeBenchmark>];
    const made = compareSuites(madeSuite([a, b, c]), madeSuite([b, { ...c, unit: 'byte' }, { ...a, name: 'd' }]));
    assert.deepEqual([made.benchmarks.map(({ name }) => name), made.onlyReference, made.onlyChanged], [['b'], ['a'], ['d']]);
    assert.deepEqual(made.differentUnits, [{ name: 'c', reference: 'second', changed: 'byte' }]);
    assert.equal(made.pyperfGeometricMean, undefined, 'one benchmark has no mean with others');
    assert.equal(compareSuites(madeSuite([a]), madeSuite([b])).geometricMean, undefined);
  });

  test('of many benchmarks without a change, few are called changed', () => {
    const made = compareMade(Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`b${index}`, { change: 0, spread: 0.03 }])));
    assert.ok(made.benchmarks.filter(({ p }) => (p ?? 1) < 0.05).length > 3, 'by chance some have a small p');
    assert.equal(made.counts.slower + made.counts.faster, 0);
  });
});

describe('how many more processes', () => {
  const values = (mean: number, spread: number, count: number) => Array.from({ length: count }, (_, index) => mean * (1 + (index % 2 === 0 ? spread : -spread)));
  const needs = { alpha: 0.05, level: 0.05, minimumEffect: 0.01 };

  test('for a change of 2 % known to within 2.3 %: about a hundred, twice what would do if it were certain', () => {
    const more = moreProcesses(values(1, 0.05, 10), values(1.02, 0.05, 10), needs);
    assert.ok(more > 80 && more < 110, String(more));
  });

  test('more where the level is stricter, and where there is more scatter', () => {
    const reference = moreProcesses(values(1, 0.05, 10), values(1.02, 0.05, 10), needs);
    assert.ok(moreProcesses(values(1, 0.05, 10), values(1.02, 0.05, 10), { ...needs, level: 0.001 }) > 1.2 * reference);
    assert.ok(moreProcesses(values(1, 0.1, 10), values(1.02, 0.1, 10), needs) > 3 * reference);
  });

  test('to say that nothing changed, the interval must fit into the smallest effect', () => {
    // 1.96 · 2 % · √(2/n) = 1 % at n = 31: enough for half of the measurements only.
    const more = moreProcesses(values(1, 0.02, 20), values(1, 0.02, 20), needs);
    assert.ok(more > 31 && more < 100, String(more));
  });

  test('a new measurement with so many more decides two of three times', () => {
    const random = randomFrom(11);
    const measured = (mean: number, count: number) => Array.from({ length: count }, () => mean * Math.exp(normal(random, 0.02)));
    const verdict = (before: readonly number[], after: readonly number[]): BenchmarkComparison => {
      const suite = (means: readonly number[]) => madeSuite([{ ...madeBenchmark('a', 1, 0.01, random, 1), runs: means.map((value) => ({ values: [value], warmups: [], metadata: { name: 'a', unit: 'second' } })) }]);
      return one(compareSuites(suite(before), suite(after), { draws: 0 }), 'a');
    };
    const decided: boolean[] = [];
    for (let round = 0; round < 400; round++) {
      const mean = 1 + 0.08 * (random() - 0.5);
      const { moreProcesses: more } = verdict(measured(1, 20), measured(mean, 20));
      if (more === undefined) continue;
      decided.push(verdict(measured(1, 20 + more), measured(mean, 20 + more)).verdict !== 'inconclusive');
    }
    const share = decided.filter(Boolean).length / decided.length;
    assert.ok(decided.length > 100 && share > 0.6 && share < 0.9, `${share} of ${decided.length}`);
  });

  test('at the boundary there is an end', () => { assert.ok(moreProcesses(values(1, 0.02, 10), values(1.00999, 0.02, 10), needs) < 1500); });
  test('hopeless noise', () => { assert.equal(moreProcesses(values(1, 0.9, 4), values(1, 0.9, 4), needs), mostProcesses); });
  test('too few to know', () => { assert.deepEqual([0, 1].map((count) => moreProcesses(values(1, 0.1, count), values(1, 0.1, 8), needs)), [5, 4]); });
});

test('calibration runs are no measurement', () => {
  const benchmark = madeBenchmark('a', 1, 0.01, randomFrom(2), 3);
  const calibration = { values: [], warmups: [[1, 0.5]] as const, metadata: {} };
  const measurement = measurementOf({ ...benchmark, runs: [calibration, ...benchmark.runs] });
  assert.equal(measurement?.shape, '3x3');
  assert.equal(measurement.processMeans.length, 3);
  assert.equal(measurementOf({ ...benchmark, runs: [calibration] }), undefined);
});
