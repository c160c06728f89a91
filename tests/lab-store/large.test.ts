import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { createApp } from '#lab/server/app.ts';
import { dataVersion } from '#lab/store/data-version.ts';
import type { Database } from '#lab/store/database.ts';
import { listChanges } from '#lab/store/queries/changes.ts';
import { comparison } from '#lab/store/queries/comparison.ts';
import { noiseOfMachine } from '#lab/store/queries/noise.ts';
import { overview } from '#lab/store/queries/overview.ts';
import { findRun, listRuns } from '#lab/store/queries/runs.ts';
import { timeline } from '#lab/store/queries/timeline.ts';
import { writeRun } from '#lab/store/write-run.ts';
import { SeriesJudge } from '#lab/watch/judge-series.ts';
import { listSeries } from '#lab/watch/load-nights.ts';
import { randomFrom } from '#lab/statistics/random.ts';
import { benchmarkName, fillLargeLab, runOf } from '../../tools/bench/large-lab.ts';
import { makeLab } from './test-lab.ts';
import type { TestLab } from './test-lab.ts';
import type { PostgresServer } from './postgres-server.ts';
import { startPostgres } from './postgres-server.ts';

interface Plan {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Plans'?: readonly Plan[];
}

/** Rows of the table that a plan took into its hands, whether it kept them or not. */
function rowsRead(plan: Plan, table: string): number {
  const own = plan['Relation Name'] === table ? (plan['Actual Rows'] + (plan['Rows Removed by Filter'] ?? 0)) * plan['Actual Loops'] : 0;
  return own + (plan.Plans ?? []).reduce((total, inner) => total + rowsRead(inner, table), 0);
}

/** How many rows of the measurements everything that `work` asks reads. */
async function measurementsRead(database: Database, work: (watched: Database) => Promise<unknown>): Promise<number> {
  let total = 0;
  await work({
    ...database,
    query: async <Row extends object>(text: string, parameters: readonly unknown[] = []) => {
      const [row] = await database.query<{ 'QUERY PLAN': readonly { readonly Plan: Plan }[] }>(`explain (analyze, format json) ${text}`, parameters);
      total += rowsRead(row!['QUERY PLAN'][0]!.Plan, 'measurement');
      return database.query<Row>(text, parameters);
    },
  });
  return total;
}

const size = { machines: ['kite', 'heron'], variants: ['cpython', 'cpython-jit'], nights: 40, benchmarks: 60 };
const series = { machine: 'kite', variant: 'cpython' };

describe('a lab of many results', { concurrency: 1 }, () => {
  let postgres: PostgresServer;
  let large: TestLab;
  let database: Database;
  before(async () => {
    postgres = await startPostgres();
    large = await makeLab(await postgres.createDatabase());
    ({ database } = large.lab);
    assert.equal(await fillLargeLab(large.lab, size), 9600);
    await database.execute('analyze');
  });
  after(async () => {
    await large.close();
    await postgres.stop();
  });

  test('what a page shows is what the database reads for it', async () => {
    const [head, base] = (await listRuns(database, { ...series, limit: 2 })).map(({ key }) => key) as [string, string];
    assert.ok(await measurementsRead(database, (watched) => timeline(watched, { ...series, benchmarks: [benchmarkName(3)] })) <= 2 * size.nights, 'one benchmark of one series');
    assert.ok(await measurementsRead(database, (watched) => findRun(watched, head)) <= size.benchmarks, 'one run');
    assert.ok(await measurementsRead(database, (watched) => comparison(watched, base, head)) <= 2 * size.benchmarks, 'two runs');
    assert.ok(await measurementsRead(database, (watched) => listRuns(watched)) === 0, 'a list of runs');
    assert.ok(await measurementsRead(database, (watched) => noiseOfMachine(watched, 'kite')) <= 2 * 2 * size.nights * size.benchmarks, 'the noise of one machine');
    // All are counted, which an index alone answers; the ratios read two runs each, twice for each series; the lines read the last sixty runs, here all, and the latest.
    assert.ok(await measurementsRead(database, overview) <= 9600 + 4 * 2 * 2 * size.benchmarks + 2 * 9600, 'the overview');
  });

  test('a night that is added at the end is all that is told; one in the middle means all of them', async () => {
    const judge = new SeriesJudge(database);
    const [watched] = await listSeries(database);
    assert.ok(watched !== undefined);
    const add = async (night: number): Promise<void> => {
      const run = runOf('kite', 'cpython', night, size.benchmarks, randomFrom(1000 + night));
      await writeRun(database, run, { digest: run.key.repeat(4), byteCount: 1, receivedAt: run.measuredAt });
    };
    const told = [await judge.judge(watched), await judge.judge(watched)];
    // A process that was started later learns what was judged, and changes nothing.
    const next = new SeriesJudge(database);
    const version = await dataVersion(database);
    await next.learn(watched);
    assert.deepEqual([await dataVersion(database), await next.judge(watched)], [version, 0]);
    await add(size.nights + 1);
    told.push(await judge.judge(watched));
    const later = await listChanges(database, series);
    await add(size.nights);
    told.push(await judge.judge(watched));
    assert.deepEqual(told, [40, 0, 1, 42]);
    // What is told at once is the same as what was told night by night.
    const [{ id }] = await database.query<{ id: number }>('delete from run where id = (select max(id) from run) returning id') as [{ id: number }];
    assert.ok(id > 0);
    assert.equal(await judge.judge(watched), 41);
    const undated = (changes: typeof later): unknown => changes.map(({ detectedAt: _, updatedAt: __, ...change }) => change);
    assert.deepEqual(undated(await listChanges(database, series)), undated(later));
    assert.ok(later.length > 0);
  });

  test('an answer is compressed once, for those who take it', async () => {
    const app = createApp(large.lab);
    const ask = (headers: Record<string, string>): Response | Promise<Response> => app.request(`/api/series?machine=kite&variant=cpython`, { headers });
    const plain = Buffer.from(await (await ask({})).arrayBuffer());
    const response = await ask({ 'Accept-Encoding': 'gzip, br' });
    const compressed = Buffer.from(await response.arrayBuffer());
    assert.equal(response.headers.get('content-encoding'), 'gzip');
    assert.ok(compressed.length * 3 < plain.length, `${compressed.length} of ${plain.length}`);
    assert.deepEqual(gunzipSync(compressed), plain);
  });
});
