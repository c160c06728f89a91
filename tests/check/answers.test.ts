/** What is answered, why, and what to do: decisions that people look at. */
import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { describe, test } from 'node:test';
import { askInstallability } from '#check/index.ts';
import { lintMarker } from '#check/markers/lint.ts';
import { parseMarker } from '#check/markers/marker.ts';
import { readSourceBuild } from '#check/answer/source-build.ts';
import { findingsOf } from '#check/report/findings.ts';
import { cellsOf, checkNames, optionsFor, writeFiles } from './harness.ts';
import { jsonIndex, serve } from './index-server.ts';

async function answersFor(t: Parameters<typeof serve>[0], files: readonly string[], target: string, pythons: readonly string[], more: Parameters<typeof optionsFor>[3] = {}) {
  const { url } = await serve(t, jsonIndex({ x: files }));
  return checkNames(['x'], optionsFor(target, pythons, `${url}/simple`, more));
}

async function rejections(t: Parameters<typeof serve>[0], filename: string, target: string, python: string, more: Parameters<typeof optionsFor>[3] = {}): Promise<string> {
  const [answer] = await answersFor(t, [filename], target, [python], more);
  const cell = answer?.rows[0]?.cells[0]?.answer;
  return cell !== undefined && 'rejected' in cell ? cell.rejected.map(({ reason }) => reason).join() : '';
}

describe('why a wheel is not taken', () => {
  const cases: readonly (readonly [filename: string, target: string, python: string, reason: string])[] = [
    ['x-1-cp312-cp312-manylinux_2_35_aarch64.whl', 'manylinux_2_31_aarch64', '3.12', 'needs glibc 2.35 or later'],
    ['x-1-cp312-cp312-musllinux_1_2_aarch64.whl', 'linux', '3.12', 'is for musl, not glibc'],
    ['x-1-cp312-cp312-manylinux_2_17_aarch64.whl', 'alpine', '3.12', 'is for glibc, not musl'],
    ['x-1-cp312-cp312-macosx_14_0_arm64.whl', 'macos', '3.12', 'needs macOS 14.0 or later'],
    ['x-1-cp312-cp312-macosx_10_9_arm64.whl', 'macos', '3.12', 'macosx_10_9_arm64 matches no system: macOS on Arm begins with 11'],
    ['x-1-cp312-cp312-win_amd64.whl', 'windows', '3.12', 'is for win_amd64'],
    ['x-1-cp313-cp313-win_arm64.whl', 'windows', '3.12', 'is for cp313'],
    ['x-1-cp313-abi3-win_arm64.whl', 'windows', '3.12', 'uses the stable ABI of Python 3.13 and later'],
    ['x-1-cp39-abi3-win_arm64.whl', 'windows', '3.13t', 'abi3 is the stable ABI of builds with the GIL; a free-threaded build takes abi3t (PEP 803)'],
    ['x-1-cp315-abi3t-win_arm64.whl', 'windows', '3.15', 'abi3t alone is for free-threaded builds; a build with the GIL takes abi3'],
    ['x-1-cp313-cp313-win_arm64.whl', 'windows', '3.13t', 'is for the build with the GIL'],
    ['x-1-cp313-cp313t-win_arm64.whl', 'windows', '3.13', 'is for the free-threaded build'],
    ['x-1-cp312-cp312-win_arm64-sve2.whl', 'windows', '3.12', 'is a variant (sve2, PEP 825), which installers do not choose yet'],
  ];
  for (const [filename, target, python, reason] of cases) {
    test(`${filename} on ${target}, ${python}`, async (t) => { assert.equal(await rejections(t, filename, target, python), reason); });
  }

  test('uv takes no abi3t wheel', async (t) => {
    assert.equal(await rejections(t, 'x-1-cp315-abi3.abi3t-win_arm64.whl', 'windows', '3.15t', { installer: 'uv' }), 'uv does not choose abi3t wheels yet');
    assert.equal(await rejections(t, 'x-1-cp315-abi3.abi3t-win_arm64.whl', 'windows', '3.15t'), '');
  });
});

test('abi3 is explained where it answers', async (t) => {
  const [answer] = await answersFor(t, ['x-1-cp311-abi3-win_arm64.whl'], 'windows', ['3.12', '3.14']);
  for (const { answer: cell } of answer?.rows[0]?.cells ?? []) {
    assert.equal('note' in cell ? cell.note : '', 'abi3: one wheel for builds with the GIL of Python 3.11 and every later 3.x, this one included');
  }
});

test('musl: pip takes the newest platform, uv the oldest', async (t) => {
  const files = ['x-1-cp312-cp312-musllinux_1_1_aarch64.whl', 'x-1-cp312-cp312-musllinux_1_2_aarch64.whl'];
  assert.deepEqual(Object.values(cellsOf(await answersFor(t, files, 'alpine', ['3.12']))), ['wheel x-1-cp312-cp312-musllinux_1_2_aarch64.whl']);
  assert.deepEqual(Object.values(cellsOf(await answersFor(t, files, 'alpine', ['3.12'], { installer: 'uv' }))), ['wheel x-1-cp312-cp312-musllinux_1_1_aarch64.whl']);
});

test('what to do: the nearest versions, the first, another index', async (t) => {
  const other = await serve(t, jsonIndex({ x: ['x-3.0-cp312-cp312-win_arm64.whl'] }));
  const wheel = (version: string, python: string) => `x-${version}-cp3${python}-cp3${python}-win_arm64.whl`;
  const { url } = await serve(t, jsonIndex({ x: [wheel('1.0', '11'), wheel('1.5', '12'), 'x-2.0-cp312-cp312-win_amd64.whl', 'x-2.0.tar.gz', wheel('2.1', '12'), wheel('2.2', '12')] }));
  const [answer] = await checkNames(['x==2.0'], optionsFor('windows', ['3.12'], `${url}/simple`, { otherIndexes: [`${other.url}/simple/`] }));
  assert.deepEqual(answer?.rows[0]?.advice[0]?.alternatives, { newer: '2.1', older: '1.5', first: '1.0' });
  assert.deepEqual(answer?.rows[0]?.advice[0]?.elsewhere, []);
  const [wide] = await checkNames(['x>=2.3'], optionsFor('windows', ['3.12'], `${url}/simple`, { otherIndexes: [`${other.url}/simple/`] }));
  assert.deepEqual(wide?.rows[0]?.advice[0]?.elsewhere, [{ index: `${other.url}/simple/`, version: '3.0', file: 'x-3.0-cp312-cp312-win_arm64.whl' }]);
  assert.match(findingsOf(wide!)[0]?.message ?? '', /cannot be installed on Windows \(win_arm64\) with Python 3\.12: no version is >=2\.3; the newest is 2\.2/);
});

test('advice is for a Python that there is a way out for', async (t) => {
  const other = await serve(t, jsonIndex({ x: ['x-1.0-cp312-cp312-win_arm64.whl'] }));
  const { url } = await serve(t, jsonIndex({ x: ['x-1.0-cp312-cp312-win_amd64.whl'] }));
  const [answer] = await checkNames(['x'], optionsFor('windows', ['3.11', '3.12', '3.13'], `${url}/simple`, { otherIndexes: [`${other.url}/simple`] }));
  assert.match(findingsOf(answer!)[0]?.advice.join() ?? '', /\/simple has 1\.0: x-1\.0-cp312-cp312-win_arm64\.whl \(Python 3\.12\)$/);
});

/** A tar archive of empty files, and of those with text. */
function tarball(files: Readonly<Record<string, string>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const header = Buffer.alloc(512);
    header.write(name, 0);
    header.write(text.length.toString(8).padStart(11, '0'), 124);
    header.write('ustar', 257);
    return [header, Buffer.from(text.padEnd(Math.ceil(text.length / 512) * 512, '\0'))];
  });
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

describe('how hard a source build is', () => {
  test('from the build system and the languages of an archive', async () => {
    const pyproject = (requires: string, backend: string): string => `[build-system]\nrequires = ${requires}\nbuild-backend = "${backend}"\n`;
    assert.deepEqual(await readSourceBuild(tarball({ 'x-1/pyproject.toml': pyproject('["hatchling"]', 'hatchling.build'), 'x-1/x.py': 'print()', 'x-1/tests/a.c': 'x' })), { level: 'pure Python', backend: 'hatchling.build', needs: [] });
    assert.deepEqual(await readSourceBuild(tarball({ 'x-1/src/a.c': 'int a;'.repeat(1000), 'x-1/setup.py': '' })), { level: 'needs a C compiler', backend: 'setuptools (setup.py)', needs: ['a C compiler'] });
    assert.deepEqual(await readSourceBuild(tarball({ 'x-1/a.f90': 'x', 'x-1/pyproject.toml': pyproject('["meson-python", "Cython"]', 'mesonpy') })), { level: 'hard', backend: 'mesonpy', needs: ['a Fortran compiler', 'Meson and Ninja'] });
    assert.equal((await readSourceBuild(tarball({ 'x-1/Cargo.toml': '', 'x-1/pyproject.toml': pyproject('["maturin"]', 'maturin') }))).level, 'needs more than a C compiler');
  });

  test('is read from the index once, and told', async (t) => {
    const pages = jsonIndex({ x: ['x-1.0.tar.gz'] });
    const { url, requests } = await serve(t, (request, response) => {
      if (request.url?.startsWith('/files/') === true) response.end(tarball({ 'x-1.0/Cargo.toml': '', 'x-1.0/pyproject.toml': '[build-system]\nrequires = ["maturin"]\nbuild-backend = "maturin"\n' }));
      else pages(request, response);
    });
    const [answer] = await checkNames(['x'], optionsFor('windows,linux', ['3.11', '3.12'], `${url}/simple`));
    assert.match(findingsOf(answer!)[0]?.advice.join() ?? '', /the build \(maturin\) needs more than a C compiler: Rust/);
    assert.equal(requests.filter((path) => path.startsWith('/files/')).length, 1);
  });

  test('an archive that is cut off or none', async () => {
    await assert.rejects(readSourceBuild(Buffer.from('no archive')));
    await assert.rejects(readSourceBuild(tarball({ 'x-1/a.c': 'x' }).subarray(0, 30)));
  });
});

describe('marker lint', () => {
  const cases: readonly (readonly [marker: string, ...codes: string[]])[] = [
    ["sys_platform == 'win32' and platform_machine == 'arm64'", 'marker-never-matches'],
    ["sys_platform == 'win32' and platform_machine == 'aarch64'", 'marker-never-matches'],
    ["platform_system == 'Windows' and platform_machine != 'arm64'", 'marker-always-matches'],
    ["sys_platform == 'linux' and platform_machine == 'arm64'", 'marker-never-matches'],
    ["sys_platform == 'darwin' and platform_machine == 'aarch64'", 'marker-never-matches'],
    ["platform_machine == 'AArch64'", 'marker-never-matches'],
    ["sys_platform == 'win32' and platform_machine == 'x86_64'", 'marker-never-matches'],
    ["platform_machine == 'arm64'", 'marker-misses-system'],
    ["sys_platform == 'windows'", 'marker-never-matches'],
    ["platform_system == 'MacOS'", 'marker-never-matches'],
    ["(sys_platform == 'win32' or sys_platform == 'linux') and platform_machine == 'ARM64'", 'marker-never-matches'],
    ["sys_platform == 'win32' and platform_machine == 'ARM64'"],
    ["sys_platform == 'linux' and platform_machine == 'aarch64'"],
    ["platform_machine == 'aarch64' or platform_machine == 'arm64' or platform_machine == 'ARM64'"],
    ["sys_platform != 'win32' and platform_machine in 'aarch64 arm64'"],
    ["sys_platform == 'darwin' and platform_machine in 'aarch64 arm64'"],
    ["platform_machine == 'x86_64'"],
    ["python_version < '3.13' and extra == 'gpu'"],
  ];
  for (const [marker, ...codes] of cases) {
    test(`${marker}: ${codes.join(', ') || 'nothing'}`, () => { assert.deepEqual([...new Set(lintMarker(parseMarker(marker)).map(({ code }) => code))], codes); });
  }

  test('alternatives that multiply end', () => {
    const many = Array.from({ length: 40 }, (_, index) => `(os_name == '${index}' or os_name == 'x')`).join(' and ');
    assert.deepEqual(lintMarker(parseMarker(many)), []);
  });
});

test('what ci asks: can it be installed there?', async (t) => {
  const { url } = await serve(t, jsonIndex({ a: ['a-1-cp312-cp312-win_arm64.whl', 'a-1.tar.gz'], b: ['b-1-cp312-cp312-win_amd64.whl', 'b-1-cp313-cp313-win_arm64.whl'] }));
  const directory = writeFiles(t, { 'requirements.txt': `--index-url ${url}/simple\na\nb\n` });
  const answers = await askInstallability({ path: directory, target: 'win_arm64', pythons: ['3.12', '3.13'] }, { HOME: directory, XDG_CACHE_HOME: directory });
  assert.deepEqual(answers.map(({ python, outcome, blocking }) => [python, outcome, blocking.map((each) => each.package)]), [['3.12', 'cannot-install', ['b']], ['3.13', 'source', ['a']]]);
});
