export const tasks = ['kernels', 'no-gain', 'startup', 'memory'] as const;
export type Task = (typeof tasks)[number];

export interface BenchOptions {
  readonly task: Task;
  /** Each is a command: a name on PATH, a path, or a path behind an emulator and its options. */
  readonly pythons: readonly (readonly string[])[];
  /** Another Python to compare with instead of `armature run`. */
  readonly against: readonly string[] | undefined;
  readonly only: readonly string[];
  readonly rounds: number | undefined;
  readonly quick: boolean;
  readonly json: boolean;
}

export const usage = `usage: npm run bench:kernels -- [options]
  --python COMMAND   a Python to measure; may be repeated; a path, or an emulator and its options (default: python3)
  --against COMMAND  compare with this Python instead of \`armature run\`
  --only NAME        only programs whose name contains NAME; may be repeated
  --rounds N         pairs of runs (default: 5, with --quick 3; --startup 20)
  --quick            small sizes
  --no-gain          the programs that have nothing to gain: whole time and steady state
  --startup          time from the start of the command to the first line of the script
  --memory           largest resident size of the Python process, and of an idle server
  --json             one JSON document instead of tables`;

export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export function parseArguments(words: readonly string[]): BenchOptions {
  const lists = new Map<string, string[]>([['--python', []], ['--against', []], ['--only', []], ['--rounds', []]]);
  const switches = new Set<string>();
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? '';
    const [name = '', inline] = word.split(/=(.*)/s, 2);
    const list = lists.get(name);
    if (list !== undefined) {
      const value = inline ?? words[++index];
      if (value === undefined || value === '') throw new UsageError(`${name} needs a value`);
      list.push(value);
    } else if (['--quick', '--json', '--no-gain', '--startup', '--memory'].includes(word)) {
      switches.add(word);
    } else {
      throw new UsageError(`unknown option ${word}`);
    }
  }
  const values = (name: string): readonly string[] => lists.get(name) ?? [];
  const chosen = tasks.filter((task) => switches.has(`--${task}`));
  if (chosen.length > 1) throw new UsageError(`choose one of ${chosen.map((task) => `--${task}`).join(', ')}`);
  const pythons = values('--python').map(toCommand);
  return {
    task: chosen[0] ?? 'kernels',
    pythons: pythons.length > 0 ? pythons : [['python3']],
    against: values('--against').map(toCommand)[0],
    only: values('--only'),
    rounds: roundsOf(values('--rounds')[0]),
    quick: switches.has('--quick'),
    json: switches.has('--json'),
  };
}

function roundsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const rounds = Number(text);
  if (!Number.isInteger(rounds) || rounds < 1) throw new UsageError(`--rounds ${text}: not a positive whole number`);
  return rounds;
}

function toCommand(text: string): readonly string[] {
  return text.trim().split(/\s+/);
}
