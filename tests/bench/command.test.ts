import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArguments } from '#cli/options.ts';
import { bench as verb, benchOptions } from '#cli/verbs/bench.ts';
import { readSuite } from '#lab/format/pyperf.ts';
import { writeSuite } from '#lab/format/write-pyperf.ts';
import { armature, cleanEnvironment, execute, projectRoot, runArmature, temporaryDirectory } from '../cli/harness.ts';
import { program, pythons } from './harness.ts';

const quick = ['--processes', '2', '--values', '2', '--min-time', '0.0005'];

function bench(t: TestContext, words: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const directory = temporaryDirectory(t);
  return execute([...armature, 'bench', ...words], { cwd: directory, env: cleanEnvironment(directory, variables) });
}

interface Document {
  readonly sides: readonly { readonly mode: string; readonly file: string; readonly benchmarks: readonly { readonly name: string; readonly processes: readonly unknown[] }[] }[];
  readonly comparisons: readonly { readonly reference: string; readonly changed: string; readonly benchmarks: readonly { readonly name: string; readonly verdict: string }[] }[];
  readonly failures: readonly { readonly program: string; readonly stderr: string }[];
  readonly interrupted: boolean;
}

test('plain and armature are compared, and a file is written for each', async (t) => {
  const output = join(temporaryDirectory(t), 'results');
  const { status, stdout, stderr } = await bench(t, [program('functions.py'), ...quick, '--output', output, '--json']);
  assert.equal(status, 0, stderr);
  const { sides, comparisons, failures } = JSON.parse(stdout) as Document;
  assert.deepEqual(sides.map(({ mode }) => mode), ['plain', 'armature']);
  assert.deepEqual(comparisons.map(({ benchmarks }) => benchmarks.map(({ name }) => name)), [['functions::bench_count', 'functions::bench_list']]);
  assert.deepEqual(failures, []);
  assert.deepEqual(readdirSync(output).sort(), sides.map(({ file }) => file.slice(output.length + 1)).sort());
  const suite = readSuite(readFileSync(sides[1]?.file ?? ''), 'armature');
  assert.equal(suite.metadata['bench_mode'], 'armature');
  assert.match(stderr, /^Results: /m);
});

test('under armature the program has an agent, and plain it has none, whatever the shell says', async (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'environment.py');
  writeFileSync(path, `import os\nwith open(${JSON.stringify(join(directory, 'seen'))}, "a") as seen:\n    seen.write("%s %s\\n" % ("ARMATURE_SOCKET" in os.environ, "agent/python" in os.environ.get("PYTHONPATH", "")))\n`);
  const { status, stderr } = await bench(t, [path, '--processes', '1', '--output', join(directory, 'out')], { ARMATURE_SOCKET: '/nowhere/socket' });
  assert.equal(status, 0, stderr);
  const seen = readFileSync(join(directory, 'seen'), 'utf8').trim().split('\n');
  assert.deepEqual(seen, ['False False', 'True True', 'False False', 'True True']);
});

test('a compile server that ends on the way is told', async (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'stops.py');
  const [node, main] = armature;
  writeFileSync(path, `import subprocess\nsubprocess.run(${JSON.stringify([node, main, 'env', '--stop'])}, check=True)\n`);
  const { status, stderr } = await bench(t, [path, '--processes', '1', '--with', 'armature', '--output', join(directory, 'out')], { ARMATURE_SERVER: '' });
  assert.equal(status, 0, stderr);
  assert.match(stderr, /\[bench-server-gone\]\n$/);
});

test('a program of a suite, in a table', async (t) => {
  const { status, stdout, stderr } = await bench(t, ['kernels-test/nbody/one_call', '--processes', '2']);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^CPython \S+ armature against CPython \S+ plain\nbenchmark +plain +armature +speed-up +95 % interval +verdict\nkernels-test\/nbody\/one_call +[\d.]+ ms +[\d.]+ ms +[\d.]+x /);
  assert.match(stdout, /^Geometric mean [\d.]+x /m);
});

test('arguments after -- are those of the program; one side has a table of its own', async (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'arguments.py');
  writeFileSync(path, 'import sys\nassert sys.argv[1:] == ["--fast", "b c"], sys.argv\n');
  const { status, stdout, stderr } = await bench(t, [path, '--with', 'plain', '--processes', '2', '--output', join(directory, 'one.json'), '--', '--fast', 'b c']);
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^CPython \S+ plain\nbenchmark +mean +between processes +processes x values\narguments +[\d.]+ ms +± [\d.]+ \w+ +2x1\n$/);
  assert.equal(readSuite(readFileSync(join(directory, 'one.json')), 'one').benchmarks[0]?.runs.length, 3);
});

test('a failing program: exit status 1, its standard error, and the results of the others', async (t) => {
  const output = join(temporaryDirectory(t), 'out');
  const { status, stdout, stderr } = await bench(t, [program('fails.py'), program('functions.py'), ...quick, '--with', 'plain', '--output', output]);
  assert.equal(status, 1);
  assert.match(stdout, /functions::bench_count/);
  assert.match(stderr, /^armature: fails failed on CPython \S+ plain: it ended with status 1 \[bench-program-failed\]\n {4}about to fail\n {4}Traceback/m);
  assert.equal(readdirSync(output).length, 1);
});

test('results for a place where no directory can be made: it is said, not waited for', async (t) => {
  const { status, stderr } = await bench(t, [program('functions.py'), ...quick, '--with', 'plain', '--output', '/proc/armature/results']);
  assert.equal(status, 1);
  assert.match(stderr, /cannot write the results to \/proc\/armature: no such file or directory \[bench-cannot-write\]\n {2}Name a place you may write to\./);
});

test('nothing measured leaves nothing behind', async (t) => {
  const output = join(temporaryDirectory(t), 'out');
  assert.equal((await bench(t, [program('fails.py'), '--with', 'plain', '--output', output])).status, 1);
  assert.equal(existsSync(output), false);
});

test('a function that ends the process, or raises: said without the frames of what measures it', async (t) => {
  const path = join(temporaryDirectory(t), 'ends.py');
  writeFileSync(path, 'import sys\ndef bench_quits(): sys.exit(0)\ndef bench_says(): sys.exit("enough")\ndef bench_raises(): return 1 / 0\n');
  const { status, stderr } = await bench(t, [path, ...quick, '--with', 'plain']);
  assert.equal(status, 1);
  assert.match(stderr, /ends::bench_quits failed on .*: it ended with status 1 .*\n {4}bench_quits ended the process \(SystemExit: 0\) before there was a result\n/);
  assert.match(stderr, /ends::bench_says failed on .*: it ended with status 1 .*\n {4}enough\n/);
  assert.match(stderr, /ends::bench_raises failed on .*\n {4}Traceback.*\n {6}File ".*ends\.py", line 4, in bench_raises\n[^]*ZeroDivisionError/);
  assert.doesNotMatch(stderr, /worker\.py/);
});

test('a program that a signal ends, and one that ends with the status a shell has for that', async (t) => {
  const directory = temporaryDirectory(t);
  const [crashes, says] = [join(directory, 'crashes.py'), join(directory, 'says.py')];
  writeFileSync(crashes, 'import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)\n');
  writeFileSync(says, 'raise SystemExit(139)\n');
  const { status, stderr } = await bench(t, [crashes, says, '--with', 'plain']);
  assert.equal(status, 1);
  assert.match(stderr, /crashes failed on .*: it was killed by SIGSEGV \[/);
  assert.match(stderr, /says failed on .*: it ended with status 139 \[/);
});

test('a long traceback is cut, and says so', async (t) => {
  const path = join(temporaryDirectory(t), 'says.py');
  writeFileSync(path, 'import sys\nfor n in range(30): print("line", n, file=sys.stderr)\nsys.exit(1)\n');
  const { stderr } = await bench(t, [path, '--with', 'plain']);
  assert.match(stderr, /\[bench-program-failed\]\n {4}…\n {4}line 10\n[^]* {4}line 29\n$/);
});

test('a reader that has enough is no failure', async (t) => {
  const directory = temporaryDirectory(t);
  const [before, after] = ['before', 'after'].map((name) => resultFile(t, name, [1, 1.1, 0.9], {}));
  const line = [...armature, 'bench', 'compare', before ?? '', after ?? '', '--json'].map((word) => `'${word}'`).join(' ');
  // The reader is gone before anything is written.
  const { stdout, stderr } = await execute(['sh', '-c', `{ sleep 0.3; ${line}; echo "status $?" >&2; } | true`], { cwd: directory, env: cleanEnvironment(directory) });
  assert.deepEqual([stdout, stderr], ['', 'status 0\n']);
});

test('`bench compare --help` is about that', async (t) => {
  const { status, stdout } = await bench(t, ['compare', '--help']);
  assert.equal(status, 0);
  assert.match(stdout, /^Usage: armature bench compare [^]*--min-speed PERCENT +smaller changes[^]*Examples\n/);
});

test('Ctrl-C before anything is measured leaves nothing, and says so', async (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'waits.py');
  const started = join(directory, 'started');
  writeFileSync(path, `import time\nopen(${JSON.stringify(started)}, "w")\ntime.sleep(600)\n`);
  const { spawn } = await import('node:child_process');
  const words = [...armature, 'bench', path, '--with', 'plain', '--output', join(directory, 'out')];
  const child = spawn(words[0] ?? '', words.slice(1), { env: cleanEnvironment(directory), stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => { stderr += text.toString(); });
  const status = new Promise((resolve) => { child.on('close', resolve); });
  while (!existsSync(started)) await sleep(20);
  child.kill('SIGINT');
  assert.equal(await status, 130, stderr);
  assert.match(stderr, /interrupted; nothing was measured yet, and nothing written\n$/);
  assert.equal(existsSync(join(directory, 'out')), false);
});

test('Ctrl-C keeps what was measured', async (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'waits.py');
  const runs = join(directory, 'runs');
  writeFileSync(path, `import os, time\nwith open(${JSON.stringify(runs)}, "a") as runs:\n    runs.write("x")\nif os.path.getsize(${JSON.stringify(runs)}) > 2:\n    time.sleep(600)\n`);
  const output = join(directory, 'out.json');
  const words = [...armature, 'bench', path, '--with', 'plain', '--processes', '5', '--output', output];
  const { spawn } = await import('node:child_process');
  const child = spawn(words[0] ?? '', words.slice(1), { env: cleanEnvironment(directory), stdio: ['ignore', 'pipe', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (text: Buffer) => { stderr += text.toString(); });
  child.stdout.resume();
  const status = new Promise((resolve) => { child.on('close', resolve); });
  while (!existsSync(runs) || readFileSync(runs).length < 3) await sleep(20);
  child.kill('SIGINT');
  assert.equal(await status, 130, stderr);
  assert.match(stderr, /interrupted; what was measured so far was kept/);
  assert.deepEqual(readSuite(readFileSync(output), 'out').benchmarks[0]?.runs.map((run) => run.values.length), [0, 1]);
});

test('cpython-jit: a build without a JIT is named and left out', async (t) => {
  const { status, stderr } = await bench(t, [program('functions.py'), ...quick, '--with', 'cpython-jit'], { ARMATURE_PYTHON: withoutJit() });
  assert.equal(status, 1);
  assert.match(stderr, /^armature: CPython 3\.11\.\S+ \(.*\) has no JIT compiler of its own; it is not measured with cpython-jit \[bench-no-jit\]\narmature: nothing is left to measure.*\[bench-no-sides\]\n {2}Name other interpreters, or other ways with `--with`\.\n$/);
});

/** 3.11 has none in any build. */
function withoutJit(): string {
  const found = pythons.find(({ version }) => version.startsWith('3.11.'));
  assert.ok(found, 'no Python 3.11 to test with: npm run pythons');
  return found.command[0] ?? '';
}

test('cpython-jit: a build with a JIT runs with it, and plain without', async (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'jit.py');
  writeFileSync(path, `import os\nwith open(${JSON.stringify(join(directory, 'seen'))}, "a") as seen:\n    seen.write(os.environ.get("PYTHON_JIT", "unset") + "\\n")\n`);
  const found = pythons.find(({ version }) => version.startsWith('3.14.'));
  assert.ok(found, 'no Python 3.14 to test with: npm run pythons');
  const words = [path, '--processes', '1', '--with', 'plain,cpython-jit', '--python', found.command[0] ?? '', '--output', join(directory, 'out')];
  const { stderr } = await bench(t, words);
  const seen = readFileSync(join(directory, 'seen'), 'utf8').trim().split('\n');
  // A build may have no JIT; then only the plain side runs, and nothing is set.
  assert.deepEqual(seen, found.jit === 'none' ? ['unset', 'unset'] : ['0', '1', '0', '1'], stderr);
});

for (const [words, expected] of [
  [['nothing-there.py'], /no file and no suite is called 'nothing-there.py' \[bench-unknown-program\]/],
  [['kernel'], /did you mean 'kernels'\?/],
  [['--with', 'jit'], /no way to run Python is called 'jit'/],
  [['--with', ','], /no way to run Python is called ','/],
  [['--processes', '0'], /--processes '0' is not a whole number of at least 1/],
  [['--min-time', 'soon'], /--min-time 'soon' is not a number of seconds/],
  [['--affinity', '9999'], /--affinity '9999': there is no CPU 9999/],
  [['--affinity', 'x'], /--affinity 'x': it is not a list of CPUs/],
  [[program('fails.py'), program('hangs.py'), '--', 'x'], /arguments after -- need exactly one FILE, there are 2/],
  [[`${program('functions.py')}::`], /no file and no suite is called '.*functions\.py::' \[bench-unknown-program\]/],
  [['--fast', '--rigorous'], /--fast and --rigorous are given together \[bench-fast-rigorous\]/],
  [[program('two_benchmarks.py'), '--append', 'x.json'], /'--append' is an option of pyperf that is not taken here: each measurement writes files of its own.* \[bench-pyperf-option\]/],
  [[program('two_benchmarks.py'), '--', '-o', 'x.json'], /'-o' is an option of pyperf that is not taken here: give `--output` to armature bench, before `--`/],
  [['compare', '--min-speed', 'fast', 'one.json', 'two.json'], /--min-speed 'fast' is not a number of percent/],
  [['compare', projectRoot, 'two.json'], /: it is a directory \[bench-unreadable-result\]\n.* wrote: .*\/package\.json/],
  [['comapre', 'one.json', 'two.json'], /did you mean 'compare'\? \[bench-unknown-program\]\n {2}Name a Python file, or one of the suites kernels, /],
  [[projectRoot], /cannot read .*: it is a directory \[bench-unreadable-program\]/],
  [['no\ufffdbody.py'], /the name 'no\ufffdbody\.py' is not UTF-8 \[bench-undecodable-name\]/],
  [['kernels/nbdoy'], /the suite kernels has no program 'kernels\/nbdoy'; did you mean 'kernels\/nbody'\? .*\n {2}Its programs are .*kernels\/sieve/],
  [[program('functions.py'), '--with', 'plane'], /did you mean 'plain'\? \[bench-unknown-mode\]\n {2}`--with` takes plain, armature and cpython-jit/],
  [['compare', 'one.json'], /needs two files of results, 1 given/],
  [['compare', 'one.json', 'two.json'], /cannot read one.json: no such file or directory \[bench-unreadable-result\]\n {2}Name a file that pyperf/],
] as const) {
  test(`wrong usage: ${words.map((word) => word.split('/').at(-1)).join(' ')}`, async (t) => {
    const { status, stdout, stderr } = await bench(t, words);
    assert.equal(status, 2);
    assert.equal(stdout, '');
    assert.match(stderr, expected);
  });
}

test('results are not written over older ones, nor where they cannot be', async (t) => {
  const directory = temporaryDirectory(t);
  writeFileSync(join(directory, 'old.json'), '{}');
  const existing = await bench(t, [program('functions.py'), '--with', 'plain', '--output', join(directory, 'old.json')]);
  assert.equal(existing.status, 2);
  assert.match(existing.stderr, /old\.json exists already \[bench-output-exists\]/);
  const impossible = await bench(t, [program('hangs.py'), '--with', 'plain', '--output', join(directory, 'old.json', 'below')]);
  assert.equal(impossible.status, 1);
  assert.match(impossible.stderr, /cannot write the results to .*: (a part of the path is no directory|EEXIST.*) \[bench-cannot-write\]/);
});

function resultFile(t: TestContext, name: string, seconds: readonly number[], metadata: Readonly<Record<string, string>>): string {
  const path = join(temporaryDirectory(t), name);
  const runs = seconds.map((value) => ({ values: [value], warmups: [], metadata: { name: 'b', unit: 'second', ...metadata } }));
  writeFileSync(path, writeSuite([{ runs }]));
  return path;
}

test("compare: our verdict, pyperf's beside it, and what differs in the metadata", async (t) => {
  const before = resultFile(t, 'before.json', [1, 1.001, 0.999, 1.002, 0.998], { hostname: 'one' });
  const after = resultFile(t, 'after.json', [0.5, 0.501, 0.499, 0.502, 0.498], { hostname: 'two' });
  const { status, stdout } = await runArmature(t, ['bench', 'compare', before, after]);
  assert.equal(status, 0);
  assert.match(stdout, /\nb +1\.00 s +500 ms +2\.000x +1\.99\d to 2\.00\d +faster +2\.00x faster\n/);
  assert.match(stdout, /\nDiffers: hostname: one \| two\n$/);
});

test('compare: inconclusive says how many more processes', async (t) => {
  const before = resultFile(t, 'before.json', [1, 1.03, 0.97, 1.02, 0.98], {});
  const after = resultFile(t, 'after.json', [1.002, 1.033, 0.971, 1.021, 0.983], {});
  const { stdout } = await runArmature(t, ['bench', 'compare', before, after, '--json']);
  const { benchmarks } = JSON.parse(stdout) as { benchmarks: readonly { verdict: string; moreProcesses: number }[] };
  assert.equal(benchmarks[0]?.verdict, 'inconclusive');
  assert.ok((benchmarks[0]?.moreProcesses ?? 0) > 20);
  assert.match((await runArmature(t, ['bench', 'compare', before, after])).stdout, /inconclusive: \d+ more processes +not significant/);
});

test('compare: inconclusive, and no number of processes is promised to help', async (t) => {
  const before = resultFile(t, 'before.json', [1, 1.1, 0.9, 1.05, 0.95], {});
  const after = resultFile(t, 'after.json', [1.01, 1.12, 0.92, 1.06, 0.94], {});
  assert.match((await runArmature(t, ['bench', 'compare', before, after])).stdout, /inconclusive: too noisy to tell by more processes +not significant/);
});

test("compare: --min-speed holds for our verdict and for pyperf's", async (t) => {
  const before = resultFile(t, 'before.json', [1, 1.001, 0.999, 1.002, 0.998], {});
  const after = resultFile(t, 'after.json', [1.03, 1.031, 1.029, 1.032, 1.028], {});
  assert.match((await runArmature(t, ['bench', 'compare', before, after])).stdout, /slower +1\.03x slower\n/);
  assert.match((await runArmature(t, ['bench', 'compare', '--min-speed', '5', before, after])).stdout, /no change +not significant\n.*changes of at least 5 % count/s);
});

test("compare: pyperf's geometric mean, and what has another unit in the other file", async (t) => {
  const file = (name: string, units: Readonly<Record<string, string>>, value: number): string => {
    const path = join(temporaryDirectory(t), name);
    writeFileSync(path, writeSuite(Object.entries(units).map(([benchmark, unit]) => ({ runs: [{ values: [value], warmups: [], metadata: { name: benchmark, unit } }] }))));
    return path;
  };
  const before = file('before.json', { a: 'second', b: 'second', c: 'second' }, 1);
  const after = file('after.json', { a: 'second', b: 'second', c: 'byte' }, 2);
  const { status, stdout } = await runArmature(t, ['bench', 'compare', before, after]);
  assert.equal(status, 0);
  assert.match(stdout, /\npyperf's geometric mean: 2\.00x slower\.\nNot compared: c has the unit second in .*before\.json and byte in .*after\.json\n/);
});

test("compare: HPT as bench_runner has it, labelled, where there is enough for it", async (t) => {
  const file = (name: string, benchmarks: number, factor: number): string => {
    const path = join(temporaryDirectory(t), name);
    const runs = (benchmark: number) => Array.from({ length: 12 }, (_, run) => ({ values: [benchmark * factor * (1 + run / 1000)], warmups: [], metadata: { name: `b${benchmark}`, unit: 'second' } }));
    writeFileSync(path, writeSuite(Array.from({ length: benchmarks }, (_, index) => ({ runs: runs(index + 1) }))));
    return path;
  };
  const [before, after] = [file('before.json', 6, 1), file('after.json', 6, 0.5)];
  const { stdout } = await runArmature(t, ['bench', 'compare', before, after]);
  assert.match(stdout, /\nHPT of 6 benchmarks, as bench_runner has it: faster with 98\.\d\d % \(at least [\d.]+x with 90 %, .*\); on relative differences of processes: faster with 98\.\d\d %\. It decides nothing here\.\n/);
  const { hpt } = JSON.parse((await runArmature(t, ['bench', 'compare', after, before, '--json'])).stdout) as { hpt: { benchRunner: { direction: string }; relative: { direction: string } } };
  assert.deepEqual([hpt.benchRunner.direction, hpt.relative.direction], ['slower', 'slower']);
  assert.doesNotMatch((await runArmature(t, ['bench', 'compare', file('a.json', 4, 1), file('b.json', 4, 0.5)])).stdout, /HPT/);
});

test('compare: help, and files that have nothing in common', async (t) => {
  assert.match((await runArmature(t, ['bench', 'compare', '--help'])).stdout, /^Usage: armature bench /);
  const before = resultFile(t, 'before.json', [1], {});
  const other = join(temporaryDirectory(t), 'other.json');
  writeFileSync(other, writeSuite([{ runs: [{ values: [1], warmups: [], metadata: { name: 'c' } }] }]));
  const { status, stderr } = await runArmature(t, ['bench', 'compare', before, other]);
  assert.equal(status, 1);
  assert.match(stderr, /have no benchmark in common/);
});

test('every example of the help and of docs/bench.md has options that exist', () => {
  const page = readFileSync(join(projectRoot, 'docs', 'bench.md'), 'utf8');
  const ofPage = [...page.matchAll(/^ {4}npx (armature bench .*?)(?: +#.*)?$/gm)].map((match) => match[1] ?? '');
  assert.ok(ofPage.length >= 6);
  for (const line of [...ofPage, ...verb.examples.map(([command]) => command)]) {
    const [, , ...words] = line.split(' ');
    const { operands } = parseArguments('bench', benchOptions, words);
    assert.ok(operands.length > 0, line);
  }
});
