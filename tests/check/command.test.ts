/** `armature check` from the command line. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { TestContext } from 'node:test';
import { parse } from 'yaml';
import type { Finished } from '../cli/harness.ts';
import { armature, execute, projectRoot } from '../cli/harness.ts';
import { checkPath, optionsFor, writeFiles } from './harness.ts';
import type { Handler } from './index-server.ts';
import { jsonIndex, serve } from './index-server.ts';
import { schemaErrors } from './schema.ts';

/** Neither this machine's configuration nor its cache. */
function run(directory: string, words: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Finished> {
  const env = { PATH: process.env['PATH'], HOME: directory, XDG_CACHE_HOME: join(directory, 'cache'), PIP_CONFIG_FILE: '/dev/null', LC_ALL: 'C.UTF-8', ...more };
  return execute([...armature, 'check', ...words], { cwd: directory, env });
}

const recorded = (name: string): string => readFileSync(join(import.meta.dirname, 'recorded', name), 'utf8');

const torchIndexes: Handler = (request, response) => {
  if (request.url === '/simple/torch/') response.writeHead(200, { 'content-type': 'application/vnd.pypi.simple.v1+json' }).end(recorded('torch-pypi.json'));
  else if (request.url === '/whl/cpu/torch/') response.writeHead(200, { 'content-type': 'text/html' }).end(recorded('torch-pytorch.html'));
  else response.writeHead(403).end();
};

describe('PyTorch on Windows on Arm with Python 3.12', () => {
  test('PyPI has no wheel; the report says which index has it', async (t) => {
    const { url } = await serve(t, torchIndexes);
    const directory = writeFiles(t, {});
    const { status, stdout, stderr } = await run(directory, [
      '--target', 'windows', '--python', '3.12', '--index-url', `${url}/simple`, '--other-index', `${url}/whl/cpu`, '--explain', 'torch', '--timeout', '5', 'torch',
    ]);
    assert.equal(stderr, '');
    assert.equal(status, 1);
    // The example of docs/check.md, with the real addresses.
    const shown = stdout.replaceAll(`${url}/whl/cpu`, 'https://download.pytorch.org/whl/cpu');
    assert.equal(shown, [
      'torch (command line, command line)', '  Windows (win_arm64)', '    Python 3.12: cannot be installed (2.13.0): none of 4 wheels fits, no source distribution',
      '    files that Python 3.12 does not take:', '      torch-2.13.0-cp312-cp312-manylinux_2_28_aarch64.whl is for manylinux_2_28_aarch64',
      '      torch-2.13.0-cp312-cp312-manylinux_2_28_x86_64.whl is for manylinux_2_28_x86_64', '      torch-2.13.0-cp312-cp312-win_amd64.whl is for win_amd64',
      '      torch-2.13.0-cp312-none-macosx_11_0_arm64.whl is for macosx_11_0_arm64',
      '    what to do: https://download.pytorch.org/whl/cpu has 2.13.0+cpu: torch-2.13.0+cpu-cp312-cp312-win_arm64.whl', '',
    ].join('\n').replace('torch (command line, command line)', 'torch 2.13.0 (command line, command line)'));
    assert.ok(readFileSync(join(projectRoot, 'docs', 'check.md'), 'utf8').includes(shown.trimEnd()), 'docs/check.md shows another output');
  });

  test('with that index as one more it can be installed', async (t) => {
    const { url } = await serve(t, torchIndexes);
    const { status, stdout } = await run(writeFiles(t, {}), [
      '--target', 'windows', '--python', '3.11,3.12,3.13,3.14', '--index-url', `${url}/simple`, '--extra-index-url', `${url}/whl/cpu`, '--no-deps', '--json', '--other-index', `${url}/whl/cpu`, 'torch',
    ]);
    const report = JSON.parse(stdout) as { projects: { packages: { answers: { python: string; outcome: string; file?: string }[] }[] }[] };
    const answers = report.projects[0]?.packages[0]?.answers.map(({ python, outcome, file }) => `${python} ${outcome} ${file ?? ''}`.trim());
    assert.deepEqual(answers, ['3.11', '3.12', '3.13'].map((python) => `${python} wheel torch-2.13.0+cpu-cp${python.replace('.', '')}-cp${python.replace('.', '')}-win_arm64.whl`).concat('3.14 cannot-install'));
    assert.equal(status, 1);
  });
});

const requirements = '# wanted\ngood\nold==1.0\n  gone ; sys_platform == "win32" and platform_machine == "arm64"\nnone\n';
const pages = {
  good: ['good-1.0-py3-none-any.whl'], old: ['old-1.0.tar.gz', 'old-1.1-cp312-cp312-win_arm64.whl'], none: ['none-1.0-cp312-cp312-win_amd64.whl'],
};

async function project(t: TestContext): Promise<{ directory: string; ask: (...words: string[]) => Promise<Finished> }> {
  const { url } = await serve(t, jsonIndex(pages));
  const directory = writeFiles(t, { 'requirements.txt': requirements });
  return { directory, ask: (...words) => run(directory, ['--target', 'windows', '--python', '3.12', '--index-url', `${url}/simple`, ...words]) };
}

describe('forms of output', () => {
  test('table', async (t) => {
    const { ask } = await project(t);
    const { stdout, status } = await ask();
    assert.equal(status, 1);
    assert.match(stdout, /^requirements\.txt: 4 packages, 1 target, Python 3\.12, pip's order: 2 with gaps\n/);
    assert.match(stdout, /\n {2}none 1\.0 {2}NONE\n {2}old 1\.0 {3}source\n/);
    assert.match(stdout, /requirements\.txt:3:1: warning: old 1\.0 has no wheel .*\[builds-from-source\]\n {4}1\.1 is the next newer version with a wheel\n/);
    assert.match(stdout, /requirements\.txt:4:58: warning: gone: platform_machine == 'arm64' never matches: 64-bit Arm is spelled ARM64 on Windows \[marker-never-matches\]/);
    assert.doesNotMatch(stdout, / {2}good/);
    assert.match((await ask('--all')).stdout, /good 1\.0 {2}wheel/);
  });

  test('the table stays narrow, findings follow the lines of the files, and what is the same on several systems is told once', async (t) => {
    const { url } = await serve(t, jsonIndex({
      last: ['last-1.0-cp312-cp312-win_amd64.whl'], first: ['first-1.0.tar.gz', 'first-1.0-cp311-cp311-win_arm64.whl', 'first-1.0-cp312-cp312-manylinux_2_28_aarch64.whl'],
    }));
    const directory = writeFiles(t, { 'requirements.txt': 'first==1.0\nlast\n' });
    const { stdout } = await run(directory, ['--target', 'windows,linux', '--python', '3.11,3.12', '--no-deps', '--index-url', `${url}/simple`]);
    assert.equal(stdout.slice(stdout.indexOf('\n\n')), [
      '', '', '  package    Windows      Linux, glibc 2.28', '  last 1.0   NONE         NONE', '  first 1.0  wheel 3.11   source 3.11', '             source 3.12  wheel 3.12', '',
      'requirements.txt:1:1: warning: first 1.0 has no wheel for Windows (win_arm64) with Python 3.12; it is built from source [builds-from-source]',
      '    1.0 was the first version with a wheel for this system',
      'requirements.txt:1:1: warning: first 1.0 has no wheel for Linux, glibc 2.28 (manylinux_2_28_aarch64) with Python 3.11; it is built from source [builds-from-source]',
      '    1.0 was the first version with a wheel for this system',
      'requirements.txt:2:1: error: last 1.0 cannot be installed on Windows (win_arm64) and Linux, glibc 2.28 (manylinux_2_28_aarch64) with Python 3.11, 3.12: the only wheel does not fit, no source distribution [cannot-install]',
      '    no version of last has a wheel for this system on the indexes that were asked', '',
    ].join('\n'));
  });

  test('text of files and indexes does not command the terminal', async (t) => {
    const { url } = await serve(t, jsonIndex({ evil: ['evil-1.0-cp312-\u001b[2Jcp312-win_amd64.whl', 'evil-1.0-cp312-cp312-win_amd64.whl'] }));
    const directory = writeFiles(t, { 'requirements.txt': 'evil\n\u001b]0;title\u0007 bad\n\u202edlo\n' });
    const words = ['--target', 'windows', '--python', '3.12', '--index-url', `${url}/simple`];
    const outputs = [await run(directory, words), await run(directory, [...words, '--explain', 'evil']), await run(directory, ['\u001b[2J.txt'])];
    for (const { stdout, stderr } of outputs) assert.doesNotMatch(stdout + stderr, /[\u0000-\u0009\u000b-\u001f\u202e]/);
    assert.match(outputs[0]?.stdout ?? '', /\\u001b\]0;title/);
    assert.match(outputs[2]?.stderr ?? '', /\\u001b\[2J/);
  });

  test('--json follows its published schema', async (t) => {
    const { ask } = await project(t);
    const report: unknown = JSON.parse((await ask('--json')).stdout);
    const schema = JSON.parse(readFileSync(join(projectRoot, 'docs', 'check.schema.json'), 'utf8')) as Parameters<typeof schemaErrors>[1];
    assert.deepEqual(schemaErrors(report, schema), []);
    assert.notDeepEqual(schemaErrors({ ...report as object, more: 1 }, schema), []);
  });

  test('SARIF has a place for each result', async (t) => {
    const { ask } = await project(t);
    interface Result { ruleId: string; ruleIndex: number; level: string; message: { text: string }; locations: { physicalLocation: { artifactLocation: { uri: string }; region: { startLine: number; startColumn: number } } }[]; partialFingerprints: object }
    const log = JSON.parse((await ask('--format', 'sarif')).stdout) as { version: string; $schema: string; runs: { tool: { driver: { name: string; rules: { id: string }[] } }; results: Result[] }[] };
    const [only] = log.runs;
    assert.equal(log.version, '2.1.0');
    assert.deepEqual(only?.results.map(({ ruleId, level, locations: [location] }) => {
      const { artifactLocation, region } = location!.physicalLocation;
      return `${artifactLocation.uri}:${region.startLine}:${region.startColumn} ${level} ${ruleId}`;
    }).sort(), ['requirements.txt:3:1 warning builds-from-source', 'requirements.txt:4:58 warning marker-never-matches', 'requirements.txt:5:1 error cannot-install']);
    for (const { ruleId, ruleIndex } of only?.results ?? []) assert.equal(only?.tool.driver.rules[ruleIndex]?.id, ruleId);
    assert.equal(new Set(only?.results.map(({ partialFingerprints }) => JSON.stringify(partialFingerprints))).size, 3);
  });

  test('Markdown lets nothing of a file be markup', async (t) => {
    const { ask, directory } = await project(t);
    assert.match((await ask('--format', 'markdown')).stdout, /\| none 1\.0 \| NONE \|\n\| old 1\.0 \| source \|/);
    const bad = writeFiles(t, { 'requirements.txt': 'a<script>|b**\n' });
    const { stdout } = await run(bad, ['--offline', '--format', 'markdown']);
    assert.doesNotMatch(stdout, /<script>/);
    assert.ok(directory);
  });

  test('--output, and a baseline that leaves only what is new', async (t) => {
    const { ask, directory } = await project(t);
    assert.equal((await ask('--write-baseline', 'known.json')).status, 0);
    const quiet = await ask('--baseline', 'known.json', '--output', 'report.txt', '--fail-on', 'source,marker');
    assert.deepEqual([quiet.status, quiet.stdout], [0, '']);
    assert.doesNotMatch(readFileSync(join(directory, 'report.txt'), 'utf8'), /warning|error/);
    const wider = await ask('--baseline', 'known.json', '--python', '3.12,3.13');
    assert.equal(wider.status, 1);
    assert.match(wider.stdout, /none 1\.0 cannot be installed .*\(new: Python 3\.13\)/);
    assert.equal((await ask('--baseline', 'requirements.txt')).status, 2);
  });
});

describe('exit status', () => {
  test('--fail-on decides what is a failure', async (t) => {
    const { ask } = await project(t);
    const statuses = await Promise.all(['cannot-install', 'source', 'marker', 'file-problem', 'none'].map(async (kind) => (await ask('--fail-on', kind)).status));
    assert.deepEqual(statuses, [1, 1, 1, 0, 0]);
  });

  test('2 when nobody could say', async (t) => {
    const directory = writeFiles(t, { 'requirements.txt': 'numpy\n' });
    const { status, stdout } = await run(directory, ['--offline']);
    assert.equal(status, 2);
    assert.match(stdout, /\[unanswered\]/);
  });

  test('a broken file beside a good one: the good one is answered', async (t) => {
    const directory = writeFiles(t, { 'uv.lock': '[[\n', 'requirements.txt': 'x ; python_version < "3"\n', 'pylock.toml': 'lock-version = "1.0"\n[[packages]]\nname = "y"\nversion = "1"\nwheels = [{ name = "y-1-py3-none-any.whl" }]\n' });
    const { status, stdout } = await run(directory, ['--offline', '--all', '--python', '3.12']);
    assert.equal(status, 2);
    assert.match(stdout, /uv\.lock:1:\d+: error: .*\[unreadable\]/);
    assert.match(stdout, /y 1 +wheel/);
  });

  test('2 and one line for wrong usage', async (t) => {
    const directory = writeFiles(t, { 'requirements.txt': 'a\n', 'loop.txt': '-r loop.txt\n', 'uv.lock': '[[' });
    for (const [words, message] of [
      [['--target', 'windws'], /unknown target 'windws'; did you mean 'windows'\? \[unknown-target\]/], [['--python', '2.7'], /unknown Python '2\.7'/], [['--format', 'xml'], /does not take 'xml'/],
      [['missing.txt'], /cannot read missing\.txt: no such file/], [['loop.txt'], /loop\.txt:1: loop\.txt includes itself/], [['uv.lock'], /uv\.lock:1:\d+: /],
      [['--offline', '--explain', 'b', 'requirements.txt'], /'b' is not among the packages/], [['==1'], /is neither a file nor a requirement/], [['--fail-on', 'x'], /--fail-on/], [['--timeout', 'soon'], /--timeout/],
    ] as const) {
      const { status, stderr, stdout } = await run(directory, words);
      assert.match(stderr, message);
      assert.deepEqual([status, stdout], [2, ''], words.join(' '));
    }
  });
});

/** A lock like those of real projects: some 30 wheels a package. */
function bigLock(count: number): string {
  const names = Array.from({ length: count }, (_, index) => `package-${index}`);
  const platforms = ['macosx_10_13_x86_64', 'macosx_11_0_arm64', 'manylinux_2_17_aarch64.manylinux2014_aarch64', 'manylinux_2_17_x86_64.manylinux2014_x86_64', 'musllinux_1_2_aarch64', 'win_amd64'];
  const files = (name: string): string => ['310', '311', '312', '313', '314'].flatMap((python) => platforms.map((platform) =>
    `    { url = "https://files.pythonhosted.org/packages/00/11/${name.replace('-', '_')}-1.0-cp${python}-cp${python}-${platform}.whl", hash = "sha256:${'0'.repeat(64)}", size = 1 },`)).join('\n');
  const entries = names.map((name, index) => `[[package]]\nname = "${name}"\nversion = "1.0"\nsource = { registry = "https://pypi.org/simple" }\n`
    + `dependencies = [${names.slice(index + 1, index + 4).map((other) => `{ name = "${other}", marker = "python_version >= '3.10' and sys_platform != 'cygwin'" }`).join(', ')}]\nwheels = [\n${files(name)}\n]\n`);
  return `version = 1\nrequires-python = ">=3.10"\n\n[[package]]\nname = "app"\nversion = "1"\nsource = { virtual = "." }\ndependencies = [${names.map((name) => `{ name = "${name}" }`).join(', ')}]\n\n${entries.join('\n')}`;
}

test('a lock of 200 packages is answered offline in under two seconds', async (t) => {
  const directory = writeFiles(t, { 'uv.lock': bigLock(200) });
  // Processor time: the machine may be shared with other tests.
  const before = process.cpuUsage();
  await checkPath(directory, optionsFor('all', ['3.10', '3.11', '3.12', '3.13', '3.14'], undefined));
  const { user, system } = process.cpuUsage(before);
  assert.ok((user + system) / 1e6 < 2, `${(user + system) / 1e6} s`);
  const start = performance.now();
  const { status, stdout } = await run(directory, ['--offline', '--json']);
  assert.equal(status, 1);
  const report = JSON.parse(stdout) as { projects: { packages: { answers: unknown[] }[] }[] };
  assert.deepEqual([report.projects[0]?.packages.length, report.projects[0]?.packages[0]?.answers.length], [200, 20]);
  t.diagnostic(`${((performance.now() - start) / 1000).toFixed(2)} s from the command line, ${((user + system) / 1e6).toFixed(2)} s of processor time`);
});

describe('wrappers', () => {
  test('the action hands every input over as a variable', () => {
    const action = parse(readFileSync(join(projectRoot, 'action.yml'), 'utf8')) as { inputs: object; runs: { steps: { run: string; env: Record<string, string> }[] } };
    const [step] = action.runs.steps;
    const names = Object.keys(action.inputs).map((name) => `INPUT_${name.toUpperCase().replace('-', '_')}`);
    assert.deepEqual(Object.keys(step?.env ?? {}).filter((name) => name.startsWith('INPUT_')).sort(), names.sort());
    assert.doesNotMatch(step?.run ?? '', /\$\{\{/);
    for (const name of names) assert.ok(step?.run.includes(`$${name}`), name);
  });

  test('the script of the action runs', async (t) => {
    const { directory } = await project(t);
    const action = parse(readFileSync(join(projectRoot, 'action.yml'), 'utf8')) as { runs: { steps: { run: string }[] } };
    const summary = join(directory, 'summary.md');
    const env = {
      PATH: process.env['PATH'], HOME: directory, PIP_CONFIG_FILE: '/dev/null', ACTION_PATH: projectRoot, GITHUB_STEP_SUMMARY: summary, INPUT_PATH: 'requirements.txt\n', INPUT_TARGET: 'windows',
      INPUT_PYTHON: '3.12', INPUT_FAIL_ON: 'file-problem', INPUT_BASELINE: '', INPUT_SARIF: 'x.sarif', INPUT_ARGUMENTS: '--offline\n--no-deps',
    };
    const { status, stdout, stderr } = await execute(['bash', '-e', '-c', action.runs.steps[0]?.run ?? ''], { cwd: directory, env });
    assert.equal(status, 2, stderr);
    assert.match(stdout, /unanswered/);
    assert.match(readFileSync(summary, 'utf8'), /## Python packages on Arm/);
    assert.match(readFileSync(join(directory, 'x.sarif'), 'utf8'), /"version": "2.1.0"/);
  });

  test('the hook is run for every file that is read', () => {
    const [hook] = parse(readFileSync(join(projectRoot, '.pre-commit-hooks.yaml'), 'utf8')) as { files: string; entry: string }[];
    const pattern = new RegExp(hook?.files ?? '');
    for (const name of ['requirements.txt', 'requirements-dev.txt', 'docs/requirements.in', 'pyproject.toml', 'uv.lock', 'pylock.toml', 'pylock.dev.toml', 'a/poetry.lock', 'pdm.lock', 'Pipfile.lock', 'environment.yml']) assert.match(name, pattern);
    assert.doesNotMatch('README.md', pattern);
    assert.match(hook?.entry ?? '', /^armature check /);
  });
});
