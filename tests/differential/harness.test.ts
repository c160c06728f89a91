import assert from 'node:assert/strict';
import { test } from 'node:test';
import { difference } from './compare.ts';
import { fixtureRoot, loadFixtures } from './fixture.ts';
import type { ProgramResult } from './program-run.ts';
import { runProgram } from './program-run.ts';
import { sampleUpTo, seededRandom, seedOf } from './random.ts';

const run = async (code: string, timeoutSeconds = 20): Promise<ProgramResult> =>
  runProgram({ command: ['python3', '-c', code], cwd: fixtureRoot, environment: {}, timeoutSeconds });

test('two runs of one program agree', async () => {
  const code = 'import sys\nprint(sum(range(10)))\nsys.exit(4)';
  assert.equal(difference(await run(code), await run(code)), undefined);
});

test('a difference in any one of output, error output and ending is found', async () => {
  const plain = await run('print(1)');
  const cases: readonly (readonly [string, RegExp])[] = [
    ['print(2)', /stdout differs from line 1/],
    ['print(1)\nimport sys\nprint("x", file=sys.stderr)', /stderr differs/],
    ['print(1)\nraise SystemExit(3)', /plain: exit status 0, attached: exit status 3/],
    ['import os, signal\nprint(1, flush=True)\nos.kill(os.getpid(), signal.SIGTERM)', /ended by SIGTERM/],
  ];
  for (const [code, expected] of cases) {
    const found = difference(plain, await run(code));
    assert.match(found ?? 'no difference', expected);
  }
});

test('a different line number in a traceback is a difference', async () => {
  const found = difference(await run('x = 1\n1 // 0'), await run('x = 1\n\n1 // 0'));
  assert.match(found ?? 'no difference', /stderr differs/);
});

test('a program that hangs is ended and reported, its children included', async () => {
  const hanging = await run('import subprocess, sys\nprint("here", flush=True)\nsubprocess.run(["sleep", "60"])', 5);
  assert.equal(hanging.timedOut, true);
  assert.match(difference(await run('print("here")'), hanging) ?? '', /did not end in time[^]*here/);
});

test('the environment of the tester does not reach the program', async () => {
  process.env['PYTHONWARNINGS'] = 'error';
  process.env['ARMATURE_THRESHOLD_ZERO'] = '1';
  try {
    const result = await run('import os\nprint(sorted(k for k in os.environ if k.startswith(("PYTHONW", "ARMATURE_T"))))');
    assert.equal(result.stdout, '[]\n');
  } finally {
    delete process.env['PYTHONWARNINGS'];
    delete process.env['ARMATURE_THRESHOLD_ZERO'];
  }
});

test('every fixture loads', () => {
  const fixtures = loadFixtures();
  assert.ok(fixtures.length > 40, `${fixtures.length} fixtures`);
  assert.ok(fixtures.every((fixture) => fixture.maxScale >= 1));
});

test('guard samples are reproducible, ascending and within the limit', () => {
  const sample = sampleUpTo(50, 5, seededRandom(seedOf('integers/shifts.py')));
  assert.deepEqual(sample, sampleUpTo(50, 5, seededRandom(seedOf('integers/shifts.py'))));
  assert.deepEqual(sample, sample.toSorted((a, b) => a - b));
  assert.ok(sample.every((guard) => guard >= 1 && guard <= 50));
  assert.deepEqual(sampleUpTo(3, 10, seededRandom(1)), [1, 2, 3]);
});
