import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { figuresText, nightlyFigures, singleAlerts } from '#lab/figures/nightly.ts';

/** An extract of real nights (tools/extract-nights.ts): ten benchmarks, until the end of May. */
const extract = JSON.parse(gunzipSync(readFileSync(join(import.meta.dirname, 'fixtures', 'arm-nights.json.gz'))).toString()) as Record<string, unknown>;
const directory = mkdtempSync(join(tmpdir(), 'armature-nights-'));
after(() => { rmSync(directory, { recursive: true }); });
for (const [name, suite] of Object.entries(extract)) {
  mkdirSync(join(directory, name));
  writeFileSync(join(directory, name, `${name}.json`), JSON.stringify(suite));
}
mkdirSync(join(directory, 'not-a-result'));

describe('real nights of an Arm server', () => {
  const [build, ...others] = nightlyFigures(directory, { splits: 8, draws: 100, injection: { rounds: 2 }, oracleDraws: 200 });
  assert.ok(build !== undefined && others.length === 0);

  test('halves of one file are called different at most 6 % of the time, at a nominal 5 %', () => {
    assert.ok(build.splits.comparisons > 2000);
    assert.ok(build.splits.welch / build.splits.comparisons <= 0.06, String(build.splits.welch / build.splits.comparisons));
    assert.ok(build.splits.welch / build.splits.comparisons > 0.01, 'the test still finds something');
    assert.ok(build.splits.verdict / build.splits.comparisons < 0.01);
    assert.ok(build.splits.pyperf > 2 * build.splits.welch, 'pyperf takes values of one process for independent');
  });

  test('nights with a faulty environment are called that', () => {
    assert.deepEqual(build.nights.flatMap(({ state, id, issues }) => (state === 'faulty' ? [`${id}: ${issues.map(({ kind }) => kind).join()}`] : [])),
      ['2026-04-21 d206d42: governor', '2026-05-08 49918f5: load', '2026-05-18 acefff9: load']);
    assert.ok(build.nights.every(({ state, changes }) => state === 'normal' || changes.length === 0));
  });

  test('what moved garbage collection and async trees on the first of May is one shift, not a list of regressions', () => {
    const shifted = build.nights.filter(({ shift }) => shift !== undefined);
    assert.equal(shifted[0]?.id, '2026-05-01 c0e0640');
    assert.deepEqual(shifted[0].shift?.moved.map(({ benchmark }) => benchmark).sort(), ['async_tree_io', 'create_gc_cycles', 'gc_traversal']);
  });

  test('at most two alerts of single benchmarks a night', () => { assert.ok(build.nights.every((night) => singleAlerts(night) <= 2)); });

  test('most steps of 3 % are found within five nights', () => {
    assert.ok(build.steps.injected >= 20);
    assert.ok(build.steps.found / build.steps.injected >= 0.7, `${build.steps.found} of ${build.steps.injected}`);
  });

  test('where nothing changed, hardly anything is told', () => {
    assert.ok(build.noChange.nights > 60);
    assert.ok(build.noChange.changes / build.noChange.nights < 0.1, `${build.noChange.changes} in ${build.noChange.nights} nights of ten benchmarks`);
  });

  test('the smallest step that is found is said of each benchmark, and larger steps are found more often', () => {
    assert.equal(build.detectable.length, 10);
    assert.ok(build.detectable.every(([, step]) => step >= 0.016 && step < 0.1));
    const found = (what: string): number => {
      const figures = build.otherSteps.find(([name]) => name === what)?.[1];
      return (figures?.found ?? NaN) / (figures?.injected ?? NaN);
    };
    assert.ok(found('2 % slower') < found('5 % slower'));
    assert.ok(found('5 % faster') >= 0.8);
  });

  test('no detector can find more than the bound, and where the noise permits it more are found', () => {
    const { allowed, asOurs, inNights } = build.bounds;
    assert.ok(allowed.wrong <= 2 && asOurs.wrong <= allowed.wrong);
    assert.ok(allowed.found >= asOurs.found && asOurs.found > 0.8 && allowed.found <= 1);
    assert.ok(inNights > 0.7 && inNights <= 1);
    const { detectable, injected, found } = build.steps;
    assert.ok(detectable.injected > 0 && detectable.found / detectable.injected >= found / injected);
  });

  test('the text says all of it', () => {
    const text = figuresText([build]);
    for (const part of [/Welch on process means +\d/, /most [0-2];/, /faulty environment: 3, alerts of benchmarks in them: 0/, /found within five nights/, /the most that any detector finds that tells \d/, /taken back within five nights/]) assert.match(text, part);
  });
});
