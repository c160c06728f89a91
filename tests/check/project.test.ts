/** Readers of everything that lists dependencies. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { poetryConstraint } from '#check/project/poetry-dependencies.ts';
import { readArgument } from '#check/project/read-project.ts';
import { formatSpecifierSet } from '#check/versions/specifier.ts';
import { cellsOf, checkPath, optionsFor, summarize, writeFiles } from './harness.ts';

function read(t: Parameters<typeof writeFiles>[0], name: string, text: string, more: Readonly<Record<string, string>> = {}) {
  return readArgument(join(writeFiles(t, { [name]: text, ...more }), name))[0]!;
}

describe('requirements files', () => {
  test('includes, constraints, options, hashes and continuations', (t) => {
    const project = read(t, 'requirements.txt', [
      '# comment', '-r base.txt', '--requirement=base.txt', '-c constraints.txt', '--index-url https://a.example/simple', '--extra-index-url=https://b.example/simple',
      '-f wheels', '--no-binary :none:', '--only-binary=Lxml,cffi', 'Django[argon2] >= 5.0 ; python_version >= "3.10"  # why', 'numpy==2.3.0 \\', '    --hash=sha256:AB12 \\', '    --hash=sha256:cd34',
      '-e git+https://example.org/x.git#egg=my.pkg', './local', 'https://example.org/foo-1.2-py3-none-any.whl', '--weird', 'bad==', 'torch @ https://example.org/torch.whl',
    ].join('\n'), { 'base.txt': 'requests\n', 'constraints.txt': 'requests<3\nunused==1\n' });
    assert.deepEqual(summarize(project), [
      'requests <3 [requirements]', 'django >=5.0 ; [requirements]', 'numpy ==2.3.0 [requirements]', 'my-pkg [requirements] (direct)',
      'local [requirements] (direct)', 'foo [requirements] (direct)', 'torch [requirements] (direct)',
    ]);
    assert.deepEqual(project.dependencies[2]?.hashes, ['sha256=ab12', 'sha256=cd34']);
    assert.deepEqual(project.dependencies[2]?.place.line, 11);
    assert.deepEqual(project.settings.indexes.map(({ url, isDefault }) => `${url} ${isDefault}`), ['https://a.example/simple true', 'https://b.example/simple false']);
    assert.match(project.settings.findLinks[0] ?? '', /\/wheels$/);
    assert.deepEqual([...project.binaries.onlyBinary], ['lxml', 'cffi']);
    assert.deepEqual(project.problems.map(({ place, code }) => `${place.line} ${code}`), ['17 unsupported-line', '18 invalid-requirement']);
  });

  test('a circle is an error that names its place; a missing include is told and passed over', (t) => {
    assert.throws(() => read(t, 'requirements.txt', 'a\n-r b.txt\n', { 'b.txt': '-r requirements.txt\n' }), /b\.txt:1: requirements\.txt includes itself/);
    const project = read(t, 'requirements.txt', 'a\n-r missing.txt\nb\n');
    assert.deepEqual(summarize(project), ['a [requirements]', 'b [requirements]']);
    assert.match(project.problems[0]?.message ?? '', /cannot read .*missing\.txt: no such file/);
  });
});

test('pyproject.toml', (t) => {
  const project = read(t, 'pyproject.toml', [
    '[build-system]', 'requires = ["setuptools>=61", "numpy"]', '[project]', 'name = "x"', 'requires-python = ">=3.11"', 'dependencies = [', '  "numpy>=2",', "  'torch; sys_platform == \"win32\"',", ']',
    '[project.optional-dependencies]', 'gpu = ["cupy"]', '[dependency-groups]', 'test = ["pytest", {include-group = "lint"}]', 'lint = ["ruff"]', 'broken = [{include-group = "nope"}]',
    '[tool.uv.sources]', 'torch = { index = "pytorch" }', '[[tool.uv.index]]', 'name = "pytorch"', 'url = "https://download.pytorch.org/whl/cpu"', 'explicit = true',
  ].join('\n'));
  assert.deepEqual(summarize(project), [
    'numpy >=2 [dependencies]', 'torch ; [dependencies]', 'cupy [optional-dependencies.gpu]', 'setuptools >=61 [build-system.requires]', 'numpy [build-system.requires]',
    'pytest [dependency-groups.test]', 'ruff [dependency-groups.lint]',
  ]);
  assert.equal(project.dependencies[1]?.index, 'https://download.pytorch.org/whl/cpu');
  assert.deepEqual(project.dependencies.map(({ place }) => `${place.line}:${place.column}`), ['7:4', '8:4', '11:9', '2:14', '2:32', '13:10', '14:10']);
  assert.equal(formatSpecifierSet(project.requiresPython ?? []), '>=3.11');
  assert.match(project.problems[0]?.message ?? '', /the group 'nope' does not exist/);
});

test('Poetry’s own tables and constraints', (t) => {
  const project = read(t, 'pyproject.toml', [
    '[tool.poetry.dependencies]', 'python = "^3.10"', 'requests = "^2.31"', 'numpy = { version = "~1.26", markers = "platform_machine == \'aarch64\'" }', 'local = { path = "../local" }',
    'many = [{ version = "1.0", platform = "linux" }, { version = ">=2", platform = "win32" }]', '[tool.poetry.group.dev.dependencies]', 'pytest = "*"',
  ].join('\n'));
  assert.deepEqual(summarize(project), [
    'requests >=2.31,<3 [tool.poetry.dependencies]', 'numpy >=1.26,<1.27 ; [tool.poetry.dependencies]', 'local [tool.poetry.dependencies] (direct)',
    'many ==1.0 ; [tool.poetry.dependencies]', 'many >=2 ; [tool.poetry.dependencies]', 'pytest [tool.poetry.group.dev]',
  ]);
  const forms = ['^1.2.3', '^0.2.3', '^0.0.3', '^0', '~1', '~1.2', '1.2.*', '>=1 <2', '>=3.9,<4.0', '*'];
  assert.deepEqual(forms.map((form) => formatSpecifierSet(poetryConstraint(form) ?? [])), [
    '>=1.2.3,<2', '>=0.2.3,<0.3', '>=0.0.3,<0.0.4', '>=0,<1', '>=1,<2', '>=1.2,<1.3', '==1.2.*', '>=1,<2', '>=3.9,<4.0', '',
  ]);
  assert.equal(poetryConstraint('^2.7 || ^3.6'), undefined);
});

const uvLock = `version = 1
revision = 3
requires-python = ">=3.11"

[[package]]
name = "app"
version = "0.1.0"
source = { editable = "." }
dependencies = [{ name = "a" }]

[package.optional-dependencies]
win = [{ name = "colorama", marker = "sys_platform == 'win32'" }]

[package.dev-dependencies]
dev = [{ name = "b", extra = ["fast"] }]

[[package]]
name = "a"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
wheels = [{ url = "https://files.example/a-1.0-cp311-cp311-manylinux_2_17_aarch64.whl", hash = "sha256:00", size = 1 }]

[[package]]
name = "b"
version = "2.0"
source = { registry = "https://pypi.org/simple" }
sdist = { url = "https://files.example/b-2.0.tar.gz", hash = "sha256:00", size = 1 }

[package.optional-dependencies]
fast = [{ name = "c" }]

[[package]]
name = "c"
version = "1.0"
source = { git = "https://example.org/c?rev=1#abc" }

[[package]]
name = "colorama"
version = "0.4.6"
source = { registry = "https://pypi.org/simple" }
wheels = [{ url = "https://files.example/colorama-0.4.6-py2.py3-none-any.whl", hash = "sha256:00", size = 1 }]

[[package]]
name = "orphan"
version = "1.0"
source = { registry = "https://pypi.org/simple" }
`;

test('uv.lock: what is reached depends on the markers of the edges', async (t) => {
  const directory = writeFiles(t, { 'uv.lock': uvLock });
  const cells = cellsOf(await checkPath(join(directory, 'uv.lock'), optionsFor('linux,windows', ['3.11'], undefined)));
  assert.deepEqual(Object.entries(cells).map(([cell, answer]) => `${cell}: ${answer}`), [
    'a manylinux_2_28_aarch64 3.11: wheel a-1.0-cp311-cp311-manylinux_2_17_aarch64.whl', 'a win_arm64 3.11: cannot-install the only wheel does not fit, no source distribution',
    'b manylinux_2_28_aarch64 3.11: source b-2.0.tar.gz', 'b win_arm64 3.11: source b-2.0.tar.gz',
    'c manylinux_2_28_aarch64 3.11: source https://example.org/c?rev=1#abc', 'c win_arm64 3.11: source https://example.org/c?rev=1#abc',
    'colorama manylinux_2_28_aarch64 3.11: not-needed no dependency leads to it on this system', 'colorama win_arm64 3.11: wheel colorama-0.4.6-py2.py3-none-any.whl',
    'orphan manylinux_2_28_aarch64 3.11: not-needed no dependency leads to it on this system', 'orphan win_arm64 3.11: not-needed no dependency leads to it on this system',
  ]);
});

test('uv.lock: extras that exclude each other are each looked at', async (t) => {
  const wheel = (name: string): string => `[[package]]\nname = "${name}"\nversion = "1"\nsource = { registry = "x" }\nwheels = [{ url = "https://e/${name}-1-py3-none-any.whl" }]\n`;
  const lock = ['version = 1', 'conflicts = [[{ package = "app", extra = "cpu" }, { package = "app", extra = "gpu" }]]', '[[package]]', 'name = "app"', 'version = "0"', 'source = { virtual = "." }',
    'dependencies = [', '  { name = "a", marker = "extra == \'extra-3-app-cpu\' and extra != \'extra-3-app-gpu\'" },', '  { name = "b", marker = "extra == \'extra-3-app-gpu\'" },',
    '  { name = "c", marker = "extra == \'extra-3-app-other\'" },', ']', wheel('a'), wheel('b'), wheel('c')].join('\n');
  const cells = cellsOf(await checkPath(join(writeFiles(t, { 'uv.lock': lock }), 'uv.lock'), optionsFor('linux', ['3.12'], undefined)));
  assert.deepEqual(Object.values(cells).map((answer) => answer.split(' ')[0]), ['wheel', 'wheel', 'not-needed']);
});

test('markers of a lock about extras and groups hold for some choice of them', async (t) => {
  const one = (name: string, marker: string): string => `[[packages]]\nname = "${name}"\nversion = "1"\nmarker = "${marker}"\nwheels = [{ name = "${name}-1-py3-none-any.whl" }]\n`;
  const lock = `lock-version = "1.0"\n${one('a', "'dev' in dependency_groups")}${one('b', "'x' in extras and sys_platform == 'linux'")}${one('c', "'x' in extras and sys_platform == 'win32'")}`;
  const cells = cellsOf(await checkPath(join(writeFiles(t, { 'pylock.toml': lock }), 'pylock.toml'), optionsFor('linux', ['3.12'], undefined)));
  assert.deepEqual(Object.values(cells).map((answer) => answer.split(' ')[0]), ['wheel', 'wheel', 'not-needed']);
});

test('pylock.toml, poetry.lock and pdm.lock name their files', (t) => {
  const pylock = read(t, 'pylock.toml', [
    'lock-version = "1.0"', 'requires-python = ">=3.12"', 'created-by = "x"', '[[packages]]', 'name = "attrs"', 'version = "25.1.0"', 'marker = "python_version >= \'3.12\'"',
    'wheels = [{ name = "attrs-25.1.0-py3-none-any.whl", url = "https://e/x", hashes = { sha256 = "ab" } }]', '[packages.sdist]', 'path = "./attrs-25.1.0.tar.gz"', 'hashes = { sha256 = "cd" }',
    '[[packages]]', 'name = "v"', '[packages.vcs]', 'type = "git"', 'url = "https://example.org/v.git"',
  ].join('\n'));
  assert.deepEqual(summarize(pylock), ['attrs ==25.1.0 ; [pylock.toml] (2 files)', 'v [pylock.toml] (direct)']);
  const poetry = read(t, 'poetry.lock', [
    '[[package]]', 'name = "numpy"', 'version = "2.3.0"', 'optional = false', 'python-versions = ">=3.11"', 'groups = ["main"]', 'markers = "sys_platform == \'linux\'"',
    'files = [{file = "numpy-2.3.0-cp312-cp312-win_arm64.whl", hash = "sha256:ab"}, {file = "numpy-2.3.0.tar.gz", hash = "sha256:cd"}]', '[metadata]', 'lock-version = "2.1"', 'python-versions = "^3.11"',
  ].join('\n'));
  assert.deepEqual(summarize(poetry), ['numpy ==2.3.0 ; [main] (2 files)']);
  assert.equal(formatSpecifierSet(poetry.requiresPython ?? []), '>=3.11,<4');
  const pdm = read(t, 'pdm.lock', [
    '[metadata]', 'lock_version = "4.5.0"', '[[metadata.targets]]', 'requires_python = ">=3.10"', '[[package]]', 'name = "attrs"', 'version = "24.2.0"', 'requires_python = ">=3.7"', 'groups = ["default"]',
    'marker = "python_version >= \\"3.9\\""', 'files = [{file = "attrs-24.2.0-py3-none-any.whl", hash = "sha256:ab"}]',
  ].join('\n'));
  assert.deepEqual(summarize(pdm), ['attrs ==24.2.0 ; [default] (1 files)']);
});

test('Pipfile.lock', (t) => {
  const lock = { _meta: { requires: { python_version: '3.12' }, sources: [{ name: 'pypi', url: 'https://pypi.example/simple', verify_ssl: true }] },
    default: { requests: { version: '==2.32.0', hashes: ['sha256:ab'], markers: "python_version >= '3.8'" } }, develop: { mine: { path: '.', editable: true } } };
  const project = read(t, 'Pipfile.lock', JSON.stringify(lock, null, 4));
  assert.deepEqual(summarize(project), ['requests ==2.32.0 ; [default]', 'mine [develop] (direct)']);
  assert.deepEqual(project.dependencies[0]?.hashes, ['sha256=ab']);
});

test('environment.yml: conda packages, channels and the list of pip', (t) => {
  const project = read(t, 'environment.yml', [
    'name: x', 'channels:', '  - conda-forge', 'dependencies:', '  - python=3.12', '  - numpy=1.26', '  - scipy >=1.11,<2', '  - pytorch::pytorch=2.5.1=py3.12_cpu_0', '  - "blas[version=\'>=2\']"', '  - pip', '  - pip:', '    - requests>=2', '    - -r other.txt',
  ].join('\n'));
  assert.deepEqual(summarize(project), [
    'numpy ==1.26.* [environment.yml] (conda)', 'scipy >=1.11,<2 [environment.yml] (conda)', 'pytorch ==2.5.1 [environment.yml] (conda)', 'blas >=2 [environment.yml] (conda)',
    'pip [environment.yml] (conda)', 'requests >=2 [environment.yml, pip]',
  ]);
  assert.equal(formatSpecifierSet(project.requiresPython ?? []), '==3.12.*');
  assert.equal(project.problems.length, 1);
});

test('an installed environment', async (t) => {
  const directory = writeFiles(t, {});
  const site = join(directory, 'lib', 'python3.12', 'site-packages');
  for (const [name, tag] of [['pure-1.0', 'py3-none-any'], ['native-2.0', 'cp312-cp312-manylinux_2_17_x86_64']] as const) {
    mkdirSync(join(site, `${name}.dist-info`), { recursive: true });
    writeFileSync(join(site, `${name}.dist-info`, 'WHEEL'), `Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: ${tag}\n`);
  }
  assert.deepEqual(cellsOf(await checkPath(directory, optionsFor('linux', ['3.12'], undefined))), {
    'native manylinux_2_28_aarch64 3.12': 'unknown what is installed here is one wheel of several; without --offline the index is asked for the others', 'pure manylinux_2_28_aarch64 3.12': 'wheel pure-1.0-py3-none-any.whl',
  });
});

test('a directory: locks say what is installed, pyproject.toml what its build needs', (t) => {
  const directory = writeFiles(t, { 'uv.lock': uvLock, 'pyproject.toml': '[build-system]\nrequires = ["hatchling"]\n[project]\ndependencies = ["a"]\n', 'README.md': '' });
  assert.deepEqual(readArgument(directory).map(summarize).map((lines) => lines.length), [6, 1]);
  assert.throws(() => readArgument(writeFiles(t, { 'README.md': '' })), /nothing to check in/);
});

describe('broken and hostile files', () => {
  test('syntax errors name file, line and column', (t) => {
    assert.throws(() => read(t, 'uv.lock', 'version = 1\n[[package\n'), /uv\.lock:2:\d+: /);
    assert.throws(() => read(t, 'environment.yml', 'dependencies:\n  - "a\n'), /environment\.yml:\d+:\d+: /);
    assert.throws(() => read(t, 'Pipfile.lock', '{\n "default": {,}}'), /Pipfile\.lock:\d+:\d+: /);
  });

  test('YAML anchors that explode', (t) => {
    const levels = Array.from({ length: 30 }, (_, index) => `x${index + 1}: &x${index + 1} [${Array.from({ length: 10 }, () => `*x${index}`).join(', ')}]`);
    assert.throws(() => read(t, 'environment.yml', `x0: &x0 [a]\n${levels.join('\n')}\ndependencies: *x30\n`), /environment\.yml: Excessive alias count/);
  });

  test('values of the wrong kind are passed over', (t) => {
    const project = read(t, 'uv.lock', 'version = 1\npackage = [1, "x", { name = 3, wheels = "no", dependencies = [1, { name = 2 }] }]\n');
    assert.equal(project.dependencies.length, 3);
    assert.deepEqual(summarize(read(t, 'pyproject.toml', 'project = 3\ndependency-groups = [1]\n[tool]\nuv = "x"\n')), []);
  });

  test('bytes that are no text', (t) => {
    const directory = writeFiles(t, {});
    writeFileSync(join(directory, 'requirements.txt'), Buffer.from([0x61, 0xff, 0xfe, 0x0a]));
    assert.throws(() => readArgument(join(directory, 'requirements.txt')), /is not UTF-8 text/);
    writeFileSync(join(directory, 'requirements.txt'), Buffer.from('\ufeffrequests\r\n', 'utf16le'));
    assert.deepEqual(summarize(readArgument(join(directory, 'requirements.txt'))[0]!), ['requests [requirements]']);
  });

  test('names and addresses that are none', async (t) => {
    const directory = writeFiles(t, { 'requirements.txt': `--index-url nowhere\n${'a'.repeat(100_000)}\nb\n`, 'uv.lock': '[[package]]\nname = "c"\nversion = "1"\nsource = { registry = "../there" }\n' });
    const options = { ...optionsFor('linux', ['3.12'], undefined), isOffline: false };
    const [answer] = await checkPath(join(directory, 'requirements.txt'), options);
    assert.deepEqual(cellsOf([answer!]), { 'b manylinux_2_28_aarch64 3.12': 'unknown nowhere: it is no address of an index' });
    assert.match(answer?.problems[0]?.message ?? '', /a name of 100000 letters is none/);
    assert.match(Object.values(cellsOf(await checkPath(join(directory, 'uv.lock'), options))).join(), /^unknown \.\.\/there: it is no address/);
  });

  test('deep nesting in a marker', (t) => {
    const project = read(t, 'requirements.txt', `a ; ${'('.repeat(50_000)}os_name == "nt"${')'.repeat(50_000)}\nb\n`);
    assert.deepEqual(summarize(project), ['b [requirements]']);
    assert.match(project.problems[0]?.message ?? '', /at most 100 nested parentheses/);
  });
});
