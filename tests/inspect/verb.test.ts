/** `armature inspect` as a user meets it. */
import assert from 'node:assert/strict';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { spawnSync } from 'node:child_process';
import { projectRoot } from '../../tools/pythons/targets.ts';
import { buildElf, fileMember, workDirectory } from './harness.ts';
import { zip } from './zip-writer.ts';

const directory = workDirectory();

function run(...words: readonly string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync(process.execPath, [join(projectRoot, 'bin/armature.cjs'), 'inspect', ...words], { encoding: 'utf8', env: { ...process.env, NO_COLOR: '1' } });
}

const good = join(directory, 'demo-1.0-cp312-cp312-manylinux_2_28_aarch64.whl');
writeFileSync(good, zip([fileMember('demo/_demo.abi3.so', buildElf(directory, 'v.so'))]));
const bad = join(directory, 'demo-1.0-py3-none-any.whl');
writeFileSync(bad, zip([fileMember('demo/_demo.abi3.so', join(directory, 'v.so'))]));

test('a wheel with nothing wrong', () => {
  const { status, stdout, stderr } = run(good);
  assert.deepEqual([status, stderr], [0, '']);
  assert.match(stdout, /1 file with machine code: ELF aarch64\n.*pages of up to 64 KB\n {2}beyond Armv8\.0: nothing\n {2}has all it needs on raspberry-pi-3, .*\n(?: {6}.*\n)+ {2}nothing to complain of\n/);
  assert.deepEqual(stdout.split('\n').slice(1).filter((line) => line.length > 80), [], 'lists are broken');
});

test('an error makes the exit status 1, and names file, reason and remedy', () => {
  const { status, stdout } = run(bad, good);
  assert.equal(status, 1);
  assert.match(stdout, /error .*\[native-in-any\]\n {4}demo\/_demo\.abi3\.so: ELF \(Linux\) for aarch64, in a wheel tagged `any`\n {4}→ Publish it/);
});

test('--json is one document', () => {
  const { status, stdout } = run('--json', bad);
  assert.equal(status, 1);
  const document = JSON.parse(stdout) as { version: number; subjects: { findings: { code: string; path: string }[]; files: { cpus: Record<string, string> }[] }[] };
  assert.equal(document.version, 1);
  assert.deepEqual(document.subjects[0]?.findings.map(({ code, path }) => [code, path]), [['native-in-any', 'demo/_demo.abi3.so']]);
  assert.equal(document.subjects[0]?.files[0]?.cpus['raspberry-pi-4'], 'runs');
});

for (const [words, expected] of [
  [[], /\[nothing-to-inspect\]/], [[join(directory, 'nowhere')], /nowhere' cannot be opened: ENOENT.*\[inspect-no-such-path\]/],
  [['http:///'], /'http:\/\/\/' cannot be opened: this is no URL/],
  [['--cpu', 'pentium', good], /no processor is called 'pentium' \[unknown-cpu\]/], [['--cpus', good], /unknown option '--cpus'.*did you mean/],
] as const) {
  test(`wrong usage: inspect ${words.join(' ').replace(directory, '…')}`, () => {
    const { status, stdout, stderr } = run(...words);
    assert.deepEqual([status, stdout], [2, '']);
    assert.match(stderr, expected);
  });
}

test('links that are named are followed; a pipe is not waited for', (t) => {
  if (process.platform === 'win32') {
    t.diagnostic('there are no such things');
    return;
  }
  symlinkSync(join(directory, 'v.so'), join(directory, 'link.so'));
  assert.equal(run(join(directory, 'link.so')).status, 0);
  spawnSync('mkfifo', [join(directory, 'pipe.whl')]);
  const { status, stdout } = run(join(directory, 'pipe.whl'));
  assert.equal(status, 1);
  assert.match(stdout, /not a regular file/);
});

test('armature check --inside is the same', () => {
  const words = [join(projectRoot, 'bin/armature.cjs'), 'check', '--inside', '--json', bad];
  const { status, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' });
  assert.equal(status, 1);
  assert.equal(stdout, run('--json', bad).stdout);
});
