import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ownNoise } from '#lab/analysis/noise.ts';
import { defaultDetectorOptions, detectableStep, newestStep } from '#lab/analysis/step-detector.ts';
import { randomFrom } from '#lab/statistics/random.ts';
import { normal } from './made.ts';

const noise = 0.005;
const old = [0.002, -0.003, 0.001, 0.003, -0.002];
const stepped = [...old, 0.031, 0.027, 0.033, 0.029, 0.03];
const windowsOnly = { ...defaultDetectorOptions, recent: { ...defaultDetectorOptions.recent, nights: [] } };

describe('the last nights are looked at by themselves', () => {
  test('soon after another change, where a window is too short to be split', () => {
    assert.equal(newestStep(stepped, noise, windowsOnly), undefined);
    const step = newestStep(stepped, noise);
    assert.equal(step?.index, 5);
    assert.ok(Math.abs(step.after - step.before - 0.03) < 0.003 && step.p < 0.001);
  });

  test('also when one of five looks like the old level, as noise of 1.2 % makes it do', () => {
    const series = [...[0.012, -0.01, 0.011, -0.009, 0.002, -0.012, 0.01, 0, -0.003, 0.009], 0.034, 0.04, 0.01, 0.037, 0.029];
    assert.equal(newestStep(series, 0.012)?.index, 10);
    assert.equal(newestStep(series, 0.012, { ...defaultDetectorOptions, recent: { ...defaultDetectorOptions.recent, strays: 0 } }), undefined);
  });

  test('not while two of them are at the old level', () => {
    assert.equal(newestStep([...old, 0.06, 0.005, 0.06, 0.002, 0.06], noise), undefined);
  });

  test('not what the noise of the benchmark makes, however quiet it was lately', () => {
    assert.equal(newestStep(stepped, 0.03), undefined);
  });

  test('not what is within the slow changes of the nights before', () => {
    // It drifts up and down by 3 %, with hardly any noise from one night to the next.
    const drift = Array.from({ length: 25 }, (_, night) => 0.03 * Math.sin(night / 3));
    assert.equal(newestStep([...drift.slice(0, 20), 0.02, 0.021, 0.02, 0.021, 0.02], 0.005, { ...defaultDetectorOptions, lengths: [] }), undefined);
  });

  test('not what is less than half of the step that is looked for', () => {
    assert.equal(newestStep([...old.map((value) => value / 10), 0.0145, 0.0145, 0.0145, 0.0145, 0.0145], 0.001), undefined);
  });
});

describe('the noise of a benchmark', () => {
  test('a few quiet nights are not taken at their word', () => { assert.ok(ownNoise([0.0001, -0.0002, 0.0001, 0.0002]) > 0.007); });
  test('a step between the nights hardly counts', () => {
    const random = randomFrom(3);
    const differences = Array.from({ length: 60 }, () => normal(random, 0.01 * Math.SQRT2));
    differences[30] = 0.5;
    assert.ok(Math.abs(ownNoise(differences) - 0.01) < 0.0015, String(ownNoise(differences)));
  });
});

describe('the smallest step that is found', () => {
  test('grows with the noise, and is never below what is asked for', () => {
    assert.ok(Math.abs(detectableStep(0) - (Math.sqrt(1 + defaultDetectorOptions.recent.step) - 1)) < 1e-12, 'nearer to the new level than to the old one');
    assert.ok(detectableStep(0.01) > 0.02 && detectableStep(0.01) < 0.03 && detectableStep(0.02) > 0.03);
  });

  for (const own of [0.008, 0.014, 0.02]) {
    test(`is found from five nights nineteen of twenty times: noise of ${(own * 100).toFixed(1)} %`, () => {
      const random = randomFrom(17);
      const step = Math.log1p(detectableStep(own));
      const nightsOnly = { ...defaultDetectorOptions, lengths: [], recent: { ...defaultDetectorOptions.recent, strays: 1 } };
      const found = Array.from({ length: 2000 }, () => newestStep(Array.from({ length: 35 }, (_, night) => normal(random, own) + (night >= 30 ? step : 0)), own, nightsOnly)).filter((one) => one !== undefined);
      assert.ok(found.length / 2000 >= 0.93 && found.length / 2000 <= 0.99, String(found.length / 2000));
    });
  }
});
