import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ingest } from '#lab/ingest/ingest.ts';
import { decideChange } from '#lab/store/decisions.ts';
import type { ChangeRow } from '#lab/store/queries/changes.ts';
import { findChangeWithHistory, listChanges } from '#lab/store/queries/changes.ts';
import { overview } from '#lab/store/queries/overview.ts';
import { randomFrom } from '#lab/statistics/random.ts';
import { Watcher } from '#lab/watch/watcher.ts';
import { changePage } from '#lab/web/change-page.ts';
import type { PostgresServer } from './postgres-server.ts';
import { startPostgres } from './postgres-server.ts';
import { resultFile } from './result-file.ts';
import type { TestLab } from './test-lab.ts';
import { makeLab } from './test-lab.ts';

let postgres: PostgresServer;
let made: TestLab;
let watcher: Watcher;
const random = randomFrom(4);

/** One benchmark takes 8 % longer for three nights. */
async function addNight(index: number): Promise<void> {
  const isSlow = index >= 12 && index < 15;
  const benchmarks = Object.fromEntries(Array.from({ length: 12 }, (_, name) =>
    [`benchmark_${name}`, 0.1 * (1 + 0.006 * (random() - 0.5)) * (name === 3 && isSlow ? 1.08 : 1)]));
  const day = new Date(Date.UTC(2026, 4, 1 + index)).toISOString().slice(0, 10);
  const { name, bytes } = resultFile({ day, flags: [], commit: (0xabc0000 + index).toString(16), governor: 'performance', benchmarks });
  void watcher.notice((await ingest(made.lab, bytes, { format: 'pyperf', receivedAt: `${day}T12:00:00.000Z`, name })).key);
  await watcher.idle();
}

const steps = async (): Promise<readonly ChangeRow[]> => (await listChanges(made.lab.database)).filter(({ kind }) => kind === 'step');

before(async () => {
  postgres = await startPostgres();
  made = await makeLab(await postgres.createDatabase());
  watcher = new Watcher(made.lab.database, (error) => assert.fail(String(error)));
});
after(async () => {
  await made.close();
  await postgres.stop();
});

test('a change that goes back is invalid by itself, and no new change any more, unless somebody says otherwise', async () => {
  for (let index = 0; index < 15; index++) await addNight(index);
  assert.deepEqual((await steps()).map(({ benchmark, state }) => [benchmark, state]), [['benchmark_3', 'new']]);
  for (let index = 15; index < 21; index++) await addNight(index);
  const [change, ...others] = await steps();
  assert.ok(change !== undefined && others.length === 0, 'that it is gone is no second change');
  assert.deepEqual([change.state, change.note, change.updatedBy], ['invalid', 'went back within a few nights', null]);
  assert.equal((await overview(made.lab.database)).series[0]?.newChanges, 0);
  const shown = await findChangeWithHistory(made.lab.database, change.key);
  assert.ok(shown !== undefined);
  assert.match(String(await changePage(shown, undefined)), /by the lab itself: went back/);

  await decideChange(made.lab, change.key, { state: 'confirmed', note: 'three bad builds', by: 'Maria', at: new Date() });
  await addNight(21);
  assert.deepEqual((await steps()).map(({ state, note }) => [state, note]), [['confirmed', 'three bad builds']]);
});
