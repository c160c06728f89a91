import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { checkWorkflows } from '#ci/check.ts';
import { portWorkflows } from '#ci/port.ts';
import { ReportedError } from '#support/reported-error.ts';

const scratch = mkdtempSync(join(tmpdir(), 'armature-ci-bad-'));
after(() => { rmSync(scratch, { recursive: true, force: true }); });
const today = '2026-10-01';

const good = 'on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: pytest\n';
const job = (steps: string): string => `on: push\njobs:\n  test:\n    runs-on: ubuntu-24.04\n    steps:\n${steps}`;

function project(name: string, files: Readonly<Record<string, string | Uint8Array>>): string {
  const root = join(scratch, name);
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), content);
  }
  return root;
}

/** Each level doubles: 40 of them are a million million nodes. */
const explosion = (() => {
  const lines = ['on: push', 'env:', '  a0: &a0 [x, x]'];
  for (let level = 1; level <= 40; level += 1) lines.push(`  a${String(level)}: &a${String(level)} [*a${String(level - 1)}, *a${String(level - 1)}]`);
  return `${lines.join('\n')}\njobs: {}\n`;
})();

const axis = `[${Array.from({ length: 20 }, (_each, index) => String(index)).join(', ')}]`;
const cases: readonly (readonly [name: string, content: string | Uint8Array, code: string, message: RegExp])[] = [
  ['explosion', explosion, 'ci-explosion', /ci\.yml:\d+:\d+: aliases make this document/],
  ['anchor inside itself', 'on: push\nenv: &e\n  a: *e\njobs: {}\n', 'ci-cyclic', /ci\.yml:3:6: an anchor refers to itself/],
  ['unknown anchor', 'on: push\nenv: *nowhere\njobs: {}\n', 'ci-syntax', /ci\.yml:2:6: /],
  ['cut off in a string', good.replace('pytest\n', '"pyte'), 'ci-syntax', /ci\.yml:6:\d+: /],
  ['cut off in a list', 'on: [push\njobs:\n', 'ci-syntax', /ci\.yml:\d+:\d+: /],
  ['cut off in an expression', job("      - run: echo ${{ github.ref\n"), 'ci-expression', /ci\.yml:6:19: '\$\{\{' without '\}\}'/],
  ['deep expression', job(`      - run: echo \${{ ${'('.repeat(5000)}1${')'.repeat(5000)} }}\n`), 'ci-expression', /ci\.yml:6:19: .*depth/],
  ['long expression', job(`      - run: echo \${{ ${'1 || '.repeat(5000)}1 }}\n`), 'ci-expression', /ci\.yml:6:19: .*characters/],
  ['unknown function', job("      - if: launch('x')\n        run: \"echo ${{ launch('x') }}\"\n"), 'ci-expression', /launch/],
  ['deep lists', `on: push\njobs: ${'['.repeat(20000)}\n`, 'ci-syntax', /ci\.yml:\d+:\d+: /],
  ['unknown key', job('      - rnu: pytest\n'), 'ci-schema', /ci\.yml:6:9: .*rnu/],
  ['duplicate key', `${good}jobs: {}\n`, 'ci-syntax', /ci\.yml:7:1: /],
  ['no workflow', 'hello: world\n', 'ci-schema', /ci\.yml:1:1: /],
  ['empty', '', 'ci-schema', /ci\.yml/],
  ['not UTF-8', Uint8Array.of(0x6f, 0x6e, 0x3a, 0xff, 0xfe), 'ci-unreadable', /ci\.yml: .*UTF-8/],
  ['too large', `# ${'x'.repeat(1 << 20)}\n${good}`, 'ci-too-large', /ci\.yml: \d+ bytes/],
  ['broken condition', job("      - if: launch(\n        run: pytest\n"), 'ci-expression', /ci\.yml:6:13: the expression 'launch\('/],
  ['too many legs', good.replace('    steps', `    strategy:\n      matrix:\n        a: ${axis}\n        b: ${axis}\n    steps`), 'ci-matrix', /ci\.yml:\d+:\d+: .*400 combinations/],
];

for (const [name, content, code, message] of cases) {
  test(`${name}: named with its place, and the other file is answered`, async () => {
    const root = project(name.replaceAll(' ', '-'), { '.github/workflows/ci.yml': content, '.github/workflows/good.yml': good });
    const { project: read, findings } = await checkWorkflows(root, { today });
    assert.deepEqual(read.problems.map((problem) => problem.code), [code]);
    assert.match(read.problems[0]?.message ?? '', message);
    assert.deepEqual(findings.map((finding) => finding.file), ['.github/workflows/good.yml']);
    assert.deepEqual((await portWorkflows(root, { today })).files, [], 'nothing is changed beside a file that cannot be read');
  });
}

test('reusable workflows that call each other', async () => {
  const calling = (path: string): string => `on: [push, workflow_call]\njobs:\n  call:\n    uses: ./.github/workflows/${path}\n`;
  const root = project('cycle', { '.github/workflows/a.yml': calling('b.yml'), '.github/workflows/b.yml': calling('a.yml') });
  const { project: read } = await checkWorkflows(root, { today });
  assert.deepEqual(read.problems.map((problem) => problem.code), ['ci-cyclic']);
  assert.match(read.problems[0]?.message ?? '', /b\.yml:3:3: a reusable workflow refers to itself: .*a\.yml → .*b\.yml → .*a\.yml/);
});

test('actions that use each other', async () => {
  const using = (path: string): string => `name: x\ndescription: x\nruns:\n  using: composite\n  steps:\n    - uses: ./${path}\n`;
  const root = project('action-cycle', { '.github/workflows/ci.yml': job('      - uses: ./a\n      - run: pytest\n'), 'a/action.yml': using('b'), 'b/action.yml': using('a') });
  const { project: read, findings } = await checkWorkflows(root, { today });
  assert.match(read.problems[0]?.message ?? '', /an action refers to itself: a\/action\.yml → b\/action\.yml → a\/action\.yml/);
  assert.equal(findings.length, 1);
});

test('a called workflow that is missing', async () => {
  const root = project('missing', { '.github/workflows/ci.yml': 'on: push\njobs:\n  call:\n    uses: ./.github/workflows/gone.yml\n' });
  assert.match((await checkWorkflows(root, { today })).project.problems[0]?.message ?? '', /gone\.yml .*does not exist/);
});

test('a called workflow outside of the project is not read', async () => {
  const root = project('outside/inner', { '.github/workflows/ci.yml': 'on: push\njobs:\n  call:\n    uses: ./../secret.yml\n' });
  project('outside', { 'secret.yml': good });
  const { project: read } = await checkWorkflows(root, { today });
  assert.deepEqual(read.workflows.map((workflow) => workflow.file.path), ['.github/workflows/ci.yml']);
  assert.match(read.problems[0]?.message ?? '', /secret\.yml .*does not exist/);
});

test('a broken pyproject.toml', async () => {
  const root = project('toml', { '.github/workflows/ci.yml': good, 'pyproject.toml': '[tool.cibuildwheel\n' });
  assert.match((await checkWorkflows(root, { today })).project.problems[0]?.message ?? '', /pyproject\.toml:2:1: /);
});

test('a path without workflows', async () => {
  const root = project('nothing', { 'README.md': '' });
  for (const path of [root, join(root, 'gone')]) await assert.rejects(checkWorkflows(path, { today }), (error) => ReportedError.is(error) && error.exitStatus === 2);
});

test('names with control characters and line ends do not reach the terminal or break the diff', async () => {
  const hostile = 'on: push\njobs:\n  test:\n    name: "a\\e[2Jb\\nc"\n    runs-on: ubuntu-24.04\n    steps:\n      - run: pytest\n';
  const root = project('hostile-name', { '.github/workflows/ci.yml': hostile });
  const { files } = await portWorkflows(root, { today });
  assert.match(files[0]?.marks[0]?.reason ?? '', /called "a \[2Jb c \(ubuntu-24\.04\)"/);
});
