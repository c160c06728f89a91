import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { describe, test } from 'node:test';
import { existingPath, resultPaths, writeResults } from '#lab/bench/result-files.ts';
import type { Side } from '#lab/bench/modes.ts';
import type { BenchResult } from '#lab/bench/run-benchmarks.ts';
import { runBenchmarks } from '#lab/bench/run-benchmarks.ts';
import { readSuite } from '#lab/format/pyperf.ts';
import { planOf, program, pythons, standInPath, twoSides } from './harness.ts';

const never = new AbortController().signal;

function directory(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'armature-test-bench-'));
  t.after(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

function runsOf(result: BenchResult, name: string, side: Side | undefined) {
  const all = side === undefined ? [] : result.benchmarks.map(({ runs }) => runs.get(side) ?? []);
  return all.find((runs) => runs[0]?.metadata['name'] === name) ?? [];
}

function namesOf(result: BenchResult, side: Side | undefined): readonly unknown[] {
  return side === undefined ? [] : result.benchmarks.flatMap(({ runs }) => (runs.get(side) ?? []).slice(0, 1)).map((run) => run.metadata['name']);
}

test('there is a Python to test with', () => assert.ok(pythons.length > 0));

for (const python of pythons) {
  describe(`CPython ${python.version}`, () => {
    const sides = twoSides(python, { PYTHONHASHSEED: '7' });
    const [first, second] = sides;

    test('a program is timed as a whole, on all sides in turns, backwards every other round', async (t) => {
      const trace = join(directory(t), 'trace');
      const plan = planOf(['trace.py'], sides, { processes: 3 }, [trace]);
      const result = await runBenchmarks(plan, never);
      assert.equal(readFileSync(trace, 'utf8').replaceAll('\n', ''), 'ab' + 'ab' + 'ba' + 'ab');
      assert.deepEqual(runsOf(result, 'trace', first).map((run) => [run.warmups.length, run.values.length]), [[1, 0], [0, 1], [0, 1], [0, 1]]);
      const { metadata } = runsOf(result, 'trace', second)[1] ?? { metadata: {} as Record<string, unknown> };
      assert.equal(metadata['bench_mode'], 'armature');
      assert.equal(metadata['said_of_all'], 1);
      assert.equal(metadata['python_executable'], python.executable);
      assert.equal(metadata['python_version'], `${python.version} (64-bit)`);
      assert.ok(Number(metadata['command_max_rss']) > 1e6);
      assert.equal(metadata['python_hash_seed'], 7);
      assert.equal(metadata['mem_max_rss'], undefined, 'the memory of the process that waits is nobody\'s');
      assert.match(String(metadata['timer']), /, resolution: \d\.\d\d ns$/);
      assert.ok(Number(metadata['duration']) >= (runsOf(result, 'trace', second)[1]?.values[0] ?? Infinity));
      assert.equal(result.benchmarks[0]?.outputDiffers, false);
      assert.deepEqual(result.failures, []);
    });

    test('functions are called in calibrated loops; what takes arguments and what stands under __main__ is left alone', async () => {
      const result = await runBenchmarks(planOf(['functions.py'], sides, { warmups: 2 }), never);
      assert.deepEqual(result.failures, []);
      assert.deepEqual(namesOf(result, sides[0]), ['functions::bench_count', 'functions::bench_list']);
      const [calibration, ...runs] = runsOf(result, 'functions::bench_count', first);
      assert.deepEqual(calibration?.values, []);
      assert.ok(Number(calibration?.metadata['calibrate_loops']) > 1);
      assert.deepEqual(runs.map((run) => [run.warmups.length, run.values.length]), [[2, 2], [2, 2]]);
      for (const { values, metadata } of runs) {
        assert.ok(Number(metadata['loops']) >= Number(calibration?.metadata['calibrate_loops']));
        assert.ok(values.every((value) => value > 0 && value < 0.01), 'a value is the time of one call');
      }
    });
  });
}

describe('whatever the interpreter', () => {
  const [python] = pythons;
  if (python === undefined) return;
  const sides = twoSides(python);
  const [first] = sides;

  test('the files that are written are what pyperf writes: one for each side, names once, common metadata hoisted', async (t) => {
    const result = await runBenchmarks(planOf(['functions.py', 'trace.py'], sides, {}, [join(directory(t), 'trace')]), never);
    const output = directory(t);
    const paths = resultPaths(join(output, 'x.json.gz'), sides);
    assert.equal(existingPath(paths), undefined);
    const written = writeResults(result.benchmarks, paths);
    assert.deepEqual(written, sides.map((side) => join(output, `x-${side.slug}.json.gz`)));
    assert.equal(existingPath(paths), written[0]);
    const suite = readSuite(readFileSync(written[0] ?? ''), 'x');
    assert.deepEqual(suite.benchmarks.map(({ name }) => name), ['functions::bench_count', 'functions::bench_list', 'trace']);
    assert.equal(suite.metadata['unit'], 'second');
    assert.equal(suite.metadata['cpu_count'], runsOf(result, 'trace', first)[0]?.metadata['cpu_count']);
    assert.deepEqual(suite.benchmarks.map(({ runs }) => runs.length), [3, 3, 3]);
  });

  test('a failing program is named with its standard error, and the others go on', async (t) => {
    const result = await runBenchmarks(planOf(['fails.py', 'trace.py'], sides, {}, [join(directory(t), 'trace')]), never);
    assert.deepEqual(result.failures.map(({ program: name, side, reason }) => [name, side, reason]), sides.map((side) => ['fails', side, 'it ended with status 1']));
    assert.match(result.failures[0]?.stderr ?? '', /about to fail\nTraceback [^]*ValueError: broken on purpose\n$/);
    assert.deepEqual(namesOf(result, sides[0]), ['trace']);
    assert.equal(runsOf(result, 'trace', first).length, 3);
  });

  test('a function that does not exist is a failure of the program', async () => {
    const plan = planOf([], sides.slice(0, 1));
    const missing = { kind: 'function', name: 'f', file: program('functions.py'), function: 'not_there', arguments: [] } as const;
    const { failures } = await runBenchmarks({ ...plan, programs: [missing] }, never);
    assert.match(failures[0]?.stderr ?? '', /functions\.py has no function not_there/);
  });

  test('different output is noticed', async () => {
    const result = await runBenchmarks(planOf(['prints_side.py'], sides), never);
    assert.equal(result.benchmarks[0]?.outputDiffers, true);
  });

  test('a process that takes too long is ended', async () => {
    const { failures } = await runBenchmarks(planOf(['hangs.py'], sides.slice(0, 1), { timeoutSeconds: 0.5 }), never);
    assert.deepEqual(failures.map(({ reason }) => reason), ['it took longer than 0.5 s']);
  });

  test('an interruption keeps what was measured, and ends the process that runs', async (t) => {
    const abort = new AbortController();
    const plan = planOf(['trace.py', 'hangs.py'], sides, { processes: 5 }, [join(directory(t), 'trace')]);
    const result = await runBenchmarks(plan, abort.signal, {
      progress: ({ doing }) => {
        if (doing.startsWith('calibrating hangs')) setTimeout(() => abort.abort(), 50);
      },
    });
    assert.equal(result.interrupted, true);
    assert.deepEqual(result.failures, []);
    assert.equal(runsOf(result, 'trace', first).length, 1);
  });
});

describe('pyperf scripts', () => {
  const [python] = pythons;
  if (python === undefined) return;
  const hasPyperf = spawnSync(python.command[0] ?? '', ['-c', 'import pyperf']).status === 0;
  // Where there is no pyperf, workers are those of a package that follows its protocol.
  const sides = twoSides(python, hasPyperf ? {} : { PYTHONPATH: standInPath });
  const [first] = sides;

  test('run unchanged, one benchmark after the other', async () => {
    const result = await runBenchmarks(planOf(['two_benchmarks.py'], sides), never);
    assert.deepEqual(result.failures, []);
    assert.deepEqual(namesOf(result, sides[0]), ['first', 'second']);
    for (const side of sides) {
      const [calibration, ...runs] = runsOf(result, 'second', side);
      assert.equal(calibration?.values.length, 0);
      assert.deepEqual(runs.map((run) => run.values.length), [2, 2]);
      assert.ok(runs.every((run) => run.metadata['cpu_count'] !== undefined && run.metadata['perf_version'] !== undefined));
    }
  });

  test('benchmarks that only one side has, names that two scripts share, and one that fails among others', async () => {
    const result = await runBenchmarks(planOf(['uneven.py', 'two_benchmarks.py'], sides), never);
    assert.deepEqual(namesOf(result, sides[0]), ['first', 'third', 'only a', 'first #2', 'second']);
    assert.deepEqual(namesOf(result, sides[1]), ['first', 'third', 'first #2', 'second']);
    assert.deepEqual(result.failures.map(({ program: name, side, stderr }) => [name, side, /ZeroDivisionError/.test(stderr)]),
      sides.map((side) => ['uneven (benchmark 2)', side, true]));
  });

  test('a number of loops that the script sets is kept', async () => {
    const result = await runBenchmarks(planOf(['own_loops.py'], sides), never);
    assert.deepEqual(result.failures, []);
    assert.deepEqual(runsOf(result, 'three', sides[0]).map((run) => run.metadata['loops']), [3, 3, 3]);
    assert.deepEqual(runsOf(result, 'three', sides[0]).map((run) => [run.warmups.length, run.values.length]), [[2, 0], [1, 2], [1, 2]], 'the first process does not count here either');
  });

  test('--loops after -- is the number of loops', async () => {
    const result = await runBenchmarks(planOf(['two_benchmarks.py'], sides.slice(0, 1), {}, ['--loops', '2^3']), never);
    assert.deepEqual(result.failures, []);
    assert.deepEqual(runsOf(result, 'second', sides[0]).map((run) => run.metadata['loops']), [8, 8, 8]);
  });

  test('options, metadata, inner loops, number of values and least time are those of the script; it may use the result after its last benchmark', async () => {
    const result = await runBenchmarks(planOf(['bm_style.py'], sides, { values: undefined, minimumSeconds: undefined }, ['sums', '--size', '20']), never);
    assert.deepEqual(result.failures, []);
    assert.deepEqual(sides.map((side) => namesOf(result, side)), [['sums_20'], ['sums_20']]);
    const [calibration, run] = runsOf(result, 'sums_20', first);
    assert.equal(run?.values.length, 4);
    assert.equal(run.metadata['loops'], calibration?.metadata['calibrate_loops']);
    const { verified, description, own, inner_loops: innerLoops } = run.metadata;
    assert.deepEqual([verified, description, own, innerLoops], ['True', 'Sums.', 1, 2]);
  });

  test('what pyperf says on standard output is shown, whatever the script writes to standard error', async () => {
    const { failures } = await runBenchmarks(planOf(['takes_no_time.py'], sides.slice(0, 1)), never);
    assert.deepEqual(failures.map(({ stderr }) => stderr.split('\n', 2)), [['a warning', 'ERROR: failed to calibrate the number of loops']]);
  });

  test('without pyperf the failure says so', async () => {
    // A module of that name that is not there, whatever is installed.
    const hidden = twoSides(python, { PYTHONPATH: join(import.meta.dirname, 'without-pyperf') });
    const { failures } = await runBenchmarks(planOf(['two_benchmarks.py'], hidden), never);
    assert.match(failures[0]?.stderr ?? '', /No module named 'pyperf'/);
  });
});
