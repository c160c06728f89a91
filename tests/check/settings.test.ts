/** Where packages come from: configuration of pip and uv, directories, conda channels. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { parseNetrc, splitCredentials } from '#check/indexes/credentials.ts';
import { combineSettings, installerSettings, parseIni } from '#check/indexes/installer-settings.ts';
import { parsePage } from '#check/indexes/simple-page.ts';
import { noSettings } from '#check/project/model.ts';
import { cellsOf, checkNames, checkPath, optionsFor, writeFiles } from './harness.ts';
import { jsonIndex, serve } from './index-server.ts';

const urls = (settings: ReturnType<typeof installerSettings>): readonly string[] => settings.indexes.map(({ url, isDefault }) => `${url}${isDefault ? ' (default)' : ''}`);

test('pip: its files, then its variables', (t) => {
  const home = writeFiles(t, {
    '.config/pip/pip.conf': '[global]\nindex-url = https://a.example/simple\nextra-index-url =\n    https://b.example/simple\n    https://c.example/simple\n# comment\n[install]\nfind_links = /wheels\n',
  });
  const environment = { HOME: home };
  assert.deepEqual(urls(installerSettings('pip', environment, home)), ['https://a.example/simple (default)', 'https://b.example/simple', 'https://c.example/simple']);
  assert.deepEqual(installerSettings('pip', environment, home).findLinks, ['/wheels']);
  assert.deepEqual(urls(installerSettings('pip', { ...environment, PIP_INDEX_URL: 'https://d.example' }, home))[0], 'https://d.example (default)');
  assert.equal(installerSettings('pip', { ...environment, PIP_NO_INDEX: '1' }, home).noIndex, true);
});

test('uv: uv.toml above the project, and its variables', (t) => {
  const home = writeFiles(t, { 'uv.toml': '[[index]]\nname = "corp"\nurl = "https://corp.example/simple"\ndefault = true\n[[index]]\nname = "pytorch"\nurl = "https://t.example"\nexplicit = true\n', 'a/b/x': '' });
  const settings = installerSettings('uv', { HOME: home, UV_INDEX: 'extra=https://e.example/simple https://f.example' }, join(home, 'a', 'b'));
  assert.deepEqual(urls(settings), ['https://e.example/simple', 'https://f.example', 'https://corp.example/simple (default)', 'https://t.example']);
  assert.deepEqual(settings.indexes.map(({ isExplicit }) => isExplicit), [false, false, false, true]);
});

test('the first default takes the place of PyPI and comes last', () => {
  const one = { url: 'https://one', isDefault: true, isExplicit: false };
  const extra = { url: 'https://extra', isDefault: false, isExplicit: false };
  assert.deepEqual(combineSettings([noSettings, { ...noSettings, indexes: [one, extra] }, { ...noSettings, indexes: [{ ...one, url: 'https://two' }] }]).indexes.map(({ url }) => url), ['https://extra', 'https://one']);
  assert.deepEqual(combineSettings([noSettings]).indexes.map(({ url }) => url), ['https://pypi.org/simple/']);
});

test('INI files, .netrc and addresses with a password', () => {
  assert.deepEqual([...parseIni('a = 1\n[s]\nb: 2\n  3\n; no\nc =\n')], [['.a', '1'], ['s.b', '2 3'], ['s.c', '']]);
  assert.deepEqual([...parseNetrc('machine a login x password y\nmacdef init\n  cd /\n\ndefault login z password w\n')], [['a', { user: 'x', password: 'y' }], ['', { user: 'z', password: 'w' }]]);
  assert.deepEqual(splitCredentials('https://u%40:p%2F@host/simple/'), { url: 'https://host/simple/', login: { user: 'u@', password: 'p/' } });
});

test('HTML pages: entities, attributes without quotes, a base, yanked files', () => {
  const page = parsePage('<!doctype html><base href="https://files.example/"><a href="a/x-1.0-py3-none-any.whl#sha256=AB" data-requires-python="&gt;=3.9,<4">x</a>'
    + "<A HREF='x-2.0%2Bcpu-py3-none-any.whl' data-yanked='bad' data-core-metadata=sha256=00>x</A><a name=none>y</a>", 'text/html', 'https://index.example/simple/x/');
  assert.deepEqual(page.files.map(({ filename, url, hashes, requiresPython, yanked, hasMetadata }) => [filename, url, hashes, requiresPython, yanked, hasMetadata]), [
    ['x-1.0-py3-none-any.whl', 'https://files.example/a/x-1.0-py3-none-any.whl', ['sha256=ab'], '>=3.9,<4', undefined, undefined],
    ['x-2.0+cpu-py3-none-any.whl', 'https://files.example/x-2.0%2Bcpu-py3-none-any.whl', [], undefined, 'bad', true],
  ]);
});

test('directories of files: --find-links and an index on disk', async (t) => {
  const directory = writeFiles(t, { 'wheels/my_pkg-1.0-py3-none-any.whl': '', 'wheels/other-1.0.tar.gz': '', 'simple/my-pkg/index.html': '<!doctype html><a href="my_pkg-2.0.tar.gz">x</a>' });
  const options = optionsFor('linux', ['3.12'], undefined, { settings: { ...noSettings, noIndex: true, findLinks: [join(directory, 'wheels')] } });
  assert.deepEqual(Object.values(cellsOf(await checkNames(['my.pkg', 'other'], options))), ['wheel my_pkg-1.0-py3-none-any.whl', 'source other-1.0.tar.gz']);
  assert.deepEqual(Object.values(cellsOf(await checkNames(['my.pkg'], optionsFor('linux', ['3.12'], `file://${directory}/simple`)))), ['source my_pkg-2.0.tar.gz']);
});

test('hashes of a requirement leave only the files that have them', async (t) => {
  const { url } = await serve(t, jsonIndex({ x: [{ filename: 'x-1.0-cp312-cp312-win_arm64.whl', hashes: { sha256: 'aa' } }, { filename: 'x-1.0.tar.gz', hashes: { sha256: 'bb' } }] }));
  const path = join(writeFiles(t, { 'requirements.txt': 'x==1.0 --hash=sha256:bb\n' }), 'requirements.txt');
  assert.deepEqual(Object.values(cellsOf(await checkPath(path, optionsFor('windows', ['3.12'], `${url}/simple`)))), ['source x-1.0.tar.gz']);
});

test('--only-binary and --no-binary', async (t) => {
  const { url } = await serve(t, jsonIndex({ x: ['x-1.0-cp312-cp312-win_arm64.whl', 'x-1.1.tar.gz'] }));
  const ask = async (line: string) => Object.values(cellsOf(await checkPath(join(writeFiles(t, { 'requirements.txt': `${line}\nx\n` }), 'requirements.txt'), optionsFor('windows', ['3.12'], `${url}/simple`)))).join();
  assert.equal(await ask(''), 'source x-1.1.tar.gz');
  assert.equal(await ask('--only-binary :all:'), 'wheel x-1.0-cp312-cp312-win_arm64.whl');
  assert.match(await ask('--only-binary :all:\n--no-binary x'), /^source x-1\.1/);
});

test('conda channels', async (t) => {
  const file = (version: string, subdir: string, build: string) => ({ version, basename: `${subdir}/numpy-${version}-${build}.conda`, attrs: { subdir, build } });
  const server = await serve(t, (request, response) => {
    if (request.url !== '/package/conda-forge/numpy') response.writeHead(404).end('{}');
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ files: [file('1.26.4', 'linux-aarch64', 'py312h1_0'), file('1.26.4', 'linux-64', 'py312h1_0'), file('2.0.0', 'osx-arm64', 'py312h1_0')] }));
  });
  const path = join(writeFiles(t, { 'environment.yml': 'channels: [conda-forge]\ndependencies:\n  - numpy=1.26\n  - nothing\n' }), 'environment.yml');
  const options = { ...optionsFor('all', ['3.12'], server.url), environment: { HOME: '/nonexistent', PIP_CONFIG_FILE: '/dev/null', ARMATURE_CONDA_API: server.url } };
  const cells = cellsOf(await checkPath(path, options));
  assert.equal(cells['numpy manylinux_2_28_aarch64 3.12'], 'wheel linux-aarch64/numpy-1.26.4-py312h1_0.conda');
  assert.equal(cells['numpy win_arm64 3.12'], 'cannot-install conda-forge has it for linux-64, linux-aarch64, not for win-arm64 with Python 3.12');
  assert.equal(cells['numpy musllinux_1_2_aarch64 3.12'], 'cannot-install conda has no packages for musl');
  assert.match(cells['nothing win_arm64 3.12'] ?? '', /^cannot-install conda-forge has no version/);
});
