import type { OptionSpec } from '#cli/options.ts';
import { bench } from '#cli/verbs/bench.ts';
import { labVerb } from '#cli/verbs/lab.ts';
import { inspectVerb } from '#cli/verbs/inspect.ts';
import { ciVerb } from '#cli/verbs/ci.ts';
import { checkVerb } from '#cli/verbs/check.ts';
import { stencilsVerb } from '#cli/verbs/stencils.ts';

/** A verb is run with the words after it and yields the exit status. */
export type Command = (words: readonly string[]) => Promise<number>;

export interface Verb {
  readonly name: string;
  readonly summary: string;
  readonly usage: string;
  readonly description: string;
  readonly options: readonly OptionSpec[];
  readonly examples: readonly (readonly [command: string, meaning: string])[];
  readonly load: () => Promise<Command>;
}

const python: OptionSpec = {
  name: '--python', value: 'PYTHON', help: 'the interpreter to use (default: $ARMATURE_PYTHON, else python3 on PATH)',
};
export const runOptions: readonly OptionSpec[] = [
  python,
  { name: '--own-server', help: 'compile in this process, not in the shared server of this user' },
  {
    name: '--perf', value: 'FORMAT', optionalValue: true,
    help: 'name compiled code in /tmp/perf-PID.map, so that `perf report` shows Python functions; `jitdump`: in /tmp/jit-PID.dump, with the code',
  },
  { name: '--stats', help: 'print a summary of compiled code to standard error at the end' },
  { name: '--stats-json', value: 'FILE', help: 'write the statistics of the run to FILE as JSON' },
];
export const explainOptions: readonly OptionSpec[] = [
  python,
  { name: '--json', help: 'print one JSON document instead of text' },
  { name: '--dump', value: 'PASS', optionalValue: true, help: 'print the code after this compiler pass; `all` for every pass' },
  { name: '--asm', help: 'print the machine code of each unit' },
  { name: '--verify', help: 'check the machine code of each unit; exit status 1 when something is wrong with it' },
];
export const envOptions: readonly OptionSpec[] = [
  { name: '--stop', help: 'stop the shared server' },
  { name: '--status', help: 'say whether the shared server is running' },
  { name: '--json', help: 'print JSON instead of shell commands' },
];
export const serverOptions: readonly OptionSpec[] = [
  { name: '--socket', value: 'PATH', help: 'listen here (default: the shared socket of this user)' },
  { name: '--idle', value: 'SECONDS', help: 'stop after this long without a client (default: 0, never)' },
];
export const demoOptions: readonly OptionSpec[] = [
  python,
  { name: '--json', help: 'print one JSON document instead of a table' },
  { name: '--only', value: 'NAME', help: 'run only the sample programs whose name contains NAME' },
];

export const verbs: readonly Verb[] = [
  {
    name: 'run',
    summary: 'run a Python program with the compiler attached',
    usage: 'armature run [options] [python options] [--] SCRIPT | -m MODULE | -c CODE  [arguments]',
    description: 'Runs the program with your own Python. Standard streams, signals and exit status are those of the program.',
    options: runOptions,
    examples: [
      ['armature run script.py --size 10', 'run a script'],
      ['armature run -m timeit -s "x = 3" "x * x"', 'run a module'],
      ['armature run --python python3.14 --stats script.py', 'choose the interpreter; show what was compiled'],
    ],
    load: async () => (await import('#cli/commands/run.ts')).run,
  },
  {
    name: 'explain',
    summary: 'run a program and say what was compiled, what was not, and why',
    usage: 'armature explain [options] [python options] [--] SCRIPT | -m MODULE | -c CODE  [arguments]',
    description: 'Runs the program (its output goes to standard error) and prints a report for each function and loop that got hot.',
    options: explainOptions,
    examples: [
      ['armature explain script.py', 'a report in plain text'],
      ['armature explain --json script.py > report.json', 'the same for programs'],
      ['armature explain --dump=all --asm script.py', 'every intermediate form, then machine code'],
    ],
    load: async () => (await import('#cli/commands/explain.ts')).explain,
  },
  {
    name: 'env',
    summary: 'make every Python of this shell use one shared server',
    usage: 'eval "$(armature env)"',
    description: 'Starts the server of this user unless it is running, and prints the variables that make Python use it. '
      + 'The server ends by itself after 15 minutes without a client.',
    options: envOptions,
    examples: [
      ['eval "$(armature env)"', 'from now on `python3 script.py` is compiled'],
      ['armature env --status', 'is the server running?'],
      ['armature env --stop', 'stop it'],
    ],
    load: async () => (await import('#cli/commands/env.ts')).env,
  },
  {
    name: 'server',
    summary: 'run the compile server in the foreground',
    usage: 'armature server [options]',
    description: 'Serves every Python whose ARMATURE_SOCKET names its socket, until it is interrupted.',
    options: serverOptions,
    examples: [['ARMATURE_LOG=stderr armature server', 'watch it work']],
    load: async () => (await import('#cli/commands/server.ts')).server,
  },
  {
    name: 'demo',
    summary: 'run the sample programs plain and compiled, and compare',
    usage: 'armature demo [options]',
    description: 'Runs each sample program once plain and once under Armature, compares the output and prints a table.',
    options: demoOptions,
    examples: [['armature demo --python python3.14', 'with another interpreter'], ['armature demo --only nbody', 'one program']],
    load: async () => (await import('#cli/commands/demo.ts')).demo,
  },
  bench,
  labVerb,
  inspectVerb,
  ciVerb,
  checkVerb,
  stencilsVerb,
];
