import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ingest } from '#lab/ingest/ingest.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import { openLab } from '#lab/store/open-lab.ts';
import { comparison, comparisonPresets } from '#lab/store/queries/comparison.ts';
import { findMachine, listMachines } from '#lab/store/queries/machines.ts';
import { overview } from '#lab/store/queries/overview.ts';
import { findRun, listRuns, resolveRuns } from '#lab/store/queries/runs.ts';
import { timeline } from '#lab/store/queries/timeline.ts';
import type { PostgresServer } from './postgres-server.ts';
import { startPostgres } from './postgres-server.ts';
import { resultFile } from './result-file.ts';

let postgres: PostgresServer | undefined;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres?.stop());

const databases: readonly (readonly [name: string, url: () => Promise<string | undefined>])[] = [
  ['the embedded database', () => Promise.resolve(undefined)],
  ['PostgreSQL', async () => postgres?.createDatabase()],
];

const nights = ['2026-04-01', '2026-05-01', '2026-05-02', '2026-05-03'];

/** Four nights with and without the JIT, which is twice as fast; the governor changes for the last one. */
async function fill(lab: Lab): Promise<void> {
  for (const [index, day] of nights.entries()) {
    for (const flags of [[], ['JIT']]) {
      const { name, bytes } = resultFile({
        day, flags, commit: `00000${index}a`, governor: index === 3 ? 'powersave' : 'performance',
        benchmarks: { nbody: (flags.length === 0 ? 0.1 : 0.05) * (1 + index / 100), fannkuch: flags.length === 0 ? 0.4 : 0.2, ...(index === 0 ? {} : { json: 0.01 }) },
      });
      await ingest(lab, bytes, { format: 'pyperf', receivedAt: `${day}T12:00:00.000Z`, name });
    }
  }
}

for (const [name, url] of databases) {
  describe(`the store in ${name}`, () => {
    const directory = mkdtempSync(join(tmpdir(), 'armature-lab-'));
    let lab: Lab;
    before(async () => {
      lab = await openLab(directory, await url());
      await fill(lab);
    });
    after(async () => {
      await lab.database.close();
      rmSync(directory, { recursive: true, force: true });
    });

    test('runs: newest first, found by commit, by machine and by the beginning of their keys', async () => {
      const runs = await listRuns(lab.database);
      assert.deepEqual(runs.map((run) => run.measuredAt.toISOString().slice(0, 10)), [...nights, ...nights].sort().reverse());
      assert.equal((await listRuns(lab.database, { commit: '000002' })).length, 2);
      assert.equal((await listRuns(lab.database, { machine: 'kite', variant: 'cpython-jit', limit: 3 })).length, 3);
      assert.equal((await listRuns(lab.database, { machine: 'other' })).length, 0);
      const [first] = runs;
      assert.ok(first !== undefined);
      assert.deepEqual((await resolveRuns(lab.database, first.key.slice(0, 10))).map((run) => run.key), [first.key]);
      const details = await findRun(lab.database, first.key);
      assert.deepEqual(details?.measurements.map((row) => row.benchmark), ['fannkuch', 'json', 'nbody']);
      assert.equal(details?.measurements[2]?.processMeans.length, 4);
      assert.equal(details?.governor, 'powersave');
    });

    test('a timeline has one column for each run, and null where a run lacks the benchmark', async () => {
      const found = await timeline(lab.database, { machine: 'kite', variant: 'cpython' });
      assert.equal(found.runs.length, 4);
      const json = found.series.find((series) => series.benchmark === 'json');
      assert.equal(json?.means[0], null);
      assert.ok(Math.abs((json?.means[1] ?? 0) - 0.01) < 1e-4);
      const one = await timeline(lab.database, { machine: 'kite', variant: 'cpython', benchmarks: ['nbody'], since: new Date('2026-05-02') });
      assert.deepEqual([one.runs.length, one.series.map((series) => series.benchmark)], [2, ['nbody']]);
    });

    test('a comparison has both sides of every benchmark; presets name the pairs worth a look', async () => {
      const presets = await comparisonPresets(lab.database);
      assert.deepEqual(presets.map((preset) => preset.kind), ['variants', 'previous', 'previous']);
      const [variants] = presets;
      assert.ok(variants !== undefined);
      const pair = await comparison(lab.database, variants.base, variants.head);
      assert.deepEqual([pair?.base.variant, pair?.head.variant], ['cpython', 'cpython-jit']);
      const fannkuch = pair?.rows.find((row) => row.benchmark === 'fannkuch');
      assert.ok(Math.abs((fannkuch?.head?.mean ?? 0) / (fannkuch?.base?.mean ?? 1) - 0.5) < 0.01);
      assert.equal(fannkuch?.base?.processMeans.length, 4);
      assert.equal(await comparison(lab.database, variants.base, 'no-such-run'), undefined);
    });

    test('a machine has an epoch for each stretch in one environment', async () => {
      assert.deepEqual((await listMachines(lab.database)).map((machine) => [machine.name, machine.runs]), [['kite', 8]]);
      const machine = await findMachine(lab.database, 'kite');
      assert.deepEqual(machine?.epochs.map((epoch) => [epoch.runs, epoch.changed]), [[6, []], [2, ['governor']]]);
    });

    test('the overview compares the latest run with the one before and with last month', async () => {
      const { series, runs, benchmarks } = await overview(lab.database);
      assert.deepEqual([runs, benchmarks, series.length], [8, 3, 2]);
      for (const { previous, monthAgo } of series) {
        assert.equal(previous?.benchmarks, 3);
        assert.ok(Math.abs((previous?.ratio ?? 0) - (1.03 / 1.02) ** (1 / 3)) < 1e-3);
        assert.deepEqual([monthAgo?.measuredAt.toISOString().slice(0, 10), monthAgo?.benchmarks], ['2026-04-01', 2]);
      }
    });

    test('a file that is sent again, compressed or not, changes nothing', async () => {
      const { name, bytes, compressed } = resultFile({ day: '2026-04-01', flags: ['JIT'], commit: '000000a', governor: 'performance', benchmarks: { nbody: 0.05, fannkuch: 0.2 } });
      const context = { format: 'pyperf', receivedAt: '2026-06-01T00:00:00.000Z', name } as const;
      const results = [await ingest(lab, bytes, context), await ingest(lab, compressed, context)];
      assert.deepEqual(results.map((result) => result.isNew), [false, false]);
      assert.equal((await overview(lab.database)).runs, 8);
    });
  });
}
