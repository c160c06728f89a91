/** Corners of files as projects have them: each was read wrongly once. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { readArgument } from '#check/project/read-project.ts';
import { cellsOf, checkPath, optionsFor, summarize, writeFiles } from './harness.ts';
import { jsonIndex, serve } from './index-server.ts';

function read(t: TestContext, name: string, files: Readonly<Record<string, string>>) {
  return readArgument(join(writeFiles(t, files), name))[0]!;
}

/** What is answered offline for Linux and Windows with Python 3.12. */
async function offline(t: TestContext, name: string, files: Readonly<Record<string, string>>): Promise<Readonly<Record<string, string>>> {
  const answers = await checkPath(join(writeFiles(t, files), name), optionsFor('linux,windows', ['3.12'], undefined));
  return Object.fromEntries(Object.entries(cellsOf(answers)).map(([key, value]) => [key.replace('manylinux_2_28_aarch64', 'linux').replace('win_arm64', 'windows').replace(' 3.12', ''), value]));
}

const wheel = (name: string, tag = 'py3-none-any'): string => `{ file = "${name}-${tag}.whl", hash = "sha256:00" }`;

describe('requirements files', () => {
  test('a constraint with an address installs nothing', (t) => {
    const project = read(t, 'requirements.txt', { 'requirements.txt': '-c constraints.txt\na\n', 'constraints.txt': 'a<2\nb @ https://e.example/b-1.0.tar.gz\ngit+https://e.example/c.git#egg=c\n-e ./d\n' });
    assert.deepEqual(summarize(project), ['a <2 [requirements]']);
  });

  test('in a directory, constraints, included files and the sources of compiled ones are no projects of their own', (t) => {
    const directory = writeFiles(t, {
      'requirements.txt': 'a==1\n', 'requirements.in': 'a\n', 'requirements-dev.txt': '-r requirements.txt\n-r requirements/test.txt\n-c constraints.txt\nb\n',
      'requirements/test.txt': 'c\n', 'requirements/other.in': 'd\n', 'constraints.txt': 'a<2\n',
    });
    assert.deepEqual(readArgument(directory).map(({ file }) => file.slice(directory.length + 1)), ['requirements-dev.txt', 'requirements/other.in']);
  });

  test('an archive on disk is built, a directory is the own code of the project', async (t) => {
    const cells = await offline(t, 'requirements.txt', { 'requirements.txt': './vendor/a-1.0.tar.gz\n-e ./b\n../c\n' });
    assert.deepEqual(Object.keys(cells), ['a linux', 'a windows']);
    assert.match(cells['a linux'] ?? '', /^source \.\/vendor/);
  });

  test('--pre and --prefer-binary are heeded; uv takes pre-releases only of a package that has nothing else', async (t) => {
    const { url } = await serve(t, jsonIndex({
      a: ['a-1.0-py3-none-any.whl', 'a-2.0rc1-py3-none-any.whl'], b: ['b-1.0-cp312-cp312-win_arm64.whl', 'b-2.0.tar.gz'], c: ['c-1.0b1-py3-none-any.whl'],
    }));
    const ask = async (text: string, installer: 'pip' | 'uv' = 'pip'): Promise<readonly string[]> => {
      const directory = writeFiles(t, { 'requirements.txt': text });
      return Object.values(cellsOf(await checkPath(join(directory, 'requirements.txt'), optionsFor('windows', ['3.12'], `${url}/simple`, { installer }))));
    };
    assert.deepEqual(await ask('a\nb\nc\n'), ['wheel a-1.0-py3-none-any.whl', 'source b-2.0.tar.gz', 'wheel c-1.0b1-py3-none-any.whl']);
    assert.deepEqual(await ask('--pre\n--prefer-binary\na\nb\n'), ['wheel a-2.0rc1-py3-none-any.whl', 'wheel b-1.0-cp312-cp312-win_arm64.whl']);
    assert.deepEqual(await ask('a>=1.5\n'), ['wheel a-2.0rc1-py3-none-any.whl']);
    assert.deepEqual(await ask('a>=2.0rc0\nc\n', 'uv'), ['wheel a-2.0rc1-py3-none-any.whl', 'wheel c-1.0b1-py3-none-any.whl']);
    assert.deepEqual(await ask('a>=1.5\n', 'uv'), ['cannot-install no version but a pre-release is >=1.5; the newest is 2.0rc1']);
  });

  test('a later --index-url takes the place of all that were named before', (t) => {
    const project = read(t, 'requirements.txt', { 'requirements.txt': '-i https://a.example/\n--extra-index-url https://b.example/\n-i https://c.example/\n--extra-index-url https://d.example/\n' });
    assert.deepEqual(project.settings.indexes.map(({ url }) => url), ['https://c.example/', 'https://d.example/']);
  });

  test('a device is no file, however it is named', (t) => {
    if (process.platform === 'win32') {
      t.diagnostic('there are no such things');
      return;
    }
    const directory = writeFiles(t, { 'requirements.txt': 'a\n-r endless.txt\n-r pipe.txt\n' });
    symlinkSync('/dev/zero', join(directory, 'endless.txt'));
    execFileSync('mkfifo', [join(directory, 'pipe.txt')]);
    const [project] = readArgument(join(directory, 'requirements.txt'));
    assert.deepEqual(project?.problems.map(({ message }) => message.replace(/^.*: /, '')), ['it is no regular file', 'it is no regular file']);
  });

  test('a variable in an address is not filled in: its value would go to the server that the file names', async (t) => {
    const paths: string[] = [];
    const { url } = await serve(t, (request, response) => { paths.push(request.url ?? ''); response.writeHead(404).end(); });
    const directory = writeFiles(t, { 'requirements.txt': `--index-url ${url}/\${ARMATURE_TEST_SECRET}/simple\na\n` });
    const options = optionsFor('windows', ['3.12'], undefined, { isOffline: false, environment: { HOME: '/nonexistent', PIP_CONFIG_FILE: '/dev/null', ARMATURE_TEST_SECRET: 'secret' } });
    const cells = cellsOf(await checkPath(join(directory, 'requirements.txt'), options));
    assert.match(cells['a win_arm64 3.12'] ?? '', /^unknown .*\$\{ARMATURE_TEST_SECRET\} is not filled in/);
    assert.deepEqual(paths, []);
  });

  test('what an index lacks that did answer, another that did not may have', async (t) => {
    const { url } = await serve(t, jsonIndex({ a: ['a-1.0-cp312-cp312-win_amd64.whl'], b: ['b-1.0-py3-none-any.whl'] }));
    const directory = writeFiles(t, { 'requirements.txt': `--extra-index-url http://127.0.0.1:1/simple\na\nb\n` });
    const cells = cellsOf(await checkPath(directory, optionsFor('windows', ['3.12'], `${url}/simple`)));
    assert.match(cells['a win_arm64 3.12'] ?? '', /^unknown http:\/\/127\.0\.0\.1:1/);
    assert.match(cells['b win_arm64 3.12'] ?? '', /^wheel b-1\.0/);
  });
});

describe('uv.lock', () => {
  const lock = (...parts: readonly string[]): string => ['version = 1', 'revision = 3', 'requires-python = ">=3.12"', ...parts].join('\n');

  test('a source distribution at an address of its own', async (t) => {
    const cells = await offline(t, 'uv.lock', {
      'uv.lock': lock('[[package]]', 'name = "app"', 'version = "1"', 'source = { virtual = "." }', 'dependencies = [{ name = "a" }, { name = "b" }, { name = "c" }]',
        '[[package]]', 'name = "a"', 'version = "1.0"', 'source = { url = "https://e.example/a-1.0.tar.gz" }', 'sdist = { hash = "sha256:00" }',
        '[[package]]', 'name = "b"', 'version = "1.0"', 'source = { path = "vendor/b-1.0.tar.gz" }', 'sdist = { hash = "sha256:00" }',
        '[[package]]', 'name = "c"', 'version = "1.0"', 'source = { path = "vendor/c-1.0-py3-none-any.whl" }', 'wheels = [{ filename = "c-1.0-py3-none-any.whl", hash = "sha256:00" }]'),
    });
    assert.deepEqual(['a linux', 'b linux', 'c linux'].map((key) => cells[key]), ['source https://e.example/a-1.0.tar.gz', 'source vendor/b-1.0.tar.gz', 'wheel c-1.0-py3-none-any.whl']);
  });

  test('groups of a workspace root without a project, and requirements of a script', async (t) => {
    const manifest = ['[manifest]', 'members = ["app"]', '[manifest.dependency-groups]', 'lint = [{ name = "ruff", specifier = ">=0.5" }, { name = "wtool", marker = "sys_platform == \'win32\'" }]'];
    const packages = [
      '[[package]]', 'name = "app"', 'version = "1"', 'source = { editable = "packages/app" }', ...['ruff', 'wtool', 'orphan'].flatMap((name) => [
        '[[package]]', `name = "${name}"`, 'version = "1.0"', 'source = { registry = "https://pypi.org/simple" }', `wheels = [{ url = "https://e.example/${name}-1.0-py3-none-any.whl" }]`,
      ]),
    ];
    const cells = await offline(t, 'uv.lock', { 'uv.lock': lock(...manifest, ...packages) });
    assert.deepEqual(['ruff linux', 'wtool linux', 'wtool windows', 'orphan linux'].map((key) => cells[key]?.split(' ')[0]), ['wheel', 'not-needed', 'wheel', 'not-needed']);
    const script = await offline(t, 'script.py.uv.lock', { 'script.py.uv.lock': lock('[manifest]', 'requirements = [{ name = "ruff" }]', ...packages.slice(4)) });
    assert.deepEqual(['ruff linux', 'orphan linux'].map((key) => script[key]?.split(' ')[0]), ['wheel', 'not-needed']);
  });

  test('a system that the lock is not made for is said, and nothing is missing there', async (t) => {
    const directory = writeFiles(t, {
      'uv.lock': lock('supported-markers = ["sys_platform == \'linux\'"]', '[[package]]', 'name = "app"', 'version = "1"', 'source = { virtual = "." }', 'dependencies = [{ name = "a" }]',
        '[[package]]', 'name = "a"', 'version = "1.0"', 'source = { registry = "https://pypi.org/simple" }', 'wheels = [{ url = "https://e.example/a-1.0-cp312-cp312-manylinux_2_28_aarch64.whl" }]'),
    });
    const answers = await checkPath(join(directory, 'uv.lock'), optionsFor('linux,windows', ['3.12'], undefined));
    assert.match(cellsOf(answers)['a win_arm64 3.12'] ?? '', /^not-needed the lock is not made/);
    assert.match(cellsOf(answers)['a manylinux_2_28_aarch64 3.12'] ?? '', /^wheel/);
    assert.deepEqual(answers[0]?.problems.map(({ message }) => message), ['the lock is not made for Windows (win_arm64): installers refuse it there']);
  });

  test('a version of the format from the future', (t) => {
    assert.match(read(t, 'uv.lock', { 'uv.lock': 'version = 2\n' }).problems[0]?.message ?? '', /version 2 of the format/);
    assert.match(read(t, 'pylock.toml', { 'pylock.toml': 'lock-version = "2.0"\n' }).problems[0]?.message ?? '', /version 2\.0 of the format/);
  });
});

describe('locks without markers on their packages', () => {
  const poetry = (version: string): string => [
    '[[package]]', 'name = "app-lib"', 'version = "1.0"', 'optional = false', 'python-versions = ">=3.8"', `files = [${wheel('app_lib-1.0')}]`,
    '[package.dependencies]', 'pywin = {version = ">=300", markers = "sys_platform == \\"win32\\""}', 'fast = {version = "*", optional = true, markers = "extra == \\"speed\\""}', 'Loop_A = "*"',
    '[package.extras]', 'speed = ["fast"]',
    '[[package]]', 'name = "pywin"', 'version = "306"', 'python-versions = "*"', `files = [${wheel('pywin-306', 'cp312-cp312-win_arm64')}]`,
    '[[package]]', 'name = "fast"', 'version = "1.0"', 'python-versions = "*"', `files = [${wheel('fast-1.0', 'cp312-cp312-win_amd64')}]`,
    '[[package]]', 'name = "loop-a"', 'version = "1.0"', 'python-versions = "*"', `files = [${wheel('loop_a-1.0')}]`, '[package.dependencies]', 'loop-b = [{version = "*", markers = "python_version > \\"3\\""}]',
    '[[package]]', 'name = "loop-b"', 'version = "1.0"', 'python-versions = "*"', `files = [${wheel('loop_b-1.0')}]`, '[package.dependencies]', 'loop-a = "*"',
    '[metadata]', `lock-version = "${version}"`, 'python-versions = "^3.8"', 'content-hash = "00"',
  ].join('\n');

  test('poetry.lock 1.1 to 2.0: markers are those of the dependencies that lead to a package', async (t) => {
    const cells = await offline(t, 'poetry.lock', { 'poetry.lock': poetry('2.0') });
    assert.deepEqual(Object.entries(cells).map(([key, value]) => `${key} ${value.split(' ')[0]}`), [
      'app-lib linux wheel', 'app-lib windows wheel', 'pywin linux not-needed', 'pywin windows wheel', 'fast linux not-needed', 'fast windows not-needed',
      'loop-a linux wheel', 'loop-a windows wheel', 'loop-b linux wheel', 'loop-b windows wheel',
    ]);
  });

  test('what pyproject.toml lists beside it is wanted, with its extras and markers', async (t) => {
    const pyproject = '[tool.poetry.dependencies]\npython = "^3.8"\napp-lib = {version = "*", extras = ["speed"]}\npywin = "*"\n';
    const cells = await offline(t, 'poetry.lock', { 'poetry.lock': poetry('2.0'), 'pyproject.toml': pyproject });
    assert.deepEqual(['pywin linux', 'fast windows'].map((key) => cells[key]?.split(' ')[0]), ['cannot-install', 'cannot-install']);
  });

  test('pdm.lock with and without inherited metadata, and with its files in one table', async (t) => {
    const old = [
      '[[package]]', 'name = "click"', 'version = "8.1"', 'requires_python = ">=3.7"', 'dependencies = ["colorama; platform_system == \\"Windows\\""]',
      '[[package]]', 'name = "colorama"', 'version = "0.4"',
      '[metadata]', 'lock_version = "4.2"', '[metadata.files]', `"click 8.1" = [${wheel('click-8.1')}]`, `"colorama 0.4" = [${wheel('colorama-0.4')}]`,
    ].join('\n');
    const cells = await offline(t, 'pdm.lock', { 'pdm.lock': old });
    assert.deepEqual(Object.values(cells).map((value) => value.split(' ')[0]), ['wheel', 'wheel', 'not-needed', 'wheel']);
    const inherited = old.replace('lock_version = "4.2"', 'lock_version = "4.5.0"\nstrategy = ["inherit_metadata"]').replace('name = "colorama"', 'name = "colorama"\nmarker = "sys_platform == \\"linux\\""');
    const others = await offline(t, 'pdm.lock', { 'pdm.lock': inherited });
    assert.deepEqual(Object.values(others).map((value) => value.split(' ')[0]), ['wheel', 'wheel', 'wheel', 'not-needed']);
  });
});

describe('other files', () => {
  test('pyproject.toml: sources of uv, by marker', (t) => {
    const project = read(t, 'pyproject.toml', {
      'pyproject.toml': [
        '[project]', 'dependencies = ["torch>=2", "lib-a", "lib-b; python_version >= \'3.10\'", "lib-c", "lib-d"]',
        '[tool.uv.sources]', 'torch = [{ index = "cpu", marker = "sys_platform != \'linux\'" }, { index = "cuda", marker = "sys_platform == \'linux\' and platform_machine == \'x86_64\'" }]',
        'Lib_A = { workspace = true }', 'lib-b = { path = "../b", editable = true }', 'lib-c = { git = "https://e.example/c", tag = "1" }', 'lib-d = { url = "https://e.example/d-1.0.tar.gz" }',
        '[[tool.uv.index]]', 'name = "cpu"', 'url = "https://cpu.example/"', 'explicit = true', '[[tool.uv.index]]', 'name = "cuda"', 'url = "https://cuda.example/"',
      ].join('\n'),
    });
    assert.deepEqual(summarize(project), [
      'torch >=2 ; [dependencies]', 'torch >=2 ; [dependencies]', 'torch >=2 ; [dependencies]', 'lib-a [dependencies] (direct)', 'lib-b ; [dependencies] (direct)', 'lib-c [dependencies] (direct)', 'lib-d [dependencies] (direct)',
    ]);
    assert.deepEqual(project.dependencies.map(({ index }) => index), ['https://cpu.example/', 'https://cuda.example/', undefined, undefined, undefined, undefined, undefined]);
  });

  test('pyproject.toml: Poetry’s sources and Pythons of one dependency, and the groups of PDM', async (t) => {
    const files = {
      'pyproject.toml': [
        '[tool.poetry.dependencies]', 'torch = { version = "^2", source = "pytorch" }', 'numpy = [{ version = "1.26.4", python = "<3.12" }, { version = "2.3.0", python = ">=3.12" }]',
        '[[tool.poetry.source]]', 'name = "pytorch"', 'url = "https://pytorch.example/"', 'priority = "explicit"', '[tool.pdm.dev-dependencies]', 'test = ["pytest", "-e file:///${PROJECT_ROOT}/x#egg=x"]',
      ].join('\n'),
    };
    const project = read(t, 'pyproject.toml', files);
    assert.deepEqual(summarize(project), ['pytest [tool.pdm.dev-dependencies.test]', 'torch >=2,<3 [tool.poetry.dependencies]', 'numpy ==1.26.4 [tool.poetry.dependencies]', 'numpy ==2.3.0 [tool.poetry.dependencies]']);
    assert.equal(project.dependencies[1]?.index, 'https://pytorch.example/');
    const { url } = await serve(t, jsonIndex({ numpy: ['numpy-1.26.4-py3-none-any.whl', 'numpy-2.3.0-py3-none-any.whl'] }));
    const cells = cellsOf(await checkPath(join(writeFiles(t, files), 'pyproject.toml'), optionsFor('windows', ['3.11', '3.12'], `${url}/simple`, { isTransitive: true })));
    assert.deepEqual(['3.11', '3.12'].map((python) => cells[`numpy win_arm64 ${python}`]), ['wheel numpy-1.26.4-py3-none-any.whl', 'wheel numpy-2.3.0-py3-none-any.whl']);
  });

  test('environment.yml: the project itself, included requirements, and channels by other names', (t) => {
    const project = read(t, 'environment.yml', {
      'environment.yml': 'channels:\n  - defaults\n  - https://conda.anaconda.org/pytorch\n  - conda-forge/label/rc\n  - nodefaults\ndependencies:\n  - numpy\n  - conda-forge::scipy\n  - pip:\n      - -r req/base.txt\n      - -e .\n      - --extra-index-url https://e.example/simple\n      - six\n',
      'req/base.txt': 'flask\n-c c.txt\n', 'req/c.txt': 'flask<3\n',
    });
    assert.deepEqual(project.problems, []);
    assert.deepEqual(summarize(project), ['numpy [environment.yml] (conda)', 'scipy [environment.yml] (conda)', 'flask <3 [requirements]', 'six [environment.yml, pip]']);
    assert.deepEqual(project.dependencies.slice(0, 2).map(({ origin }) => (origin.kind === 'conda' ? origin.channels : [])), [['main', 'r', 'pytorch', 'conda-forge'], ['conda-forge']]);
  });

  test('Pipfile.lock: categories of the project’s own, and packages of one index', (t) => {
    const lock = { '_meta': { sources: [{ name: 'pypi', url: 'https://pypi.org/simple' }, { name: 'own', url: 'https://own.example/simple' }] }, 'default': { a: { version: '==1.0', index: 'own' } }, 'docs': { sphinx: { version: '==7.0' } } };
    const project = read(t, 'Pipfile.lock', { 'Pipfile.lock': JSON.stringify(lock) });
    assert.deepEqual(summarize(project), ['a ==1.0 [default]', 'sphinx ==7.0 [docs]']);
    assert.deepEqual(project.dependencies.map(({ index }) => index), ['https://own.example/simple', undefined]);
  });

  test('pylock.toml: systems it is made for', async (t) => {
    const lock = ['lock-version = "1.0"', 'environments = ["sys_platform == \'linux\'"]', '[[packages]]', 'name = "a"', 'version = "1.0"', 'wheels = [{ url = "https://e.example/a-1.0-cp312-cp312-manylinux_2_28_aarch64.whl", hashes = { sha256 = "00" } }]'].join('\n');
    const cells = await offline(t, 'pylock.toml', { 'pylock.toml': lock });
    assert.deepEqual(Object.values(cells).map((value) => value.split(' ')[0]), ['wheel', 'not-needed']);
  });

  test('an installed wheel is one of several: offline, the others are not known', async (t) => {
    const cells = await offline(t, 'site', { 'site/a-1.0.dist-info/WHEEL': 'Tag: cp312-cp312-manylinux_2_28_x86_64\n', 'site/b-1.0.dist-info/WHEEL': 'Tag: py3-none-any\n' });
    assert.deepEqual(['a linux', 'b linux'].map((key) => cells[key]?.split(' ')[0]), ['unknown', 'wheel']);
  });
});
