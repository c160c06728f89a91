import type { ErrorRow } from '#support/reported-error.ts';
import { errorClass } from '#support/reported-error.ts';

export const benchErrorTable = {
  'bench-unknown-program': {
    message: "no file and no suite is called '{name}'{suggestion}",
    cause: 'An operand of `armature bench` is neither a Python file nor one of the suites that come with Armature.',
    remedy: 'Name a Python file, or one of the suites {suites}; `SUITE/NAME` is one program of it.',
    exit: 2,
  },
  'bench-unknown-suite-program': {
    message: "the suite {suite} has no program '{name}'{suggestion}",
    cause: 'An operand of `armature bench` names a suite that comes with Armature, and a program that is not in it.',
    remedy: 'Its programs are {programs}.',
    exit: 2,
  },
  'bench-undecodable-name': {
    message: "the name '{name}' is not UTF-8",
    cause: 'Node, in which Armature runs, hands on only words that are UTF-8: what the file is really called is lost.',
    remedy: 'Rename the file, or make a link to it with another name.',
    exit: 2,
  },
  'bench-unreadable-program': {
    message: 'cannot read {file}: {reason}',
    cause: 'The file of a benchmark could not be read.',
    remedy: 'Name a Python file that you may read.',
    exit: 2,
  },
  'bench-arguments': {
    message: 'arguments after -- need exactly one FILE, there are {count}',
    cause: 'What follows `--` is handed to the program.',
    remedy: 'Measure one program at a time, or leave the arguments out.',
    exit: 2,
  },
  'bench-pyperf-option': {
    message: "'{option}' is an option of pyperf that is not taken here: {instead}",
    cause: '`armature bench` starts the processes of a pyperf script itself, and decides how many there are and where results go. The script gets what follows `--`.',
    remedy: '`armature bench --help` shows the options.',
    exit: 2,
  },
  'bench-fast-rigorous': {
    message: '--fast and --rigorous are given together',
    cause: 'One asks for fewer processes than usual, the other for more.',
    remedy: 'Leave one of them out. `--processes` and `--values` choose the numbers.',
    exit: 2,
  },
  'bench-unknown-mode': {
    message: "no way to run Python is called '{mode}'{suggestion}",
    cause: '`--with` names something else than plain, armature or cpython-jit.',
    remedy: '`--with` takes plain, armature and cpython-jit, separated by commas.',
    exit: 2,
  },
  'bench-number': {
    message: "{option} '{value}' is not {wanted}",
    cause: 'The value of an option is not a number of the right kind.',
    remedy: '`armature bench --help` shows the options.',
    exit: 2,
  },
  'bench-affinity': {
    message: "--affinity '{value}': {reason}",
    cause: 'The option takes the CPUs to run on, as taskset does (`3`, `2-5,7`), or `all`.',
    remedy: 'Name CPUs that this process may use, or leave the option out.',
    exit: 2,
  },
  'bench-output-exists': {
    message: '{path} exists already',
    cause: 'Results are not written over older ones.',
    remedy: 'Name another file or directory with `--output`.',
    exit: 2,
  },
  'bench-cannot-write': {
    message: 'cannot write the results to {path}: {reason}',
    cause: 'The file or directory of `--output` could not be written.',
    remedy: 'Name a place you may write to.',
    exit: 1,
  },
  'bench-python': {
    message: "python '{python}' does not say what it is: {reason}",
    cause: 'The interpreter was started with a small program and failed.',
    remedy: 'Try `{python} -c "import sys; print(sys.version)"`.',
    exit: 1,
  },
  'bench-no-jit': {
    message: '{python} has no JIT compiler of its own; it is not measured with cpython-jit',
    cause: 'CPython has an experimental JIT since 3.13, in builds that were configured with --enable-experimental-jit. `sys._jit.is_available()` tells.',
    remedy: 'Name a build that has it with `--python`.',
    exit: undefined,
  },
  'bench-no-armature': {
    message: '{python} is not measured with armature: {reason}',
    cause: 'The agent does not load into this interpreter.',
    remedy: 'Armature knows CPython 3.11 and 3.14 on Linux, with the GIL.',
    exit: undefined,
  },
  'bench-server-gone': {
    message: 'the compile server ended during the measurement: later processes of the armature sides ran plain',
    cause: 'Without its server a program runs at the speed of the interpreter. Somebody stopped it (`armature env --stop`), or it was killed.',
    remedy: 'Measure again. ARMATURE_SERVER=own uses a server that lives as long as the measurement.',
    exit: undefined,
  },
  'bench-no-sides': {
    message: 'nothing is left to measure: none of the interpreters can run in the ways asked for',
    cause: 'See the lines before.',
    remedy: 'Name other interpreters, or other ways with `--with`.',
    exit: 1,
  },
  'bench-program-failed': {
    message: '{program} failed on {side}: {reason}',
    cause: 'A process that measures did not end well. What it wrote to its standard error is shown. The other programs were measured.',
    remedy: 'Run the program by itself: `PYTHON FILE`.',
    exit: 1,
  },
  'bench-output-differs': {
    message: '{program} printed different things on different sides: the times do not compare',
    cause: 'On each side it printed the same thing every time, but not the same as on the others.',
    remedy: 'If one side is armature, please report it. Otherwise the interpreters differ, or the program prints which one it runs in.',
    exit: undefined,
  },
  'bench-compare-operands': {
    message: '`armature bench compare` needs two files of results, {count} given',
    cause: 'It compares the second with the first.',
    remedy: '`armature bench compare BEFORE.json AFTER.json`.',
    exit: 2,
  },
  'bench-unreadable-result': {
    message: 'cannot read {file}: {reason}',
    cause: 'A file of results could not be read.',
    remedy: 'Name a file that pyperf or `armature bench` wrote{files}.',
    exit: 2,
  },
  'bench-nothing-in-common': {
    message: '{before} and {after} have no benchmark in common',
    cause: 'Benchmarks are compared by name.',
    remedy: 'Compare two results of the same programs.',
    exit: 1,
  },
} as const satisfies Record<string, ErrorRow>;

export class BenchError extends errorClass(benchErrorTable) {}
