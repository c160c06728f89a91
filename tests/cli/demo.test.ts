import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runArmature } from './harness.ts';

test('demo compares a sample plain and compiled', async (t) => {
  const { status, stdout } = await runArmature(t, ['demo', '--only', 'planets', '--json']);
  assert.equal(status, 0);
  const [row, ...others] = JSON.parse(stdout) as Record<string, unknown>[];
  assert.deepEqual(others, []);
  assert.equal(row?.['program'], 'planets');
  assert.equal(row['sameOutput'], true);
  assert.ok(Number(row['compiledUnits']) > 0);
  assert.ok(Math.abs(Number(row['speedUp']) - Number(row['plainSeconds']) / Number(row['armatureSeconds'])) < 1e-9);
});

test('demo without a sample of that name', async (t) => {
  const { status, stderr } = await runArmature(t, ['demo', '--only', 'nothing']);
  assert.equal(status, 1);
  assert.match(stderr, /\[no-samples\]/);
});
