import type { OptionSpec } from '#cli/options.ts';
import type { Verb } from '#cli/verbs.ts';

export const benchOptions: readonly OptionSpec[] = [
  { name: '--python', value: 'PYTHON', help: 'an interpreter to measure; may be repeated (default: $ARMATURE_PYTHON, else python3 on PATH)' },
  { name: '--with', value: 'WAYS', help: 'how to run it, separated by commas: plain, armature, cpython-jit (default: plain,armature)' },
  { name: '--output', value: 'PATH', help: 'where the results go: a directory, or a .json or .json.gz file (default: bench-DATE-TIME/)' },
  { name: '--processes', value: 'N', help: 'processes for each program and side (default: 20)' },
  { name: '--values', value: 'N', help: 'values in each process, for functions and pyperf scripts (default: 3)' },
  { name: '--warmups', value: 'N', help: 'values before those that count (default: found out in the first process)' },
  { name: '--min-time', value: 'SECONDS', help: 'a value takes at least this long, by repeating (default: 0.1)' },
  { name: '--timeout', value: 'SECONDS', help: 'a process that takes longer has failed' },
  { name: '--affinity', value: 'CPUS', help: 'run on these CPUs; `all` for no pinning (default: the isolated CPUs, else one of the fastest)' },
  { name: '--fast', help: 'a rough answer: 6 processes, 2 values' },
  { name: '--rigorous', help: '40 processes' },
  { name: '--json', help: 'print one JSON document instead of a table' },
];

export const compareOptions: readonly OptionSpec[] = [
  { name: '--min-speed', value: 'PERCENT', help: 'smaller changes count as none, here and in what pyperf says (default: 1 here, none there)' },
  { name: '--json', help: 'print one JSON document instead of a table' },
];

export const compareVerb: Verb = {
  name: 'bench compare',
  summary: 'compare two files of results',
  usage: 'armature bench compare [options] BEFORE.json AFTER.json',
  description: 'Compares files of pyperf, `armature bench` or pyperformance, .json or .json.gz: with Welch\'s test on the means of processes, corrected for the number '
    + 'of benchmarks, and pyperf\'s own verdict beside it.\nBelow the table: in what the two files differ that may be the cause.\n'
    + 'Exit status: 0 compared, whatever is slower; 1 there was nothing to compare, or a file is no result; 2 wrong usage.',
  options: compareOptions,
  examples: [
    ['armature bench compare before.json after.json', 'is the second faster?'],
    ['armature bench compare bench-*/cpython-3.11.7-plain.json', 'the same side of two measurements'],
    ['armature bench compare --min-speed 3 a.json b.json', 'only changes of 3 % and more'],
  ],
  load: async () => (await import('#cli/bench/compare.ts')).compare,
};

export const bench: Verb = {
  name: 'bench',
  summary: 'measure programs under several interpreters, and say what the difference is worth',
  usage: 'armature bench [options] [SUITE|FILE|FILE::FUNCTION…] [-- arguments]\n       armature bench compare [--min-speed PERCENT] [--json] BEFORE.json AFTER.json',
  description: 'Runs each program in processes of its own, in turns with every interpreter, writes files that pyperf can read, and compares.\n'
    + 'FILE is a script that uses pyperf, a file with functions bench_NAME(), or any Python program, which is timed as a whole.\n'
    + 'SUITE is kernels, kernels-quick (the default), kernels-test or no-gain, or one program of it: kernels/sieve/one_call.\n'
    + 'Exit status: 0 all was measured, 1 a program failed or nothing could be measured, 2 wrong usage, 130 Ctrl-C (what was measured is kept).',
  options: benchOptions,
  examples: [
    ['armature bench script.py', 'is the program faster under Armature?'],
    ['armature bench kernels/sieve --python python3.11 --python python3.14', 'two interpreters, each plain and under Armature'],
    ['armature bench bm_json.py --with plain,cpython-jit --python python3.14', "CPython's own JIT, with a pyperf script"],
    ['armature bench module.py::parse --with plain', 'one function, called in a loop'],
    ['armature bench compare before.json after.json', 'two files of results, whoever wrote them'],
  ],
  load: async () => (await import('#cli/commands/bench.ts')).bench,
};
