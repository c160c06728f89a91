import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';
import type { Hono } from 'hono';
import { readInMissing } from '#lab/ingest/read-in.ts';
import { createApp } from '#lab/server/app.ts';
import type { LabEnvironment } from '#lab/server/reader.ts';
import { listen } from '#lab/server/serve.ts';
import { clearDatabase } from '#lab/store/clear.ts';
import { findRun, listRuns } from '#lab/store/queries/runs.ts';
import type { TestLab } from './test-lab.ts';
import { makeLab, tokenFor } from './test-lab.ts';

const run = promisify(execFile);

let served: TestLab;
let app: Hono<LabEnvironment>;
let token: string;

before(async () => {
  served = await makeLab();
  app = createApp(served.lab);
  token = await tokenFor(served.lab, 'submit', 'kite');
});
after(() => served.close());

const item = {
  commitid: '8b7a0bd2ef1c7b1f4f6d2f8d2c5e5a5b6c7d8e9f', branch: 'main', project: 'CPython', executable: 'lto-pgo', benchmark: 'nbody', environment: 'kite',
  result_value: 0.1, std_dev: 0.001, min: 0.099, max: 0.102, revision_date: '2026-05-01T10:00:00+02:00',
};

async function post(path: string, fields: Readonly<Record<string, string>>, headers: Readonly<Record<string, string>> = {}): Promise<readonly [number, string]> {
  const response = await app.request(path, { method: 'POST', body: new URLSearchParams(fields), headers });
  return [response.status, await response.text()];
}

const texts = (value: object): Record<string, string> => Object.fromEntries(Object.entries(value).map(([key, field]) => [key, String(field)]));

test('one result, with the token in the path or as a password', async () => {
  const basic = `Basic ${Buffer.from(`kite:${token}`).toString('base64')}`;
  assert.deepEqual(await post('/result/add/', texts(item), { Authorization: basic }), [202, 'Result data saved successfully']);
  assert.deepEqual(await post(`/submit/${token}/result/add/`, texts({ ...item, benchmark: 'fannkuch' })), [202, 'Result data saved successfully']);
  const runs = await listRuns(served.lab.database);
  assert.equal(runs.length, 1, 'both are of one run');
  const run = await findRun(served.lab.database, runs[0]?.key ?? '');
  assert.deepEqual(run?.measurements.map((row) => [row.benchmark, row.unit, row.mean, row.minimum]), [['fannkuch', 'second', 0.1, 0.099], ['nbody', 'second', 0.1, 0.099]]);
  assert.equal(run?.commitDate?.toISOString(), '2026-05-01T08:00:00.000Z');
});

test('a result that is sent again with another value replaces the first; a rebuild comes to the same', async () => {
  await post(`/submit/${token}/result/add/`, texts({ ...item, result_value: 0.2, max: 0.21 }));
  const means = async (): Promise<readonly number[]> => {
    const [run] = await listRuns(served.lab.database);
    return (await findRun(served.lab.database, run?.key ?? ''))?.measurements.map((row) => row.mean) ?? [];
  };
  assert.deepEqual(await means(), [0.1, 0.2]);
  await clearDatabase(served.lab.database);
  assert.equal((await readInMissing(served.lab)).read, 3);
  assert.deepEqual(await means(), [0.1, 0.2]);
  token = await tokenFor(served.lab, 'submit', 'kite');
});

test('refusals are in the words of Codespeed, and one bad item keeps all of them out', async () => {
  const path = `/submit/${token}/result/add/json/`;
  const send = (...items: object[]): Promise<readonly [number, string]> => post(path, { json: JSON.stringify(items) });
  const { benchmark: _, ...incomplete } = item;
  const cases: readonly (readonly [Promise<readonly [number, string]>, number, string])[] = [
    [post(path, {}), 400, "No key 'json' in POST payload"],
    [send(incomplete), 400, 'Key "benchmark" missing from request'],
    [send({ ...item, branch: '' }), 400, 'Value for key "branch" empty in request'],
    [send({ ...item, benchmark: 'good' }, { ...item, environment: 'heron' }), 400, 'Environment heron not found'],
    [send({ ...item, benchmark: 'good' }, { ...item, result_value: -1 }), 400, 'Value for key "result_value" must be a number greater than 0'],
    [send({ ...item, result_value: 'NaN' }), 400, 'Value for key "result_value" must be a number greater than 0'],
    [send({ ...item, benchmark: 'x'.repeat(101) }), 400, 'Value for key "benchmark" is longer than 100 characters'],
    [post('/result/add/json/', { json: '[]' }), 401, 'Results are taken with a token only (`armature lab token create`).'],
  ];
  for (const [answer, status, text] of cases) assert.deepEqual(await answer, [status, text]);
  const [run] = await listRuns(served.lab.database);
  assert.equal((await findRun(served.lab.database, run?.key ?? ''))?.measurements.length, 2);
  assert.equal((await app.request('/result/add/')).status, 405);
});

/** What `pyperformance upload` does (its compile.py, `upload` and `encode_benchmark`), with the same functions of Python. */
const pyperformanceUpload = `
import json, sys
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen
items = [dict(environment='kite', project='CPython', branch='main', benchmark=name, commitid='b' * 40,
              revision_date='2026-05-02T12:00:00+00:00', executable='lto-pgo', result_value=value, std_dev=0, min=value, max=value)
         for name, value in (('nbody', 0.125), ('json_dumps', 0.0125))]
url = sys.argv[1]
if not url.endswith('/'):
    url += '/'
url += 'result/add/json/'
try:
    response = urlopen(data=urlencode(dict(json=json.dumps(items))).encode('utf-8'), url=url)
    print('Response: "%s"' % response.read().decode('utf-8'))
except HTTPError as err:
    print('HTTP Error: %s %s' % (err, err.read().decode('utf8')))
`;

test('what pyperformance sends is taken over a socket', async () => {
  const server = await listen(app, '127.0.0.1', 0);
  try {
    const { stdout } = await run('python3', ['-c', pyperformanceUpload, `${server.url}/submit/${token}`]);
    assert.equal(stdout.trim(), 'Response: "All result data saved successfully"');
    const anonymous = await run('python3', ['-c', pyperformanceUpload, server.url]);
    assert.match(anonymous.stdout, /^HTTP Error: HTTP Error 401/);
  } finally {
    await server.close();
  }
  const [newest] = await listRuns(served.lab.database, { commit: 'bbbb' });
  const details = await findRun(served.lab.database, newest?.key ?? '');
  assert.deepEqual(details?.measurements.map((row) => [row.benchmark, row.mean]), [['json_dumps', 0.0125], ['nbody', 0.125]]);
});
