import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { randomFrom } from '#lab/statistics/random.ts';
import { openLab } from '#lab/store/open-lab.ts';
import type { LabProcess } from './lab-process.ts';
import { labCommand, startLab } from './lab-process.ts';
import type { PostgresServer } from './postgres-server.ts';
import { startPostgres } from './postgres-server.ts';
import { resultFile } from './result-file.ts';
import { tokenFor } from './test-lab.ts';

/** More of them: ARMATURE_LAB_KILLS=100. */
const kills = Number(process.env['ARMATURE_LAB_KILLS'] ?? 6);
const uploadsAtOnce = 5;

let postgres: PostgresServer | undefined;
before(async () => {
  postgres = await startPostgres();
});
after(() => postgres?.stop());

function fileOf(index: number): Uint8Array {
  const day = new Date(Date.UTC(2026, 0, 1 + index)).toISOString().slice(0, 10);
  return resultFile({ day, flags: [], commit: (0xabc0000 + index).toString(16), governor: 'performance', benchmarks: { nbody: 0.1, fannkuch: 0.2, json: 0.3 } }).compressed;
}

/** The key of the run, or undefined when there was no answer: then nobody was told that it is safe. */
async function upload(server: LabProcess, token: string, index: number): Promise<string | undefined> {
  try {
    const response = await fetch(`${server.url}/api/results`, { method: 'POST', body: Buffer.from(fileOf(index)), headers: { Authorization: `Bearer ${token}` } });
    assert.ok(response.ok, `${response.status}: ${await response.clone().text()}`);
    return (await response.json() as { run: string }).run;
  } catch (error) {
    if (error instanceof assert.AssertionError) throw error;
    return undefined;
  }
}

interface Expected {
  readonly directory: string;
  readonly url: string | undefined;
  readonly safe: ReadonlySet<string>;
}

/** Everything that was answered is there, and whatever is there is whole. */
async function checkNothingLost({ directory, url, safe }: Expected): Promise<number> {
  const lab = await openLab(directory, url);
  try {
    const runs = await lab.database.query<{ key: string; measurements: number }>(
      'select key, (select count(*)::integer from measurement where run_id = run.id) as measurements from run');
    const keys = new Set(runs.map((run) => run.key));
    assert.deepEqual([...safe].filter((key) => !keys.has(key)), []);
    assert.deepEqual(runs.filter((run) => run.measurements !== 3), []);
    const digests = await lab.files.digests();
    assert.deepEqual(digests.map((digest) => digest.slice(0, 16)).sort(), [...keys].sort());
    return runs.length;
  } finally {
    await lab.database.close();
  }
}

async function killManyTimes(url: string | undefined): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'armature-lab-'));
  const options = ['--data', directory, ...(url === undefined ? [] : ['--database', url])];
  const random = randomFrom(7);
  const safe = new Set<string>();
  const lab = await openLab(directory, url);
  const token = await tokenFor(lab, 'submit', 'kite');
  await lab.database.close();
  let answered = 0;
  for (let round = 0; round < kills; round++) {
    const server = await startLab(options);
    const uploads = Array.from({ length: uploadsAtOnce }, (_, index) => upload(server, token, round * uploadsAtOnce + index));
    // Some rounds are killed before anything was answered, some after the first answer, some a little later.
    if (random() < 0.7) await Promise.any(uploads);
    await sleep(random() * 30);
    await server.kill();
    for (const key of await Promise.all(uploads)) {
      if (key !== undefined) safe.add(key);
    }
    answered = safe.size;
  }
  const last = await startLab(options);
  assert.equal(await last.stop(), 0);
  const found = await checkNothingLost({ directory, url, safe });
  assert.ok(answered > 0 && found >= answered, `${answered} answered, ${found} found`);
  rmSync(directory, { recursive: true, force: true });
}

test('nothing is lost when the process is killed during ingest: the embedded database', () => killManyTimes(undefined));
test('nothing is lost when the process is killed during ingest: PostgreSQL', async () => killManyTimes(await postgres?.createDatabase()));

test('a second process on one embedded database refuses to start, and says why', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'armature-lab-'));
  const first = await startLab(['--data', directory]);
  for (const words of [['--port', '0'], ['import', directory], ['token', 'list'], ['rebuild']]) {
    const { status, stderr } = await labCommand([...words, '--data', directory]);
    assert.equal(status, 1, words.join(' '));
    assert.match(stderr, new RegExp(`another process \\(${first.child.pid}\\) is using .*\\[directory-in-use\\]`));
  }
  assert.equal((await fetch(`${first.url}/api/overview`)).status, 200);
  await first.kill();
  // The lock ends with the process, however that ended.
  const next = await startLab(['--data', directory]);
  assert.equal(await next.stop(), 0);
  rmSync(directory, { recursive: true, force: true });
});
