import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { likelihoodRatio, oracles } from '#lab/figures/oracle.ts';
import { standardDeviation } from '#lab/statistics/descriptive.ts';
import { normalUpper } from '#lab/statistics/distributions.ts';
import { NoiseLaw } from '#lab/statistics/noise-law.ts';
import type { Random } from '#lab/statistics/random.ts';
import { randomFrom } from '#lab/statistics/random.ts';

const normal = (random: Random): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const normals = (count: number, deviation: number, random: Random): number[] => Array.from({ length: count }, () => deviation * normal(random));

describe('the law of a noise', () => {
  const law = new NoiseLaw(normals(100, 0.01, randomFrom(5)));

  test('is a density', () => {
    const steps = Array.from({ length: 4001 }, (_, index) => -0.2 + index * 0.0001);
    const total = steps.reduce((sum, value) => sum + Math.exp(law.logDensity(value)) * 0.0001, 0);
    assert.ok(Math.abs(total - 1) < 0.01, String(total));
  });

  test('what is drawn from it scatters as what was seen does, a little more', () => {
    const random = randomFrom(6);
    const drawn = standardDeviation(Array.from({ length: 20_000 }, () => law.draw(random)));
    assert.ok(drawn > law.deviation && drawn < 1.3 * law.deviation, `${drawn} of ${law.deviation}`);
  });

  test('two levels stay two levels', () => {
    const random = randomFrom(7);
    const two = new NoiseLaw(Array.from({ length: 60 }, (_, index) => (index % 2 === 0 ? -0.04 : 0.04) + 0.004 * normal(random)));
    assert.ok(two.logDensity(0.04) > two.logDensity(0) + 2);
  });

  test('what was never seen is possible', () => {
    assert.ok(law.logDensity(0.06) > -20 && law.logDensity(1) < law.logDensity(0.1));
    assert.ok(Number.isFinite(law.logDensity(5)));
  });
});

describe('the oracle', () => {
  test('is as good as the normal distribution says, where the noise is normal', () => {
    const random = randomFrom(8);
    const deviation = 0.012;
    const laws = new Map(Array.from({ length: 20 }, (_, index) => [`b${index}`, new NoiseLaw(normals(400, deviation, random))] as const));
    const [oracle] = oracles(laws, [1], random, { step: 0.02, nights: 5, past: 30, draws: 400 });
    assert.ok(oracle !== undefined);
    const found = [...oracle.power.values()].reduce((sum, power) => sum + power, 0) / laws.size;
    // One wrong of twenty benchmarks is 5 %, half of it on each side: 1.96 standard errors.
    const expected = normalUpper(1.96 - Math.log1p(0.02) / (deviation * Math.sqrt(1 / 5 + 1 / 30)));
    assert.ok(found <= expected + 0.03 && found >= expected - 0.08, `${found}, ${expected}`);
  });

  test('finds more with more wrong ones', () => {
    const laws = new Map([['a', new NoiseLaw(normals(50, 0.02, randomFrom(9)))], ['b', new NoiseLaw(normals(50, 0.005, randomFrom(10)))]]);
    const [few, many] = oracles(laws, [0.01, 0.2], randomFrom(11), { step: 0.03, nights: 5, past: 30, draws: 400 });
    assert.ok((few?.power.get('a') ?? NaN) < (many?.power.get('a') ?? NaN));
    assert.ok((few?.power.get('b') ?? NaN) > 0.99);
  });

  test('a night at the new level speaks for the step, one at the old level against it', () => {
    const law = new NoiseLaw(normals(50, 0.01, randomFrom(12)));
    const past = normals(20, 0.01, randomFrom(13));
    assert.ok(likelihoodRatio(past, [0.03, 0.03], 0.03, law) > 2);
    assert.ok(likelihoodRatio(past, [0, 0], 0.03, law) < -2);
  });
});
