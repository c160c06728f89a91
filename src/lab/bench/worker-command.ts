import { formatCpuList } from '#lab/bench/cpu-list.ts';
import type { Side } from '#lab/bench/modes.ts';
import type { Program } from '#lab/bench/program.ts';
import { defaultMinimumSeconds, defaultValues } from '#lab/bench/shape.ts';
import type { WorkerCommand } from '#lab/bench/worker.ts';

/** What one process is to do. */
export type Task =
  | { readonly kind: 'calibrate'; readonly values: number }
  /** Find out the number of loops that a pyperf script sets itself. */
  | { readonly kind: 'own-loops' }
  | { readonly kind: 'measure'; readonly loops: number; readonly warmups: number; readonly values: number | undefined };

export interface WorkerSetting {
  /** `worker.py` of this package. */
  readonly workerFile: string;
  readonly affinity: readonly number[] | undefined;
  readonly minimumSeconds: number | undefined;
  readonly timeoutSeconds: number | undefined;
  /** Where a whole program writes its standard output. */
  readonly outputFile: string;
}

export function workerCommand(program: Program, side: Side, task: Task, setting: WorkerSetting): WorkerCommand {
  const { timeoutSeconds } = setting;
  if (program.kind === 'pyperf') {
    const words = [...side.python.command, program.file, ...pyperfWords(program.task, task, setting), ...program.arguments];
    return { words, environment: side.environment, timeoutSeconds, keepOutput: true };
  }
  const job = {
    name: program.name, affinity: setting.affinity ?? [], calibrate: task.kind === 'calibrate', values: valuesOf(task) ?? defaultValues,
    ...(program.kind === 'whole'
      ? { command: [...side.python.command, program.file, ...program.arguments], environment: withoutUndefined(side.environment), output: setting.outputFile }
      : {
          file: program.file, function: program.function, arguments: program.arguments, minimum: setting.minimumSeconds ?? defaultMinimumSeconds,
          loops: task.kind === 'measure' ? task.loops : 1, warmups: task.kind === 'measure' ? task.warmups : 0,
        }),
  };
  // The process that starts a whole program and waits for it is not what is measured: it runs plain, and without the user's site packages.
  const environment = program.kind === 'whole' ? launcherEnvironment(side) : side.environment;
  const isolated = program.kind === 'whole' ? ['-I', '-S'] : [];
  return { words: [...side.python.command, ...isolated, setting.workerFile, JSON.stringify(job)], environment, timeoutSeconds, keepOutput: false };
}

/** The options with which pyperf's own manager starts its workers (`pyperf/_manager.py`). */
function pyperfWords(number: number, task: Task, setting: WorkerSetting): readonly string[] {
  const words = ['--worker', '--pipe', '3', `--worker-task=${number}`];
  const values = valuesOf(task);
  if (values !== undefined) words.push('--values', String(values));
  if (setting.minimumSeconds !== undefined) words.push('--min-time', String(setting.minimumSeconds));
  if (setting.affinity !== undefined) words.push(`--affinity=${formatCpuList(setting.affinity)}`);
  if (task.kind === 'measure') return [...words, '--loops', String(task.loops), '--warmups', String(task.warmups)];
  return [...words, '--warmups', '1', ...(task.kind === 'calibrate' ? ['--calibrate-loops'] : [])];
}

function valuesOf(task: Task): number | undefined {
  return task.kind === 'own-loops' ? 1 : task.values;
}

function withoutUndefined(environment: Side['environment']): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
}

function launcherEnvironment({ environment }: Side): Readonly<Record<string, string | undefined>> {
  return { PATH: environment['PATH'], HOME: environment['HOME'], LD_LIBRARY_PATH: environment['LD_LIBRARY_PATH'] };
}
