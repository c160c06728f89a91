import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');
const corpus = join(root, 'tests', 'ci', 'corpus');
const day = ['--date', '2026-10-01'];

interface Finished {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function ci(words: readonly string[], cwd: string = corpus): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(root, 'bin', 'armature.cjs'), 'ci', ...words], { cwd, env: { PATH: process.env['PATH'] } }, (error, stdout, stderr) => {
      resolve({ status: error === null ? 0 : Number(error.code), stdout, stderr });
    });
  });
}

function copyOf(t: TestContext, name: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'armature-ci-cli-'));
  t.after(() => { rmSync(directory, { recursive: true, force: true }); });
  cpSync(join(corpus, name), directory, { recursive: true });
  return directory;
}

test('check: 1 with findings, 0 without or below the level', async () => {
  const found = await ci(['check', ...day, 'literal-job.yml']);
  assert.equal(found.status, 1);
  assert.match(found.stdout, /^literal-job\.yml:12:14: warning: .*\[untested-on-arm\]\n {4}port: adds ubuntu-24\.04-arm/m);
  assert.match(found.stdout, /^Data: runners, .* of 2026-09-22 \(9 days old\)/m);
  assert.equal((await ci(['check', ...day, '--fail-on', 'error', 'literal-job.yml'])).status, 0);
  assert.equal((await ci(['check', ...day, 'already-on-arm.yml'])).status, 0);
});

test('port: a diff and 1; written and 0; then nothing and 0', async (t) => {
  const directory = copyOf(t, 'cibuildwheel-pyproject');
  const path = join(directory, '.github', 'workflows', 'wheels.yml');
  const before = readFileSync(path, 'utf8');
  const dry = await ci(['port', ...day], directory);
  assert.equal(dry.status, 1);
  assert.match(dry.stdout, /^--- a\/\.github\/workflows\/wheels\.yml\n/m);
  assert.match(dry.stderr, /^2 files to change\.\n/);
  assert.equal(readFileSync(path, 'utf8'), before);
  const wet = await ci(['port', '--write', ...day], directory);
  assert.deepEqual([wet.status, wet.stdout], [0, dry.stdout]);
  assert.match(readFileSync(path, 'utf8'), /os: \[ubuntu-24\.04, ubuntu-24\.04-arm\]/);
  const again = await ci(['port', ...day], directory);
  assert.deepEqual([again.status, again.stdout], [0, '']);
  assert.match(again.stderr, /^Nothing to change\.\n/);
});

test('port --json', async () => {
  const { status, stdout } = await ci(['port', '--json', ...day, 'literal-job.yml']);
  const document = JSON.parse(stdout) as { command: string; files: { path: string; written: boolean }[] };
  assert.deepEqual([status, document.command, document.files.map(({ path, written }) => [path, written])], [1, 'port', [['literal-job.yml', false]]]);
});

test('a file that cannot be read: 2, and nothing is written', async (t) => {
  const directory = copyOf(t, 'reusable');
  writeFileSync(join(directory, '.github', 'workflows', 'broken.yml'), 'on: [push\njobs:\n');
  const path = join(directory, '.github', 'workflows', 'ci.yml');
  const before = readFileSync(path, 'utf8');
  const { status, stderr } = await ci(['port', '--write', ...day], directory);
  assert.equal(status, 2);
  assert.match(stderr, /^armature: \.github\/workflows\/broken\.yml:\d+:\d+: .*\[ci-syntax\]$/m);
  assert.equal(readFileSync(path, 'utf8'), before);
});

test('wrong usage: 2', async () => {
  const wrong: readonly (readonly [words: readonly string[], message: RegExp])[] = [
    [[], /knows no action ''.*\[ci-unknown-action\]/], [['prot'], /did you mean.*port|'prot'/], [['check', 'gone'], /gone does not exist/],
    [['check', '--write'], /unknown option '--write'/], [['port', '--fail-on', 'note'], /unknown option '--fail-on'/], [['check', '--target', 'plan9'], /'plan9' is no value of --target/],
    [['check', '--date', 'tomorrow'], /'tomorrow' is no value of --date/], [['check', 'a', 'b'], /takes no argument 'b'/],
  ];
  for (const [words, message] of wrong) {
    const { status, stderr, stdout } = await ci(words);
    assert.deepEqual([status, stdout], [2, ''], words.join(' '));
    assert.match(stderr, message);
  }
});
