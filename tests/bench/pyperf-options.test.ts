import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { benchOptions } from '#cli/verbs/bench.ts';
import { notOfBench, refusedByWorkers } from '#lab/bench/pyperf-options.ts';

const known = benchOptions.map(({ name }) => name);

/** All options of pyperf's Runner, by what a worker does with them: heeds them, or leaves them to a manager that is not there. */
const forWorkers = ['-l', '--loops', '--hook', '--profile', '--tracemalloc', '--track-memory', '--inherit-environ', '--copy-env'];
const forManagers = ['--rigorous', '--fast', '--debug-single-value', '-p', '--processes', '-n', '--values', '-w', '--warmups', '-v', '--verbose', '-q', '--quiet', '--pipe', '-o', '--output',
  '--append', '--min-time', '--timeout', '--worker', '--worker-task', '--calibrate-loops', '--recalibrate-loops', '--calibrate-warmups', '--recalibrate-warmups', '-d', '--dump', '-m', '--metadata',
  '-g', '--hist', '-t', '--stats', '--affinity', '--no-locale', '--python', '--compare-to', '--python-names', '--in-process'];

describe("options of pyperf's Runner", () => {
  test('after --: what a worker heeds is passed on, the rest is refused with what to do instead', () => {
    for (const option of forWorkers) assert.equal(refusedByWorkers([option]), undefined, option);
    for (const option of forManagers) {
      const refused = refusedByWorkers(['--size', '3', `${option}${option.startsWith('--') ? '=x' : ''}`]);
      assert.equal(refused?.option, option);
      assert.match(refused?.instead ?? '', /\w/);
    }
  });

  test('before --: none is called unknown, whether armature bench has it or not', () => {
    for (const option of [...forWorkers, ...forManagers]) {
      assert.equal(notOfBench(['x.py', option, 'x'], known)?.option, known.includes(option) ? undefined : option);
    }
    assert.deepEqual(notOfBench(['x.py', '-o', 'x.json'], known), { option: '-o', instead: 'give `--output` to armature bench, before `--`' });
  });

  test('short options are found with their number and with others; what is of the script is left alone', () => {
    assert.deepEqual([['-p3'], ['-tv'], ['-vq']].map((words) => refusedByWorkers(words)?.option), ['-p', '-t', '-v']);
    for (const words of [['-l3'], ['-level'], ['-x'], ['--size', '-3'], ['pickle'], ['--output-dir', 'x'], ['-pure']]) assert.equal(refusedByWorkers(words), undefined, words.join(' '));
  });
});
