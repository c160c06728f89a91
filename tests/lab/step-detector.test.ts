import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { defaultDetectorOptions, newestStep } from '#lab/analysis/step-detector.ts';

const old = [0.002, -0.003, 0.001, 0.003];
const stepped = [...old, 0.031, 0.027, 0.033, 0.029, 0.03];
const windowsOnly = { ...defaultDetectorOptions, recent: { ...defaultDetectorOptions.recent, nights: [] } };

describe('the last nights are looked at by themselves', () => {
  test('soon after another change, where a window is too short to be split', () => {
    assert.equal(newestStep(stepped, windowsOnly), undefined);
    const step = newestStep(stepped);
    assert.equal(step?.index, 4);
    assert.ok(Math.abs(step.after - step.before - 0.03) < 0.003 && step.p < 0.001);
  });

  test('not while one of them is still at the old level', () => {
    assert.equal(newestStep([...old, 0.06, 0.005, 0.06, 0.002, 0.06]), undefined);
  });

  test('not what is within the noise, however slow, of the nights before', () => {
    // It drifts up and down by 3 %, with hardly any noise from one night to the next.
    const drift = Array.from({ length: 25 }, (_, night) => 0.03 * Math.sin(night / 3));
    assert.equal(newestStep([...drift.slice(0, 20), 0.02, 0.021, 0.02, 0.021, 0.02], { ...defaultDetectorOptions, lengths: [] }), undefined);
  });

  test('not what is smaller than the least effect', () => {
    assert.equal(newestStep([...old.map((value) => value / 10), 0.015, 0.015, 0.015, 0.015, 0.015]), undefined);
  });
});
