import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { Hono } from 'hono';
import { createApp } from '#lab/server/app.ts';
import type { LabEnvironment } from '#lab/server/reader.ts';
import { overview } from '#lab/store/queries/overview.ts';
import { revokeToken } from '#lab/store/tokens.ts';
import { resultFile } from './result-file.ts';
import type { TestLab } from './test-lab.ts';
import { makeLab, tokenFor } from './test-lab.ts';

let served: TestLab;
let app: Hono<LabEnvironment>;
let submit: string;
let reader: string;

const night = resultFile({ day: '2026-05-01', flags: ['JIT'], commit: 'abcdef0', governor: 'performance', benchmarks: { nbody: 0.05, fannkuch: 0.2 } });
const night2 = resultFile({ day: '2026-05-02', flags: ['JIT'], commit: 'abcdef1', governor: 'performance', benchmarks: { nbody: 0.06, fannkuch: 0.2 } });

before(async () => {
  served = await makeLab();
  app = createApp(served.lab);
  submit = await tokenFor(served.lab, 'submit', 'kite');
  reader = await tokenFor(served.lab, 'read');
});
after(() => served.close());

const unlimited = { reads: 1e6, writes: 1e6, refusals: 1e6 };

async function upload(body: Uint8Array | string, token?: string, name = night.name, target = app): Promise<Response> {
  return target.request(`/api/results?name=${encodeURIComponent(name)}`, {
    method: 'POST', body: typeof body === 'string' ? body : Buffer.from(body), headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
  });
}

async function json<T>(response: Response | Promise<Response>): Promise<T> {
  return (await response).json() as Promise<T>;
}

interface Failure {
  readonly error: string;
  readonly message: string;
}

/** Everything a request may have changed. */
async function state(): Promise<string> {
  const counts = await overview(served.lab.database);
  const files = readdirSync(served.directory, { recursive: true }).map(String).filter((name) => /^results.*\.(json|gz|tmp)$/.test(name));
  return JSON.stringify([counts.runs, counts.benchmarks, counts.machines, counts.measurements, files.sort()]);
}

describe('uploads', () => {
  test('a result is taken in once, however often and however compressed it is sent', async () => {
    const first = await upload(night.bytes, submit);
    assert.equal(first.status, 201);
    const { run } = await json<{ run: string }>(first);
    for (const body of [night.bytes, night.compressed, gzipSync(night.bytes, { level: 1 })]) {
      const again = await upload(body, submit);
      assert.equal(again.status, 200);
      assert.deepEqual(await json(again), { run, new: false });
    }
    assert.equal((await overview(served.lab.database)).runs, 1);
  });

  test('the same result sent many times at once is one result', async () => {
    const responses = await Promise.all(Array.from({ length: 8 }, () => upload(night2.compressed, submit)));
    assert.deepEqual(responses.map((response) => response.status).sort(), [200, 200, 200, 200, 200, 200, 200, 201]);
    assert.equal((await overview(served.lab.database)).runs, 2);
  });

  test('the machine is the one of the token, whatever the name of the file says', async () => {
    const other = await tokenFor(served.lab, 'submit', 'heron');
    const { run } = await json<{ run: string }>(upload(resultFile({ day: '2026-05-03', flags: [], commit: 'abcdef2', governor: 'performance', benchmarks: { nbody: 0.1 } }).bytes, other));
    assert.equal((await json<{ machine: string }>(app.request(`/api/runs/${run}`))).machine, 'heron');
  });

  test('nobody writes without a good token of the right scope', async () => {
    const before = await state();
    const revoked = await tokenFor(served.lab, 'submit', 'kite');
    await revokeToken(served.lab.database, revoked.split('_')[1] ?? '', new Date());
    const target = createApp(served.lab, { rateLimits: unlimited });
    const wrong = `${submit.slice(0, -4)}AAAA`;
    const statuses = [];
    for (const token of [undefined, '', 'nonsense', wrong, revoked, reader]) statuses.push((await upload(night.bytes, token, night.name, target)).status);
    assert.deepEqual(statuses, [401, 401, 401, 401, 401, 403]);
    assert.equal(await state(), before);
  });

  test('tokens are not in the database, only their hashes', async () => {
    const rows = await served.lab.database.query<{ text: string }>('select token::text as text from token');
    for (const { text } of rows) {
      assert.ok(!text.includes(submit.slice('armlab_0123456789ab_'.length)));
      assert.match(text, /[0-9a-f]{64}/);
    }
  });
});

const text = Buffer.from(night.bytes).toString();
const changed = (from: string, to: string): string => {
  assert.ok(text.includes(from), from);
  return text.replace(from, to);
};
const hostile: readonly (readonly [what: string, body: string | Uint8Array, code: string])[] = [
  ['nothing', '', 'result-truncated'],
  ['a file that was cut off', text.slice(0, text.length / 2), 'result-truncated'],
  ['a compressed file that was cut off', night.compressed.slice(0, night.compressed.length / 2), 'result-truncated'],
  ['a damaged compressed file', Uint8Array.from(night.compressed, (byte, index) => (index === 60 ? byte ^ 0xff : byte)), 'result-truncated'],
  ['HTML', '<html><script>alert(1)</script></html>', 'result-not-json'],
  ['bytes that are not text', Uint8Array.from([0xff, 0xfe, 0xfd, 0x00]), 'result-not-json'],
  ['a zip bomb', gzipSync(Buffer.alloc(80 * 2 ** 20, 0x20)), 'result-too-large'],
  ['JSON of another kind', '{"results": [1, 2, 3]}', 'result-invalid'],
  ['a later version of the format', changed('"1.0"', '"9.0"'), 'result-version'],
  ['brackets a hundred thousand deep', '['.repeat(100_000), 'result-too-deep'],
  ['NaN', changed('"values":[', '"values":[NaN,'), 'result-not-json'],
  ['a negative time', changed('"values":[', '"values":[-1,'), 'result-invalid'],
  ['a time that is a text', changed('"values":[', '"values":["1",'), 'result-invalid'],
  ['a time beyond all numbers', changed('"values":[', '"values":[1e999,'), 'result-invalid'],
  ['two benchmarks of one name', changed('"fannkuch"', '"nbody"'), 'result-invalid'],
  ['a NUL in a name', changed('"nbody"', String.raw`"nb\u0000dy"`), 'result-invalid'],
  ['half a character in a name', changed('"nbody"', String.raw`"nb\ud800dy"`), 'result-invalid'],
  ['a date that is none', changed('"nbody"', '""'), 'result-invalid'],
  ['a time that is yet to come', text.replaceAll(/20\d\d-\d\d-\d\d/g, '2199-05-04'), 'result-from-the-future'],
  ['a known benchmark in another unit', changed('"unit":"second"', '"unit":"byte"'), 'unit-differs'],
];

describe('what is refused changes nothing', () => {
  for (const [what, body, code] of hostile) {
    test(what, async () => {
      const before = await state();
      const response = await upload(body, submit);
      const { error, message } = await json<Failure>(response);
      assert.deepEqual([response.status, error], [422, code], message);
      assert.ok(message.length < 500, message);
      assert.equal(await state(), before);
    });
  }

  test('a body beyond the limit, with or without its length', async () => {
    const before = await state();
    const small = createApp(served.lab, { bodyBytes: 1000 });
    assert.equal((await upload(night.bytes, submit, night.name, small)).status, 413);
    const stream = new ReadableStream({ start: (controller) => {
      for (let part = 0; part < 10; part++) controller.enqueue(new Uint8Array(500));
      controller.close();
    } });
    const response = await small.request('/api/results', { method: 'POST', body: stream, duplex: 'half', headers: { Authorization: `Bearer ${submit}` } } as RequestInit);
    assert.equal(response.status, 413);
    assert.equal(await state(), before);
  });

  test('markup and formulas in names are only text', async () => {
    const name = '=HYPERLINK("x")<script>alert(1)</script>';
    const hostileNames = resultFile({ day: '2026-05-04', flags: [], commit: 'abcdef3', governor: 'performance', benchmarks: { [name]: 0.1 } });
    const { run } = await json<{ run: string }>(upload(hostileNames.bytes, submit, '<img src=x>.json'));
    const found = await app.request(`/api/runs/${run}`);
    assert.match(found.headers.get('content-type') ?? '', /^application\/json/);
    assert.equal(found.headers.get('x-content-type-options'), 'nosniff');
    assert.equal((await json<{ measurements: { benchmark: string }[] }>(found)).measurements[0]?.benchmark, name);
    const csv = await (await app.request('/api/benchmarks?format=csv')).text();
    assert.ok(!/(^|,)"?=/m.test(csv), csv);
  });
});

describe('readers', () => {
  test('anonymous ones see no host names and paths; a token shows them', async () => {
    const [run] = await json<{ key: string }[]>(app.request('/api/runs?machine=kite'));
    for (const path of [`/api/runs/${run?.key}`, '/api/machines', '/api/machines/kite', '/api/machines?format=csv', '/api/overview']) {
      const open = await (await app.request(path)).text();
      assert.ok(!/kite\.example\.org|\/home|maria/.test(open), `${path}: ${open}`);
    }
    const full = await (await app.request(`/api/runs/${run?.key}`, { headers: { Authorization: `Bearer ${reader}` } })).text();
    assert.match(full, /kite\.example\.org/);
    assert.match(full, /\/home\/maria/);
  });

  test('an answer that did not change is not sent again; what an upload changes is new at once', async () => {
    const get = (tag?: string, token?: string): Promise<Response> => Promise.resolve(app.request('/api/runs?limit=1', {
      headers: { ...(tag === undefined ? {} : { 'If-None-Match': tag }), ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) } }));
    const first = await get();
    const tag = first.headers.get('etag') ?? '';
    const again = await get(tag);
    assert.deepEqual([again.status, await again.text()], [304, '']);
    assert.equal((await get(tag, reader)).status, 200, 'other readers see other things');
    const late = resultFile({ day: '2026-06-01', flags: [], commit: 'abcdef9', governor: 'performance', benchmarks: { nbody: 0.1 } });
    await upload(late.bytes, submit, late.name);
    const changed = await get(tag);
    assert.equal(changed.status, 200);
    assert.equal((await json<{ commitId: string }[]>(changed))[0]?.commitId, 'abcdef9');
  });

  test('fifty readers at once, while a machine sends results', async () => {
    const target = createApp(served.lab, { rateLimits: unlimited });
    const paths = ['/api/overview', '/api/runs', '/api/machines/kite', '/api/series?machine=kite&variant=cpython-jit', '/api/changes'];
    const reads = Array.from({ length: 50 }, async (_, index) => {
      const statuses = [];
      for (let turn = 0; turn < 4; turn++) statuses.push((await target.request(paths[(index + turn) % paths.length] ?? '')).status);
      return statuses;
    });
    const writes = Array.from({ length: 5 }, async (_, index) => {
      const file = resultFile({ day: `2026-06-1${index}`, flags: [], commit: `bbbbbb${index}`, governor: 'performance', benchmarks: { nbody: 0.1 } });
      return (await upload(file.bytes, submit, file.name, target)).status;
    });
    assert.deepEqual(new Set((await Promise.all(reads)).flat()), new Set([200]));
    assert.deepEqual(await Promise.all(writes), [201, 201, 201, 201, 201]);
  });

  test('parameters are checked', async () => {
    const cases = { '/api/runs?since=yesterday': 400, '/api/runs?limit=-1': 400, '/api/series': 400, '/api/comparison?base=a&head=b': 404,
      '/api/runs/none': 404, '/api/changes?state=odd': 400, '/api/runs?format=xml': 400, '/api/nothing': 404, "/api/runs?machine=' or 1=1 --": 200,
      '/api/runs/%00': 400, '/api/runs?machine=%00': 400, '/api/changes?before=0000-01-01': 400, '/api/runs?since=0001-01-01T00:00:00%2B14:00': 400 };
    for (const [path, status] of Object.entries(cases)) {
      const response = await app.request(path);
      assert.equal(response.status, status, path);
      if (status === 200) assert.deepEqual(await response.json(), []);
    }
  });

  test('every sample is there for programs, and the rows of CSV have no objects in their cells', async () => {
    const [run] = await json<{ key: string; machine: string }[]>(app.request('/api/runs?limit=1'));
    assert.ok(run !== undefined);
    const path = `/api/runs/${run.key}/samples?benchmark=nbody`;
    const { runs } = await json<{ runs: { values: number[]; warmups: unknown[] }[] }>(app.request(path));
    const rows = (await (await app.request(`${path}&format=csv`)).text()).trim().split('\n');
    assert.equal(rows[0], 'process,kind,position,loops,value');
    assert.equal(rows.length - 1, runs.flatMap(({ values, warmups }) => [...values, ...warmups]).length);
    assert.deepEqual([(await app.request(`/api/runs/${run.key}/samples`)).status, (await app.request(`/api/runs/${run.key}/samples?benchmark=none`)).status], [400, 404]);
    for (const list of ['/api/overview', '/api/changes', `/api/machines/${run.machine}`, `/api/runs/${run.key}`]) {
      const response = await app.request(`${list}?format=csv`);
      assert.match(response.headers.get('content-type') ?? '', /^text\/csv/, list);
      assert.doesNotMatch(await response.text(), /\{/, list);
    }
    assert.ok(Array.isArray((await json<{ noise: unknown }>(app.request(`/api/machines/${run.machine}`))).noise));
  });

  test('who asks too often, or guesses tokens, has to wait', async () => {
    const target = createApp(served.lab, { rateLimits: { reads: 5, writes: 5, refusals: 2 } });
    const statuses = [];
    for (let count = 0; count < 7; count++) statuses.push((await target.request('/api/machines')).status);
    assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429, 429]);
    const refused = createApp(served.lab, { rateLimits: { ...unlimited, refusals: 2 } });
    const guesses = [];
    for (let count = 0; count < 5; count++) guesses.push((await upload(night.bytes, 'guess', night.name, refused)).status);
    assert.deepEqual(guesses, [401, 401, 401, 429, 429]);
  });
});
