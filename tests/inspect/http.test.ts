/** Remote wheels, from a server of our own that can misbehave. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Request } from '#check/binary/bytes/http.ts';
import { openUrl } from '#check/binary/bytes/http.ts';
import { Unreadable } from '#check/binary/bytes/unreadable.ts';
import { buildElf, codesOf, everything, fileMember, inspectOne, workDirectory } from './harness.ts';
import { zip } from './zip-writer.ts';

const directory = workDirectory();
const name = 'demo-1.0-cp312-cp312-manylinux_2_28_aarch64.whl';
const native = fileMember('demo/_demo.cpython-312-aarch64-linux-gnu.so', buildElf(directory, 'remote.so'));
/** Twenty megabytes that nobody needs to look at, and one library. */
const wheel = zip([{ name: 'demo/data.json', bytes: Buffer.alloc(20 * 1024 * 1024, 'x'), stored: true }, native, { name: 'demo/__init__.py', bytes: Buffer.from('\n') }]);

const noise = randomBytes(8 << 20);
writeFileSync(join(directory, 'random'), noise);

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

function part(request: IncomingMessage, response: ServerResponse, change: (first: number, last: number) => { range?: string; body?: Buffer } = () => ({})): void {
  const [, first = '0', last = '0'] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  const { range, body } = { range: `bytes ${first}-${last}/${wheel.length}`, body: wheel.subarray(Number(first), Number(last) + 1), ...change(Number(first), Number(last)) };
  sent += body.length;
  response.writeHead(206, { 'content-range': range }).end(body);
}

let sent = 0;
let failures = 0;
const handlers: Readonly<Record<string, Handler>> = {
  'ranges': (request, response) => { part(request, response); },
  'whole': (_request, response) => { response.writeHead(200).end(wheel); },
  'missing': (_request, response) => { response.writeHead(404).end(); },
  'busy-once': (request, response) => {
    failures += 1;
    if (failures === 1) response.writeHead(503).end();
    else part(request, response);
  },
  'no-size': (request, response) => { part(request, response, (first, last) => ({ range: `bytes ${first}-${last}/*` })); },
  'other-part': (request, response) => { part(request, response, (first, last) => (first === 0 && last === 0 ? {} : { range: `bytes 0-${last - first}/${wheel.length}` })); },
  'too-much': (request, response) => { part(request, response, (first, last) => (last === 0 ? {} : { body: Buffer.alloc(last - first + 100) })); },
  'too-little': (request, response) => { part(request, response, (first, last) => (last === 0 ? {} : { body: wheel.subarray(first, last) })); },
  'shrinks': (request, response) => { part(request, response, (first, last) => (last === 0 ? {} : { range: `bytes ${first}-${last}/${wheel.length - 1}` })); },
  'hangs': () => undefined,
  'stops': (_request, response) => { response.writeHead(200).write(wheel.subarray(0, 1000)); },
  'circle': (_request, response) => { response.writeHead(302, { location: '/circle/x' }).end(); },
  'moved': (_request, response) => { response.writeHead(302, { location: `/ranges/${name}` }).end(); },
  'file': (_request, response) => { response.writeHead(302, { location: 'file:///etc/passwd' }).end(); },
};

let server: Server;
let origin = '';
before(async () => {
  server = createServer((request, response) => {
    const handler = handlers[request.url?.split('/')[1] ?? ''];
    if (handler === undefined) response.writeHead(404).end();
    else handler(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

describe('a remote wheel', () => {
  test('is looked into without fetching all of it', async () => {
    sent = 0;
    const report = await inspectOne(`${origin}/ranges/${name}`);
    assert.deepEqual([codesOf(report), report.natives.map(({ path }) => path)], [[], [native.name]]);
    assert.ok(sent < wheel.length / 10, `${sent} bytes of ${wheel.length}`);
  });

  test('of a library that is stored, only what is looked at is fetched; one that is compressed comes with one request', async () => {
    // Tables for debuggers: eight megabytes that do not shrink.
    const padded = buildElf(directory, 'padded.so', { source: `int answer(void) { return 42; }\nasm(".section .pad,\\"\\",@progbits\\n.incbin \\"${join(directory, 'random')}\\"\\n.text");` });
    const bytes = readFileSync(padded);
    assert.ok(bytes.length > noise.length);
    const path = 'demo/_demo.cpython-312-aarch64-linux-gnu.so';
    for (const [stored, most, requestsAtMost] of [[true, 1 << 20, 20], [false, bytes.length + (1 << 20), 12]] as const) {
      const archive = zip([{ name: path, bytes, stored }]);
      let [fetched, requests] = [0, 0];
      const request: Request = (_url, { headers }) => {
        const [, first = '0', last = '0'] = /^bytes=(\d+)-(\d+)$/.exec(headers['range'] ?? '') ?? [];
        const body = archive.subarray(Number(first), Number(last) + 1);
        fetched += body.length;
        requests += 1;
        return Promise.resolve(new Response(body, { status: 206, headers: { 'content-range': `bytes ${first}-${last}/${archive.length}` } }));
      };
      const report = await inspectOne(`https://93.184.216.34/${name}`, { ...everything, http: { request } });
      assert.deepEqual([codesOf(report), report.natives.map(({ scan }) => (scan?.words ?? 0) > 0)], [[], [true]]);
      assert.ok(fetched < most && requests <= requestsAtMost, `${fetched} bytes in ${requests} requests`);
    }
  });

  test('a line that breaks is taken up where it broke', async () => {
    const archive = zip([native, { name: 'demo/noise.so', bytes: Buffer.concat([native.bytes, noise]) }]);
    let breaks = 0;
    const request: Request = (_url, { headers }) => {
      const [, first = '0', last = '0'] = /^bytes=(\d+)-(\d+)$/.exec(headers['range'] ?? '') ?? [];
      const body = archive.subarray(Number(first), Number(last) + 1);
      const isBroken = body.length > noise.length / 2 && breaks < 2;
      if (isBroken) breaks += 1;
      const parts = isBroken ? [body.subarray(0, 3_000_000)] : [body];
      const stream = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          const next = parts.shift();
          if (next !== undefined) controller.enqueue(next);
          else if (isBroken) controller.error(new TypeError('terminated'));
          else controller.close();
        },
      });
      return Promise.resolve(new Response(stream, { status: 206, headers: { 'content-range': `bytes ${first}-${last}/${archive.length}` } }));
    };
    const report = await inspectOne(`https://93.184.216.34/${name}`, { ...everything, http: { request } });
    assert.deepEqual([breaks, codesOf(report), report.natives.length], [2, [], 2]);
  });

  for (const way of ['whole', 'moved', 'busy-once']) {
    test(`from a server of the kind "${way}"`, async () => {
      const report = await inspectOne(`${origin}/${way}/${name}`);
      assert.deepEqual([codesOf(report), report.natives.length], [[], 1]);
    });
  }

  for (const [way, expected] of [
    ['missing', /answers 404/], ['no-size', /Content-Range/], ['other-part', /part "bytes 0-/], ['too-much', /more bytes than it announced/],
    ['too-little', /sends \d+ of \d+ bytes/], ['shrinks', /to a request for the bytes/], ['circle', /more than 5 redirects/], ['file', /redirect to file:/],
  ] as const) {
    test(`from a server of the kind "${way}": a finding`, async () => {
      const report = await inspectOne(`${origin}/${way}/${name}`);
      assert.deepEqual(codesOf(report), ['unreadable']);
      assert.match(report.findings[0]?.message ?? '', expected);
    });
  }

  test('a server that hangs is given up', async () => {
    const report = await inspectOne(`${origin}/hangs/${name}`, { ...everything, http: { timeout: 50 } });
    assert.match(report.findings[0]?.message ?? '', /cannot be reached: nothing came for 50 ms/);
    const half = await inspectOne(`${origin}/stops/${name}`, { ...everything, http: { timeout: 300 } });
    assert.match(half.findings[0]?.message ?? '', /broke off after \d+ bytes: nothing came for 300 ms|cannot be reached/);
  });

  test('a public server does not send us to private addresses, nor from https to http', async () => {
    const redirectTo = (location: string): Request => () => Promise.resolve(new Response(null, { status: 302, headers: { location } }));
    for (const [url, location, expected] of [
      ['https://93.184.216.34/x.whl', 'https://10.0.0.1/x', /private address 10\.0\.0\.1/], ['https://93.184.216.34/x.whl', 'https://127.0.0.1:8080/x', /private address/],
      ['https://93.184.216.34/x.whl', 'https://[::1]/x', /private address/], ['https://93.184.216.34/x.whl', 'https://169.254.169.254/latest/meta-data', /private address/],
      ['https://93.184.216.34/x.whl', 'http://[', /no address/],
      ['https://93.184.216.34/x.whl', 'http://93.184.216.35/x', /from https to http/],
    ] as const) {
      await assert.rejects(openUrl(url, { request: redirectTo(location) }), (error) => error instanceof Unreadable && expected.test(error.message));
    }
  });

  test('a host that is not there', async () => {
    const request: Request = () => Promise.reject(new TypeError('fetch failed', { cause: new Error('getaddrinfo ENOTFOUND nowhere.invalid') }));
    await assert.rejects(openUrl('https://nowhere.invalid/x.whl', { request }), /cannot be reached: fetch failed: getaddrinfo ENOTFOUND/);
  });
});
