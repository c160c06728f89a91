import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import type { Python } from '#lab/bench/modes.ts';
import { modeVariables, nameSides, referenceOf } from '#lab/bench/modes.ts';
import { programsOf } from '#lab/bench/program.ts';
import { formatDuration, progressLine } from '#lab/bench/progress-bar.ts';
import { suitePrograms } from '#lab/bench/suites.ts';
import { formatValue } from '#lab/bench/text-table.ts';
import { readCalibration } from '#lab/bench/warmup.ts';
import type { Warmup } from '#lab/format/pyperf.ts';
import { projectRoot } from '../../tools/pythons/targets.ts';
import { program } from './harness.ts';

const series = (loops: number, values: readonly number[]): Warmup[] => [[1, values[0] ?? 0], ...values.map((value): Warmup => [loops, value])];

describe('what the first process tells', () => {
  test('a steady program: the loops found, one warm-up', () => {
    assert.deepEqual(readCalibration(series(64, [1.01, 1, 1.02, 0.99, 1, 1]), 64), { loops: 64, warmups: 1 });
  });

  test('values that are more than 5 % slower than the later ones warm up', () => {
    assert.deepEqual(readCalibration(series(8, [3, 2, 1.2, 1.04, 1, 1, 1, 1]), 8), { loops: 8, warmups: 4 });
  });

  test('a program that becomes ten times faster gets more loops, and as many fewer values to warm up', () => {
    const { loops, warmups } = readCalibration(series(8, [1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.1]), 8);
    assert.equal(loops, 64);
    assert.equal(warmups, 1, '4 values of 8 calls are less than one of 64');
  });

  test('a program that becomes slower has no warm-up', () => {
    assert.deepEqual(readCalibration(series(8, [1, 1, 1, 2, 2, 2]), 8), { loops: 8, warmups: 1 });
  });

  test('a value that scatters below the minimum is no reason to double', () => {
    assert.equal(readCalibration(series(8, [1, 0.9, 0.9, 0.9]), 8).loops, 8);
  });
});

const python = (version: string, jit: Python['jit']): Python => ({ command: ['p'], version, implementation: 'cpython', executable: 'p', jit });

describe('sides', () => {
  test('a build with a JIT is told in every mode whether to use it; another is not', () => {
    assert.deepEqual(modeVariables('cpython-jit', python('3.14.0', 'off')), { PYTHON_JIT: '1' });
    assert.deepEqual(modeVariables('plain', python('3.15.0', 'on')), { PYTHON_JIT: '0' });
    assert.deepEqual(modeVariables('plain', python('3.11.2', 'none')), {});
  });

  test('each side is compared with the plain one of its interpreter, and that with the first of all', () => {
    const [old, recent] = [python('3.11.2', 'none'), python('3.14.0', 'off')];
    const sides = nameSides([old, recent].flatMap((each) => (['plain', 'armature'] as const).map((mode) => ({ python: each, mode, environment: {} }))));
    assert.deepEqual(sides.map((side) => referenceOf(side, sides)?.label), [undefined, 'CPython 3.11.2 plain', 'CPython 3.11.2 plain', 'CPython 3.14.0 plain']);
    assert.deepEqual(sides.map(({ slug }) => slug), ['cpython-3.11.2-plain', 'cpython-3.11.2-armature', 'cpython-3.14.0-plain', 'cpython-3.14.0-armature']);
  });

  test('two builds of one version are numbered', () => {
    const sides = nameSides([python('3.14.0', 'none'), python('3.14.0', 'off')].map((each) => ({ python: each, mode: 'plain', environment: {} })));
    assert.deepEqual(sides.map(({ label }) => label), ['CPython 3.14.0 #1 plain', 'CPython 3.14.0 #2 plain']);
  });
});

describe('what a file is measured as', () => {
  const kindsOf = (text: string, only?: string): string[] => {
    const directory = mkdtempSync(join(tmpdir(), 'armature-test-bench-'));
    const file = join(directory, 'x.py');
    writeFileSync(file, text);
    const kinds = programsOf(file, only, []).map(({ kind, name }) => `${kind} ${name}`);
    rmSync(directory, { recursive: true });
    return kinds;
  };

  for (const [what, text, expected] of [
    ['a pyperf script', 'import os, pyperf\nrunner = pyperf.Runner()\n', ['pyperf x']],
    ['a pyperf script, otherwise imported', 'from pyperf import Runner\nRunner().timeit("x")\n', ['pyperf x']],
    ['a pyperf script with a class of its own', 'import pyperf\nclass Small(pyperf.Runner):\n  pass\nSmall().timeit("x")\n', ['pyperf x']],
    ['a program that reads files of pyperf', 'import pyperf\npyperf.BenchmarkSuite.load("x")\n', ['whole x']],
    ['a program', 'print(1)\n', ['whole x']],
    ['functions to measure', 'def bench_a():\n  pass\ndef bench_b( ):\n  pass\ndef bench_c(x):\n  pass\nclass C:\n  def bench_d():\n    pass\n', ['function x::bench_a', 'function x::bench_b']],
  ] as const) {
    test(what, () => assert.deepEqual(kindsOf(text), expected));
  }

  test('one function by name, even of a pyperf script', () => assert.deepEqual(kindsOf('import pyperf\npyperf.Runner()\n', 'f'), ['function x::f']));

  test('suites and their parts', () => {
    const root = join(projectRoot, 'benchmarks');
    assert.equal(suitePrograms('kernels', root).length, 30);
    assert.deepEqual(suitePrograms('kernels-quick/sieve', root).map(({ name }) => name), ['hot_function', 'one_call', 'module_level'].map((form) => `kernels-quick/sieve/${form}`));
    assert.deepEqual(suitePrograms('kernels-quick/sieve/one_call', root).map((found) => found.arguments), [['150000']]);
    assert.ok(suitePrograms('no-gain', root).length > 3);
    for (const wrong of ['kernel', 'kernels/siev', 'kernels/sieve/', program('fails.py')]) assert.deepEqual(suitePrograms(wrong, root), [], wrong);
  });
});

describe('texts', () => {
  test('values have three digits and a unit', () => {
    assert.deepEqual([1.2345, 0.99995, 0.01234, 1.5e-5, 2e-9, 123.4].map((value) => formatValue(value, 'second')), ['1.23 s', '1.00 s', '12.3 ms', '15.0 us', '2.00 ns', '123 s']);
    assert.equal(formatValue(3 * 2 ** 20, 'byte'), '3.00 MiB');
    assert.equal(formatValue(7, 'integer'), '7.00');
  });

  test('the bar tells how much is left, and fits the terminal', () => {
    assert.equal(progressLine({ done: 5, total: 20, doing: 'sieve' }, 10, 80), '[======                  ] 5/20, 30 s left  sieve');
    assert.equal(progressLine({ done: 5, total: 20, doing: 'x'.repeat(99) }, 10, 40).length, 39);
    const slow = (done: number, seconds: number, ofThis: number): string => progressLine({ done, total: 4, doing: '' }, seconds, 80, ofThis).slice(30).trim();
    assert.deepEqual([slow(0, 2, 2), slow(0, 7, 7)], ['', ', 7 s'], 'nothing is known of what is left, but time goes on');
    assert.deepEqual([slow(1, 20, 0), slow(1, 25, 5), slow(1, 95, 75)], [', 1 min 0 s left', ', 55 s left', ', 0 s left'], 'nor does it stand still while a slow program runs');
    assert.deepEqual([4, 75, 3700].map(formatDuration), ['4 s', '1 min 15 s', '1 h 1 min']);
  });
});
