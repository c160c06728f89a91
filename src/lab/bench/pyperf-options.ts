/** What becomes of an option of pyperf's `Runner` (`pyperf/_runner.py`, 2.10) when a script runs under `armature bench`. */
interface RunnerOption {
  readonly names: readonly string[];
  /** For the worker, which gets what follows `--`. The rest is for pyperf's manager, whose place `armature bench` takes: a worker would leave it unheeded, or fail. */
  readonly isForWorker: boolean;
  /** What to do instead; of an option for workers, where it is given before `--`. */
  readonly instead: string;
}

const manager = (names: readonly string[], instead: string): RunnerOption => ({ names, isForWorker: false, instead });
const worker = (names: readonly string[], instead = 'a script gets it after `--`'): RunnerOption => ({ names, isForWorker: true, instead });

const ofBench = (name: string): string => `give \`${name}\` to armature bench, before \`--\``;
const wholeEnvironment = 'a worker has the whole environment: leave it out';
const shownBy = (command: string): string => `\`python3 -m pyperf ${command} FILE\` shows it of the files that are written`;

const runnerOptions: readonly RunnerOption[] = [
  ...([['-p', '--processes'], ['-n', '--values'], ['-w', '--warmups'], ['-o', '--output'], ['--min-time'], ['--timeout'], ['--affinity'], ['--fast'], ['--rigorous'], ['--python']] as const)
    .map((names) => manager(names, ofBench(names.at(-1) ?? ''))),
  manager(['--append'], 'each measurement writes files of its own, which `python3 -m pyperf convert --add` joins'),
  manager(['--compare-to'], 'give each interpreter to armature bench with `--python`'),
  manager(['--python-names'], 'the sides are called after the versions of their interpreters'),
  manager(['-d', '--dump'], shownBy('dump')),
  manager(['-m', '--metadata'], shownBy('metadata')),
  manager(['-g', '--hist'], shownBy('hist')),
  manager(['-t', '--stats'], shownBy('stats')),
  manager(['-v', '--verbose'], shownBy('dump --verbose')),
  manager(['-q', '--quiet'], 'the table can be left out with `--json`'),
  manager(['--no-locale'], 'a worker has the whole environment: unset LANG and LC_ALL for armature bench'),
  manager(['--debug-single-value'], 'say `--processes 1 --values 1 --warmups 0` before and `--loops 1` after `--`'),
  manager(['--in-process'], 'each value comes from a process of its own'),
  manager(['--worker', '--worker-task', '--pipe', '--calibrate-loops', '--recalibrate-loops', '--calibrate-warmups', '--recalibrate-warmups'], 'armature bench starts the workers itself'),
  worker(['-l', '--loops']), worker(['--hook']), worker(['--profile']), worker(['--tracemalloc']), worker(['--track-memory']),
  worker(['--inherit-environ'], wholeEnvironment), worker(['--copy-env'], wholeEnvironment),
];

/** `--name=value` is `--name`; `-p3` is `-p`, and `-vq` is `-v` and `-q`. Letters that are not pyperf's are the script's own. */
function namesIn(word: string): readonly string[] {
  if (word.startsWith('--')) return [word.replace(/=.*/s, '')];
  if (/^-[pnwl]\d+$/.test(word)) return [word.slice(0, 2)];
  return /^-[dmgtvqpnwlo]+$/.test(word) ? [...word.slice(1)].map((letter) => `-${letter}`) : [];
}

export interface Refusal {
  readonly option: string;
  readonly instead: string;
}

function refusal(words: readonly string[], isRefused: (option: RunnerOption) => boolean): Refusal | undefined {
  for (const word of words) {
    for (const name of namesIn(word)) {
      const found = runnerOptions.find((option) => option.names.includes(name) && isRefused(option));
      if (found !== undefined) return { option: name, instead: found.instead };
    }
  }
  return undefined;
}

/** The first word after `--` that a worker of pyperf cannot heed. */
export function refusedByWorkers(words: readonly string[]): Refusal | undefined {
  return refusal(words, ({ isForWorker }) => !isForWorker);
}

/** The first word before `--` that is pyperf's and not in `known`. */
export function notOfBench(words: readonly string[], known: readonly string[]): Refusal | undefined {
  return refusal(words.filter((word) => !known.includes(word.replace(/=.*/s, ''))), () => true);
}
