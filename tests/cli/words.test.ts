import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { coloursFor } from '#support/colours.ts';
import { shellQuoted } from '#cli/commands/env.ts';
import { parseOptions } from '#cli/options.ts';
import { parseProgram } from '#cli/program.ts';
import { pythonCommand } from '#cli/python.ts';
import { editDistance, suggestion } from '#cli/suggest.ts';
import { explainOptions, runOptions, verbs } from '#cli/verbs.ts';
import { runArmature } from './harness.ts';

describe('words of the command line', () => {
  test('options come before the program', () => {
    const { values, rest } = parseOptions('run', runOptions, ['--stats', '--python=p', 'a.py', '--stats-json']);
    assert.deepEqual([...values], [['--stats', ''], ['--python', 'p']]);
    assert.deepEqual(rest, ['a.py', '--stats-json']);
  });

  test('a value may be left out only where the table says so', () => {
    assert.equal(parseOptions('explain', explainOptions, ['--dump', 'a.py']).values.get('--dump'), '');
    assert.throws(() => parseOptions('run', runOptions, ['--python']), { code: 'missing-value' });
    assert.throws(() => parseOptions('run', runOptions, ['--python=']), { code: 'missing-value' });
    assert.throws(() => parseOptions('run', runOptions, ['--stats=1']), { code: 'unexpected-value' });
    assert.throws(() => parseOptions('run', runOptions, ['--sttas']), { code: 'unknown-option', message: /did you mean '--stats'/ });
  });

  test('the program is read as python3 reads it', () => {
    const parse = (...words: string[]): unknown => {
      const { title, isolatedBy } = parseProgram('run', runOptions, words);
      return [title, isolatedBy];
    };
    assert.deepEqual(parse('a.py', '-I'), ['a.py', undefined]);
    assert.deepEqual(parse('-uB', '-Wx', '-X', 'dev', '-m', 'm'), ['-m m', undefined]);
    assert.deepEqual(parse('-mtimeit'), ['-m timeit', undefined]);
    assert.deepEqual(parse('-BI', '-c', 'x'), ['-c', '-BI']);
    assert.deepEqual(parse('--', '-odd-name.py'), ['-odd-name.py', undefined]);
    assert.throws(() => parse(), { code: 'missing-program' });
    assert.throws(() => parse('-m'), { code: 'missing-value' });
    assert.throws(() => parse('-z', 'a.py'), { code: 'unknown-option' });
  });

  test('a Python may be a command with arguments', () => {
    assert.deepEqual(pythonCommand('emulator -L /root python3', {}), ['emulator', '-L', '/root', 'python3']);
    assert.deepEqual(pythonCommand(undefined, { ARMATURE_PYTHON: 'p' }), ['p']);
    assert.deepEqual(pythonCommand(undefined, {}), ['python3']);
  });

  test('suggestions are near, or absent', () => {
    assert.equal(editDistance('rnu', 'run'), 1);
    assert.equal(suggestion('explian', ['run', 'explain']), "; did you mean 'explain'?");
    assert.equal(suggestion('zzzzzz', ['run', 'explain']), '');
  });

  test('colours only for a terminal, and not with NO_COLOR', () => {
    const terminal = { isTTY: true } as NodeJS.WriteStream;
    assert.equal(coloursFor(terminal, {}).bold('x'), '\u001b[1mx\u001b[0m');
    assert.equal(coloursFor(terminal, { NO_COLOR: '1' }).bold('x'), 'x');
    assert.equal(coloursFor({ isTTY: false } as NodeJS.WriteStream, {}).bold('x'), 'x');
  });

  test('paths are quoted for the shell', () => {
    assert.equal(shellQuoted("it's"), String.raw`'it'\''s'`);
  });
});

describe('help', () => {
  test('lists every verb, exits with 0, and goes to standard output', async (t) => {
    for (const words of [[], ['--help'], ['-h'], ['help']]) {
      const { status, stdout, stderr } = await runArmature(t, words);
      assert.deepEqual([status, stderr], [0, '']);
      for (const { name } of verbs) assert.match(stdout, new RegExp(`^  ${name} `, 'm'));
    }
  });

  for (const { name, options, examples } of verbs) {
    test(`armature ${name} --help shows options and examples`, async (t) => {
      const { status, stdout } = await runArmature(t, [name, '--help']);
      assert.equal(status, 0);
      for (const option of options) assert.ok(stdout.includes(option.name));
      for (const [command] of examples) assert.ok(stdout.includes(command));
      // A pipe has 80 columns; what is typed as it stands is not broken.
      const long = stdout.split('\n').filter((line) => line.length > 80 && !line.startsWith('Usage:') && !line.includes('armature '));
      assert.deepEqual(long, []);
    });
  }

  test('--version', async (t) => {
    assert.match((await runArmature(t, ['--version'])).stdout, /^armature \d+\.\d+\.\d+ \(node /);
  });

  test('an unknown verb', async (t) => {
    const { status, stderr } = await runArmature(t, ['rnu', 'x.py']);
    assert.equal(status, 2);
    assert.equal(stderr, "armature: unknown verb 'rnu'; did you mean 'run'? [unknown-verb]\n  try: armature --help\n");
    assert.match((await runArmature(t, ['x.py'])).stderr, /try: armature run x\.py/);
  });
});
