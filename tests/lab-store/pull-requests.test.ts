/** A pull request from its job to its report, as `armature lab` does it, with programs of its own for every part. */
import assert from 'node:assert/strict';
import { createHmac } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { Job } from '#lab/jobs/queue.ts';
import { ingest } from '#lab/ingest/ingest.ts';
import { openLab } from '#lab/store/open-lab.ts';
import { listChanges } from '#lab/store/queries/changes.ts';
import { nativePython } from '../cli/harness.ts';
import type { LabProcess } from './lab-process.ts';
import { labCommand, startLab } from './lab-process.ts';
import type { PostgresServer } from './postgres-server.ts';
import { startPostgres } from './postgres-server.ts';
import { Receiver, within } from './receiver.ts';
import { resultFile } from './result-file.ts';
import { tokenFor } from './test-lab.ts';

const [baseCommit, headCommit] = ['a'.repeat(40), 'b'.repeat(40)];
const secrets = { ARMATURE_LAB_WEBHOOK_SECRET: 'a shared secret', ARMATURE_LAB_GITHUB_TOKEN: 'ghs_x' };

describe('a pull request, from its job to its report', { concurrency: 1 }, () => {
  let postgres: PostgresServer;
  let directory: string;
  let receiver: Receiver;
  let url: string;
  before(async () => {
    postgres = await startPostgres();
  });
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'armature-pull-'));
    receiver = new Receiver();
    url = await receiver.open();
  });
  afterEach(async () => {
    if (running?.child.exitCode === null) await running.kill();
    await receiver.close();
    rmSync(directory, { recursive: true, force: true });
  });
  after(() => postgres.stop());

  const options = (database: string | undefined): readonly string[] => [
    '--data', join(directory, 'lab'), ...(database === undefined ? [] : ['--database', database]), '--public-url', 'https://lab.example.org',
    '--webhook', `${url}/hook`, '--github', 'python/cpython', '--github-api', url, '--allow-private',
  ];
  let running: LabProcess | undefined;
  const serve = async (database?: string): Promise<LabProcess> => (running = await startLab(options(database), secrets));
  const calls = (): readonly string[] => receiver.received.map(({ call }) => call.replace(/\?.*/, ''));

  test('two jobs on a runner become a signed webhook, a check and a comment', async () => {
    const opened = await openLab(join(directory, 'lab'), undefined);
    const [submit, administer] = [await tokenFor(opened, 'submit', 'kite'), await tokenFor(opened, 'administer')];
    await opened.database.close();
    const lab = await serve();
    mkdirSync(join(directory, 'programs'));
    const pause = join(directory, 'pause');
    writeFileSync(join(directory, 'programs', 'pause.py'), `import time\n\npause = float(open(${JSON.stringify(pause)}).read())\n\ndef bench_pause():\n    time.sleep(pause)\n`);
    const enqueue = async (...words: readonly string[]): Promise<string> => {
      const { status, stdout, stderr } = await labCommand(['enqueue', 'pause.py', '--machine', 'kite', '--with', 'plain', '--processes', '5', '--server', lab.url, '--token', administer, ...words]);
      assert.equal(status, 0, stderr);
      return stdout.trim();
    };
    assert.equal((await labCommand(['enqueue', 'pause.py', '--machine', 'kite', '--python', 'pull', '--pull', '17', '--server', lab.url, '--token', administer])).status, 1, 'a pull request has a base');
    const jobs = [
      await enqueue('--python', 'pull', '--pull', '17', '--base', baseCommit, '--commit', headCommit),
      await enqueue('--python', 'base', '--commit', baseCommit),
    ];
    const runner = await labCommand([
      'runner', '--server', lab.url, '--token', submit, '--python', `base=${nativePython()}`, '--python', `pull=${nativePython()}`, '--programs', join(directory, 'programs'), '--once',
      // Stands for a build of the commit: with that of the pull request the program takes half as long again.
      '--tune', `case $ARMATURE_JOB_PYTHON-$ARMATURE_JOB_COMMIT in pull-${headCommit}) echo 0.015;; base-${baseCommit}) echo 0.010;; esac > ${pause}`,
    ]);
    assert.equal(runner.status, 0, runner.stderr);
    for (const id of jobs) {
      const job = await (await fetch(`${lab.url}/api/jobs/${id}`, { headers: { Authorization: `Bearer ${administer}` } })).json() as Job;
      assert.equal(job.state, 'completed', `${JSON.stringify(job.outcome)}\n${runner.stderr}`);
    }
    await within(30, () => ['POST /hook', 'POST /repos/python/cpython/check-runs', 'POST /repos/python/cpython/issues/17/comments'].every((call) => calls().includes(call)));
    const hook = receiver.received.find(({ call }) => call === 'POST /hook');
    assert.equal(hook?.headers['x-hub-signature-256'], `sha256=${createHmac('sha256', secrets.ARMATURE_LAB_WEBHOOK_SECRET).update(hook?.text ?? '').digest('hex')}`);
    const report = JSON.parse(hook?.text ?? '') as { pull: number; conclusion: string; base: { commit: string }; head: { commit: string }; links: { comparison: string } };
    assert.deepEqual([report.pull, report.conclusion, report.base.commit, report.head.commit], [17, 'failure', baseCommit, headCommit]);
    assert.match(report.links.comparison, /^https:\/\/lab\.example\.org\/compare\?base=\w+&head=\w+$/);
    assert.deepEqual(receiver.checks.map(({ conclusion, head_sha: sha }) => [conclusion, sha]), [['failure', headCommit]]);
    assert.match(receiver.comments[0]?.body ?? '', /1 slower/);
    assert.equal(await lab.stop(), 0);
  });

  const night = (index: number, factor: number): ReturnType<typeof resultFile> => resultFile({
    day: new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10), flags: [], governor: 'performance',
    commit: index === 20 ? baseCommit : (0xabc0000 + index).toString(16), benchmarks: { nbody: 0.1 * factor * (1 + 0.001 * (index % 3)), fannkuch: 0.2 * (1 + 0.001 * (index % 2)), json: 0.3 },
  });

  for (const kind of ['embedded', 'server'] as const) {
    test(`a lab that ended between taking results in and judging them judges and reports them at the next start (${kind})`, async () => {
      const database = kind === 'server' ? await postgres.createDatabase() : undefined;
      const opened = await openLab(join(directory, 'lab'), database);
      const context = { format: 'pyperf', receivedAt: new Date().toISOString(), name: 'x.json', machine: 'kite' } as const;
      for (let index = 0; index <= 20; index++) await ingest(opened, night(index, index < 14 ? 1 : 1.2).bytes, context);
      const { bytes } = resultFile({ day: '2026-02-01', flags: [], commit: headCommit, governor: 'performance', benchmarks: { nbody: 0.2, fannkuch: 0.2, json: 0.3 } });
      await ingest(opened, bytes, { ...context, pull: { number: 17, base: baseCommit } });
      assert.deepEqual(await listChanges(opened.database), []);
      await opened.database.close();
      const lab = await serve(database);
      await within(30, () => ['POST /hook', 'POST /repos/python/cpython/check-runs', 'POST /repos/python/cpython/issues/17/comments'].every((call) => calls().includes(call)));
      const changes = await (await fetch(`${lab.url}/api/changes`)).json() as readonly { readonly benchmark: string | null }[];
      assert.ok(changes.some(({ benchmark }) => benchmark === 'nbody'), JSON.stringify(changes));
      assert.equal(await lab.stop(), 0);
      // It is told once: neither the next start nor one after a rebuild tells it again.
      const heard = receiver.received.length;
      const again = await serve(database);
      await new Promise((resolve) => setTimeout(resolve, 3000));
      assert.equal(await again.stop(), 0);
      assert.equal((await labCommand(['rebuild', ...options(database).slice(0, database === undefined ? 2 : 4)])).status, 0);
      const rebuilt = await serve(database);
      await new Promise((resolve) => setTimeout(resolve, 3000));
      assert.equal(receiver.received.length, heard);
      assert.equal(await rebuilt.stop(), 0);
    });
  }
});
