/** Indexes: what they have, and what happens when they lie, hang, or lead elsewhere. */
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { isPrivateAddress } from '#check/indexes/private-address.ts';
import { noSettings } from '#check/project/model.ts';
import { temporaryDirectory } from '../cli/harness.ts';
import { cellsOf, checkNames, optionsFor } from './harness.ts';
import { htmlIndex, jsonIndex, serve } from './index-server.ts';

const numpy = ['numpy-2.2.6.tar.gz', 'numpy-2.2.6-cp312-cp312-win_amd64.whl', 'numpy-2.3.0-cp312-cp312-win_arm64.whl', 'numpy-2.3.0.tar.gz'];

test('JSON and HTML pages give the same answer', async (t) => {
  const answers = [];
  for (const handler of [jsonIndex({ numpy }), htmlIndex({ numpy })]) {
    const { url } = await serve(t, handler);
    answers.push(cellsOf(await checkNames(['numpy'], optionsFor('windows', ['3.11', '3.12'], `${url}/simple/`))));
  }
  assert.deepEqual(answers[0], { 'numpy win_arm64 3.11': 'source numpy-2.3.0.tar.gz', 'numpy win_arm64 3.12': 'wheel numpy-2.3.0-cp312-cp312-win_arm64.whl' });
  assert.deepEqual(answers[1], answers[0]);
});

test('pip merges indexes; uv stays with the first that has the package', async (t) => {
  const first = await serve(t, jsonIndex({ numpy: ['numpy-2.2.6-cp312-cp312-win_arm64.whl'] }));
  const second = await serve(t, jsonIndex({ numpy }));
  const settings = { ...noSettings, indexes: [{ url: `${first.url}/simple`, isDefault: false, isExplicit: false }, { url: `${second.url}/simple`, isDefault: true, isExplicit: false }] };
  const ask = async (installer: 'pip' | 'uv') => cellsOf(await checkNames(['numpy'], optionsFor('windows', ['3.12'], first.url, { settings, installer })));
  assert.deepEqual(await ask('pip'), { 'numpy win_arm64 3.12': 'wheel numpy-2.3.0-cp312-cp312-win_arm64.whl' });
  assert.deepEqual(await ask('uv'), { 'numpy win_arm64 3.12': 'wheel numpy-2.2.6-cp312-cp312-win_arm64.whl' });
});

test('requires-python, withdrawn files and pre-releases', async (t) => {
  const { url } = await serve(t, jsonIndex({ a: [
    { filename: 'a-3.0rc1-py3-none-any.whl' }, { filename: 'a-2.1-py3-none-any.whl', yanked: 'broken' },
    { filename: 'a-2.0-py3-none-any.whl', 'requires-python': '>=3.13' }, 'a-1.0-py3-none-any.whl',
  ] }));
  const ask = async (...names: string[]) => cellsOf(await checkNames(names, optionsFor('linux', ['3.12', '3.13'], `${url}/simple`)));
  assert.deepEqual(await ask('a'), { 'a manylinux_2_28_aarch64 3.12': 'wheel a-1.0-py3-none-any.whl', 'a manylinux_2_28_aarch64 3.13': 'wheel a-2.0-py3-none-any.whl' });
  assert.match((await ask('a>=3.0rc1'))['a manylinux_2_28_aarch64 3.12'] ?? '', /^wheel a-3.0rc1/);
  assert.match((await ask('a==2.1'))['a manylinux_2_28_aarch64 3.12'] ?? '', /^wheel a-2.1/);
});

test('dependencies of what is not locked are followed through METADATA', async (t) => {
  const metadata = 'Metadata-Version: 2.1\nName: app\nVersion: 1.0\nRequires-Dist: numpy <2.3\nRequires-Dist: pywin32 ; sys_platform == "win32"\nRequires-Dist: never ; extra == "x"\n\nText\nRequires-Dist: no\n';
  const { url } = await serve(t, jsonIndex({ app: [{ filename: 'app-1.0-py3-none-any.whl', metadata }], numpy, pywin32: ['pywin32-311-cp312-cp312-win_arm64.whl'] }));
  const answers = await checkNames(['app'], optionsFor('windows,linux', ['3.12'], `${url}/simple`, { isTransitive: true }));
  assert.deepEqual(cellsOf(answers), {
    'app win_arm64 3.12': 'wheel app-1.0-py3-none-any.whl', 'app manylinux_2_28_aarch64 3.12': 'wheel app-1.0-py3-none-any.whl',
    'numpy win_arm64 3.12': 'source numpy-2.2.6.tar.gz', 'numpy manylinux_2_28_aarch64 3.12': 'source numpy-2.2.6.tar.gz',
    'pywin32 win_arm64 3.12': 'wheel pywin32-311-cp312-cp312-win_arm64.whl',
    'pywin32 manylinux_2_28_aarch64 3.12': 'not-needed nothing needs it on this system and Python',
  });
  assert.deepEqual(answers[0]?.rows.map(({ neededBy }) => neededBy), [[], ['app'], ['app']]);
});

test('what a source needs is read from a wheel of the same version; wishes that collide need a resolver', async (t) => {
  const metadata = (needs: string): string => `Metadata-Version: 2.1\nRequires-Dist: ${needs}\n`;
  const { url } = await serve(t, jsonIndex({
    a: ['a-1.0.tar.gz', { filename: 'a-1.0-cp312-cp312-win_amd64.whl', metadata: metadata('shared <2') }], b: [{ filename: 'b-1.0-py3-none-any.whl', metadata: metadata('shared >=2') }],
    shared: ['shared-1.0-py3-none-any.whl', 'shared-2.0-py3-none-any.whl'],
  }));
  const ask = async (...names: string[]) => cellsOf(await checkNames(names, optionsFor('windows', ['3.12'], `${url}/simple`, { isTransitive: true })));
  assert.deepEqual(await ask('a'), { 'a win_arm64 3.12': 'source a-1.0.tar.gz', 'shared win_arm64 3.12': 'wheel shared-1.0-py3-none-any.whl' });
  assert.match((await ask('a', 'b'))['shared win_arm64 3.12'] ?? '', /^unknown needs a resolver: <2,>=2 is wanted, by a, b/);
});

test('the cache answers without the network, and is asked again with its tag', async (t) => {
  const { url, requests } = await serve(t, jsonIndex({ numpy }));
  const environment = { XDG_CACHE_HOME: temporaryDirectory(t), HOME: '/nonexistent', PIP_CONFIG_FILE: '/dev/null' };
  const ask = async (isOffline: boolean) => cellsOf(await checkNames(['numpy'], optionsFor('windows', ['3.12'], `${url}/simple`, { usesCache: true, environment, isOffline })));
  const online = await ask(false);
  assert.deepEqual(await ask(false), online);
  assert.deepEqual(await ask(true), online);
  assert.equal(requests.filter((path) => path === '/simple/numpy/').length, 1);
});

test('users and passwords of an address and of .netrc', async (t) => {
  const seen: (string | undefined)[] = [];
  const { port } = await serve(t, (request, response) => {
    seen.push(request.headers.authorization);
    jsonIndex({ numpy })(request, response);
  });
  const netrc = join(temporaryDirectory(t), 'netrc');
  writeFileSync(netrc, '# a comment\nmachine 127.0.0.1\n  login ann\n  password s3cret\n');
  await checkNames(['numpy'], optionsFor('windows', ['3.12'], `http://bob:p%40ss@127.0.0.1:${port}/simple`));
  await checkNames(['numpy'], optionsFor('windows', ['3.12'], `http://127.0.0.1:${port}/simple`, { environment: { NETRC: netrc, PIP_CONFIG_FILE: '/dev/null', HOME: '/nonexistent' } }));
  const plain = seen.map((header) => Buffer.from(header?.split(' ')[1] ?? '', 'base64').toString());
  assert.ok(plain.includes('bob:p@ss') && plain.includes('ann:s3cret'), plain.join(' '));
});

test('a proxy is used, except where it must not be', async (t) => {
  const proxy = await serve(t, (request, response) => { jsonIndex({ numpy })({ ...request, url: new URL(request.url ?? '').pathname } as typeof request, response); });
  const environment = { http_proxy: proxy.url, HOME: '/nonexistent', PIP_CONFIG_FILE: '/dev/null' };
  const ask = async (more: object) => cellsOf(await checkNames(['numpy'], optionsFor('windows', ['3.12'], 'http://index.invalid/simple', { environment: { ...environment, ...more } })));
  assert.deepEqual(await ask({}), { 'numpy win_arm64 3.12': 'wheel numpy-2.3.0-cp312-cp312-win_arm64.whl' });
  assert.deepEqual(proxy.requests, ['http://index.invalid/simple/numpy/']);
  assert.match((await ask({ NO_PROXY: '.invalid' }))['numpy win_arm64 3.12'] ?? '', /^unknown/);
});

describe('an index that', () => {
  /** One bad package beside a good one, which must still be answered. */
  async function besideGood(t: Parameters<typeof serve>[0], bad: Parameters<typeof serve>[1], timeoutMilliseconds = 10_000): Promise<string> {
    const { url } = await serve(t, (request, response) => { (request.url === '/simple/bad/' ? bad : jsonIndex({ good: ['good-1.0-py3-none-any.whl'] }))(request, response); });
    const answers = cellsOf(await checkNames(['bad', 'good'], optionsFor('linux', ['3.12'], `${url}/simple`, { timeoutMilliseconds })));
    assert.equal(answers['good manylinux_2_28_aarch64 3.12'], 'wheel good-1.0-py3-none-any.whl');
    return answers['bad manylinux_2_28_aarch64 3.12'] ?? '';
  }

  test('redirects to a private address is not followed', async (t) => {
    const inner = await serve(t, jsonIndex({ bad: ['bad-1.0-py3-none-any.whl'] }));
    for (const location of [`${inner.url}/simple/bad/`, 'http://169.254.169.254/latest/meta-data/', 'http://localhost:1/', 'http://[::1]:1/', 'file:///etc/passwd']) {
      assert.match(await besideGood(t, (_request, response) => response.writeHead(302, { location }).end()), /private address|no address of an index/);
    }
    assert.deepEqual(inner.requests, []);
  });

  test('redirects in a circle', async (t) => {
    assert.match(await besideGood(t, (_request, response) => response.writeHead(301, { location: '/simple/bad/' }).end()), /redirects more than 5 times/);
  });

  test('hangs', async (t) => {
    assert.match(await besideGood(t, () => undefined, 300), /did not answer within 0.3 s/);
    assert.match(await besideGood(t, (_request, response) => response.writeHead(200).write('{'), 300), /did not answer within 0.3 s/);
  });

  test('sends what is no page', async (t) => {
    const say = (body: string, contentType: string) => besideGood(t, (_request, response) => response.writeHead(200, { 'content-type': contentType }).end(body));
    assert.match(await say('{"meta": ', 'application/json'), /^unknown .*not JSON/);
    assert.match(await say('{"meta": {"api-version": "2.0"}, "files": []}', 'application/json'), /API version is "2.0"/);
    // Read in one walk, though no tag ends.
    assert.match(await say(`<html>${'<a '.repeat(1_000_000)}`, 'text/html'), /no index has it/);
    assert.match(await say('hello', 'text/plain'), /neither JSON nor HTML/);
  });

  test('lists files of others, and nonsense', async (t) => {
    const { url } = await serve(t, jsonIndex({ bad: ['good-1.0-py3-none-any.whl', 'bad-1.0-py3-none-any.whl', '../../bad-2.0-py3-none-any.whl', 'bad-3.0-py3.whl', `bad-${'9.'.repeat(5000)}-py3-none-any.whl`] }));
    const answers = await checkNames(['bad'], optionsFor('linux', ['3.12'], `${url}/simple`));
    assert.deepEqual(Object.values(cellsOf(answers)), ['wheel bad-1.0-py3-none-any.whl']);
    assert.match(answers[0]?.rows[0]?.notes.join() ?? '', /3 files that are not files of bad/);
  });

  test('sends a bomb', async (t) => {
    const bomb = gzipSync(Buffer.alloc(200 << 20));
    assert.match(await besideGood(t, (_request, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb)), /sends more than 128 MB/);
  });

  test('fails now and then is asked again', async (t) => {
    let count = 0;
    assert.match(await besideGood(t, (request, response) => {
      count += 1;
      if (count === 1) response.writeHead(503).end();
      else jsonIndex({ bad: ['bad-1.0-py3-none-any.whl'] })(request, response);
    }), /^wheel/);
  });

  test('is not there', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    const { port } = await new Promise<AddressInfo>((resolve) => server.once('listening', () => { resolve(server.address() as AddressInfo); }));
    await new Promise((resolve) => server.close(resolve));
    assert.match(Object.values(cellsOf(await checkNames(['a', 'b'], optionsFor('linux', ['3.12'], `http://127.0.0.1:${port}/simple`)))).join(), /cannot be reached \(ECONNREFUSED\)/);
  });
});

test('private addresses', () => {
  for (const address of ['127.0.0.1', '10.1.2.3', '172.31.0.1', '192.168.1.1', '169.254.169.254', '100.64.0.1', '0.0.0.0', '::1', '[::1]', 'fe80::1', 'fd00::1', '::ffff:10.0.0.1', '::ffff:a00:1', '224.0.0.1']) {
    assert.ok(isPrivateAddress(address), address);
  }
  for (const address of ['8.8.8.8', '172.32.0.1', '151.101.0.223', '2a04:4e42::223', 'pypi.org', '11.0.0.1']) assert.ok(!isPrivateAddress(address), address);
});
