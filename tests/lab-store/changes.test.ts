import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { ingest } from '#lab/ingest/ingest.ts';
import { rebuildDatabase } from '#lab/ingest/rebuild.ts';
import { createApp } from '#lab/server/app.ts';
import { openLab } from '#lab/store/open-lab.ts';
import { createToken } from '#lab/store/decisions.ts';
import type { ChangeRow } from '#lab/store/queries/changes.ts';
import { findChange, listChanges } from '#lab/store/queries/changes.ts';
import { listRuns } from '#lab/store/queries/runs.ts';
import { timeline } from '#lab/store/queries/timeline.ts';
import { listTokens, verifyToken } from '#lab/store/tokens.ts';
import { randomFrom } from '#lab/statistics/random.ts';
import { Watcher } from '#lab/watch/watcher.ts';
import type { PostgresServer } from './postgres-server.ts';
import { startPostgres } from './postgres-server.ts';
import { resultFile } from './result-file.ts';
import type { TestLab } from './test-lab.ts';
import { makeLab, tokenFor } from './test-lab.ts';

const nights = 24;
const stepNight = 16;
const faultyNight = 10;
const names = Array.from({ length: 20 }, (_, index) => `benchmark_${index}`);

let postgres: PostgresServer;
let made: TestLab;
let administrator: string;
let submitter: string;

/** Noise of 0.3 %; one benchmark takes 8 % longer from one night on; in another night the governor is wrong and all take half as long again. */
before(async () => {
  postgres = await startPostgres();
  made = await makeLab(await postgres.createDatabase());
  administrator = (await createToken(made.lab, { name: 'Maria', scope: 'administer', machine: null }, new Date())).secret;
  submitter = await tokenFor(made.lab, 'submit', 'kite');
  const random = randomFrom(3);
  const watcher = new Watcher(made.lab.database, (error) => assert.fail(String(error)));
  for (let index = 0; index < nights; index++) {
    const faulty = index === faultyNight;
    const benchmarks = Object.fromEntries(names.map((name) =>
      [name, 0.1 * (1 + 0.006 * (random() - 0.5)) * (name === 'benchmark_3' && index >= stepNight ? 1.08 : 1) * (faulty ? 1.5 : 1)]));
    const day = new Date(Date.UTC(2026, 4, 1 + index)).toISOString().slice(0, 10);
    const { name, bytes } = resultFile({ day, flags: [], commit: (0xabc0000 + index).toString(16), governor: faulty ? 'powersave' : 'performance', benchmarks });
    void watcher.notice((await ingest(made.lab, bytes, { format: 'pyperf', receivedAt: `${day}T12:00:00.000Z`, name })).key);
  }
  await watcher.idle();
});
after(async () => {
  await made.close();
  await postgres.stop();
});

async function step(): Promise<ChangeRow> {
  const [change, ...others] = (await listChanges(made.lab.database)).filter((row) => row.kind === 'step');
  assert.deepEqual(others, []);
  assert.ok(change !== undefined);
  return change;
}

test('a step is found with its night, and a faulty night is no change of any benchmark', async () => {
  const change = await step();
  assert.deepEqual([change.benchmark, change.state, change.run.commitId], ['benchmark_3', 'new', (0xabc0000 + stepNight).toString(16)]);
  assert.ok(Math.abs(change.ratio - 1.08) < 0.01);
  assert.equal(change.previousRun?.commitId, (0xabc0000 + stepNight - 1).toString(16));
  const faults = (await listChanges(made.lab.database)).filter((row) => row.kind === 'environment');
  assert.deepEqual(faults.map((row) => row.run.measuredAt.toISOString().slice(0, 10)), ['2026-05-11']);
  const { runs } = await timeline(made.lab.database, { machine: 'kite', variant: 'cpython' });
  assert.deepEqual(runs.flatMap((run, index) => (run.quality === 'quarantined' ? [index] : [])), [faultyNight]);
});

test('feeds have one item for what began with one run', async () => {
  const app = createApp(made.lab);
  const atom = await (await app.request('/feeds/changes.atom')).text();
  assert.equal(atom.match(/<entry>/g)?.length, 2);
  assert.match(atom, /kite, cpython: benchmark_3 [78]\.\d % more/);
  const rss = await app.request('/feeds/changes.rss?benchmark=benchmark_3');
  assert.match(rss.headers.get('content-type') ?? '', /rss\+xml/);
  assert.equal((await rss.text()).match(/<item>/g)?.length, 1);
});

test('only an administrator says what a change is', async () => {
  const app = createApp(made.lab);
  const { key } = await step();
  const decide = (body: object, token?: string, change = key): Promise<number> => Promise.resolve(app.request(`/api/changes/${change}`, {
    method: 'POST', body: JSON.stringify(body), headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
  })).then((response) => response.status);
  const confirmed = { state: 'confirmed', note: 'a new allocator' };
  const refusals = [await decide(confirmed), await decide(confirmed, submitter), await decide({ state: 'odd' }, administrator), await decide(confirmed, administrator, 'none')];
  assert.deepEqual(refusals, [401, 403, 400, 404]);
  assert.equal(await decide(confirmed, administrator), 200);
  const { state, note, updatedBy } = await step();
  assert.deepEqual([state, note, updatedBy], ['confirmed', 'a new allocator', 'Maria']);
});

test('tokens are made and revoked over HTTP by an administrator', async () => {
  const app = createApp(made.lab);
  const ask = (method: string, path: string, token: string, body?: object): Response | Promise<Response> => app.request(`/api/tokens${path}`, {
    method, headers: { Authorization: `Bearer ${token}` }, ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  assert.equal((await ask('GET', '', submitter)).status, 403);
  assert.equal((await ask('POST', '', administrator, { name: 'x', scope: 'submit' })).status, 400);
  const { id, token } = await (await ask('POST', '', administrator, { name: 'heron', scope: 'submit', machine: 'heron' })).json() as { id: string; token: string };
  assert.equal((await verifyToken(made.lab.database, token))?.machine, 'heron');
  assert.equal((await ask('DELETE', `/${id}`, administrator)).status, 200);
  assert.equal(await verifyToken(made.lab.database, token), undefined);
  assert.equal((await ask('DELETE', `/${id}`, administrator)).status, 404);
});

test('a rebuild comes to the same results, changes, states and tokens: in another kind of database', async () => {
  const directory = made.directory;
  const outcome = await rebuildDatabase({ directory, databaseUrl: undefined, source: directory });
  assert.deepEqual(outcome, { read: nights, refused: [] });
  const rebuilt = await openLab(directory, undefined);
  try {
    const runs = async (lab: typeof rebuilt): Promise<unknown> => (await listRuns(lab.database)).map(({ receivedAt: _, ...run }) => run);
    assert.deepEqual(await runs(rebuilt), await runs(made.lab));
    const change = await step();
    const found = await findChange(rebuilt.database, change.key);
    assert.deepEqual([found?.benchmark, found?.state, found?.note, found?.updatedBy], ['benchmark_3', 'confirmed', 'a new allocator', 'Maria']);
    assert.equal((await verifyToken(rebuilt.database, administrator))?.scope, 'administer');
    assert.equal((await listTokens(rebuilt.database)).filter((token) => token.revokedAt !== null).length, 1);
  } finally {
    await rebuilt.database.close();
  }
});
