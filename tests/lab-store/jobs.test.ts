import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { JobRequest } from '#lab/jobs/queue.ts';
import { JobQueue } from '#lab/jobs/queue.ts';
import { createApp } from '#lab/server/app.ts';
import type { RunningServer } from '#lab/server/serve.ts';
import { listen } from '#lab/server/serve.ts';
import { LabClient } from '#lab/client/lab-client.ts';
import { runJobs } from '#lab/runner/runner.ts';
import { listRuns } from '#lab/store/queries/runs.ts';
import { armature, nativePython } from '../cli/harness.ts';
import type { PostgresServer } from './postgres-server.ts';
import { startPostgres } from './postgres-server.ts';
import type { TestLab } from './test-lab.ts';
import { makeLab, tokenFor } from './test-lab.ts';

const request: JobRequest = { benchmarks: ['kernels-test/sieve/one_call'], python: 'main', ways: ['plain'], processes: 2 };
/** So short that a test can wait for its end. */
const shortLease = { leaseSeconds: 4, retries: 1, watchSeconds: 1 };
const fail = (error: unknown): void => { assert.fail(String(error)); };

async function within(seconds: number, what: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end;) {
    if (await what()) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  assert.fail(`not within ${seconds} s`);
}

for (const kind of ['embedded', 'server'] as const) {
  describe(`jobs in the ${kind} database`, { concurrency: 1 }, () => {
    let postgres: PostgresServer | undefined;
    let lab: TestLab;
    before(async () => {
      postgres = kind === 'server' ? await startPostgres() : undefined;
      lab = await makeLab(await postgres?.createDatabase());
    });
    after(async () => {
      await lab.close();
      await postgres?.stop();
    });

    test('a machine gets its own jobs, one at a time, the most urgent first', async () => {
      const queue = await JobQueue.open(lab.lab.database, fail);
      const backfill = await queue.enqueue('kite', request, -10);
      const usual = await queue.enqueue('kite', request);
      const urgent = await queue.enqueue('kite', request, 10);
      await queue.enqueue('heron', request, 100);
      assert.deepEqual((await queue.list()).filter(({ machine }) => machine === 'kite').map(({ id }) => id), [urgent, usual, backfill]);
      for (const id of [urgent, usual, backfill]) {
        const job = await queue.lease('kite');
        assert.deepEqual([job?.id, job?.request, job?.state, job?.attempts], [id, request, 'active', 1]);
        assert.equal(await queue.complete('kite', id, ['run']), true);
        assert.equal(await queue.complete('kite', id, ['run']), false);
      }
      assert.equal(await queue.lease('kite'), undefined);
      await queue.close();
    });

    test('a machine that vanishes loses nothing: its job is given out again, and a machine that says it is there keeps its own', async () => {
      const queue = await JobQueue.open(lab.lab.database, fail, shortLease);
      const id = await queue.enqueue('owl', request);
      assert.equal((await queue.lease('owl'))?.id, id);
      for (let i = 0; i < 12; i++) {
        await new Promise((resolve) => setTimeout(resolve, 500));
        assert.equal(await queue.extend('owl', id), true, 'the lease was extended in time');
      }
      await within(30, async () => (await queue.lease('owl'))?.id === id);
      // Its second attempt is the last.
      await within(30, async () => (await queue.find(id))?.state === 'failed');
      assert.equal(await queue.extend('owl', id), false);
      await queue.close();
    });

    test('a job that was cancelled is no longer the machine’s', async () => {
      const queue = await JobQueue.open(lab.lab.database, fail);
      const id = await queue.enqueue('wren', request);
      await queue.lease('wren');
      assert.equal(await queue.cancel('wren', id), true);
      assert.deepEqual([await queue.cancel('wren', id), await queue.extend('wren', id), await queue.fail('wren', id, 'late')], [false, false, false]);
      await queue.close();
    });

    test('jobs outlive the server', async () => {
      const first = await JobQueue.open(lab.lab.database, fail);
      const id = await first.enqueue('crow', request);
      await first.close();
      const second = await JobQueue.open(lab.lab.database, fail);
      assert.equal((await second.lease('crow'))?.id, id);
      await second.close();
    });
  });
}

describe('a runner and its lab', { concurrency: 1 }, () => {
  let lab: TestLab;
  let queue: JobQueue;
  let server: RunningServer;
  let submit: string;
  let administer: string;
  before(async () => {
    lab = await makeLab();
    queue = await JobQueue.open(lab.lab.database, fail);
    server = await listen(createApp(lab.lab, { jobs: queue }), '127.0.0.1', 0);
    submit = await tokenFor(lab.lab, 'submit', 'kite');
    administer = await tokenFor(lab.lab, 'administer');
  });
  after(async () => {
    await server.close();
    await queue.close();
    await lab.close();
  });

  const run = (log: string[]): Promise<void> => runJobs(new LabClient(server.url, submit), {
    machine: { armature, pythons: new Map([['main', nativePython()]]), programs: undefined, tune: undefined },
    cpuSets: [undefined], once: true, heartbeatSeconds: 1, log: (message) => { log.push(message); },
  }, new AbortController().signal);

  test('what it is asked to measure is measured, sent, and in the database', async () => {
    const id = await new LabClient(server.url, administer).enqueue({ machine: 'kite', ...request });
    const log: string[] = [];
    await run(log);
    const job = await queue.find(id);
    assert.equal(job?.state, 'completed', log.join('\n'));
    const runs = await listRuns(lab.lab.database, { machine: 'kite' });
    assert.deepEqual(job.outcome, { runs: runs.map(({ key }) => key) });
    assert.equal(runs.length, 1);
  });

  test('what it does not offer, it refuses with a reason', async () => {
    const client = new LabClient(server.url, administer);
    const wrong = [await client.enqueue({ machine: 'kite', ...request, python: 'other' }), await client.enqueue({ machine: 'kite', ...request, benchmarks: ['/etc/passwd'] })];
    await run([]);
    const outcomes = await Promise.all(wrong.map(async (id) => JSON.stringify((await queue.find(id))?.outcome)));
    assert.match(outcomes[0] ?? '', /no interpreter called 'other', only main/);
    assert.match(outcomes[1] ?? '', /neither a bundled suite nor a program/);
  });

  test('jobs are given by administrators, leased by machines, and shown to neither without a token', async () => {
    const post = async (path: string, token: string | undefined, body: unknown): Promise<number> => (await fetch(`${server.url}${path}`, {
      method: 'POST', body: JSON.stringify(body), headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
    })).status;
    assert.deepEqual([await post('/api/jobs', undefined, {}), await post('/api/jobs', submit, {}), await post('/api/jobs', administer, {})], [401, 403, 400]);
    assert.equal(await post('/api/jobs', administer, { machine: 'kite', python: 'main', benchmarks: ['--output=/etc'] }), 400);
    assert.deepEqual([await post('/api/runner/lease', undefined, {}), await post('/api/runner/lease', administer, {})], [401, 403]);
    assert.equal(await post('/api/runner/jobs/00000000-0000-0000-0000-000000000000/heartbeat', submit, {}), 410);
    assert.equal((await fetch(`${server.url}/api/jobs`)).status, 401);
  });
});
