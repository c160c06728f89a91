import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import type { LabArguments } from '#cli/lab/options.ts';
import { print } from '#cli/lab/options.ts';
import { clientOf } from '#cli/lab/remote.ts';
import { packageRoot } from '#cli/package-root.ts';
import { parseCpuList } from '#lab/bench/cpu-list.ts';
import { LabError } from '#lab/errors.ts';
import type { Job } from '#lab/jobs/queue.ts';
import { runJobs } from '#lab/runner/runner.ts';

/** Less than a third of the lease: two may get lost. */
const heartbeatSeconds = 20;

/** Measures what the lab asks for, until it is interrupted. */
export async function runner(given: LabArguments): Promise<number> {
  const client = clientOf(given, 'runner');
  const pythons = new Map(given.all('--python').map(namedPython));
  if (pythons.size === 0) throw new LabError('missing-operand', { subcommand: 'runner', operand: '--python NAME=PATH' });
  const cpuSets = checkedCpuSets(given.all('--cpus'));
  if (!given.has('--tune')) for (const [name, path] of pythons) assertStarts(name, path);
  const programs = given.option('--programs');
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => { stop.abort(); });
  const log = (message: string): void => void process.stderr.write(`armature lab runner: ${message}\n`);
  log(`asking ${given.option('--server') ?? ''} for jobs with ${[...pythons.keys()].join(', ')}${cpuSets.length === 0 ? '' : ` on CPUs ${cpuSets.join(' and ')}`}`);
  await runJobs(client, {
    machine: {
      armature: [process.execPath, join(packageRoot(), 'bin', 'armature.cjs')], pythons,
      programs: programs === undefined ? undefined : resolve(programs), tune: given.option('--tune'),
    },
    cpuSets: cpuSets.length === 0 ? [undefined] : cpuSets,
    once: given.has('--once'), heartbeatSeconds,
    log,
  }, stop.signal);
  return 0;
}

function namedPython(word: string): [name: string, path: string] {
  const [, name, path] = /^([\w.+-]+)=(.+)$/.exec(word) ?? [];
  if (name === undefined || path === undefined) throw new LabError('bad-interpreter', { word, reason: 'it is not NAME=PATH' });
  return [name, path];
}

/** A mistyped path would otherwise be found by the first job, at night. */
function assertStarts(name: string, path: string): void {
  const { error, status } = spawnSync(path, ['-c', ''], { stdio: 'ignore' });
  if (error !== undefined || status !== 0) throw new LabError('bad-interpreter', { word: `${name}=${path}`, reason: error?.message ?? `it ended with ${String(status)}` });
}

function checkedCpuSets(words: readonly string[]): readonly string[] {
  const taken = new Set<number>();
  for (const cpus of words) {
    const list = parseCpuList(cpus);
    if (list === undefined) throw new LabError('bad-cpus', { cpus, reason: 'it is not a list of CPUs' });
    const shared = list.find((cpu) => taken.has(cpu));
    if (shared !== undefined) throw new LabError('bad-cpus', { cpus, reason: `CPU ${shared} is in another one` });
    for (const cpu of list) taken.add(cpu);
  }
  return words;
}

/** Gives a job to a machine. */
export async function enqueue(given: LabArguments): Promise<number> {
  const machine = given.option('--machine'), python = given.option('--python');
  if (given.operands.length === 0) throw new LabError('missing-operand', { subcommand: 'enqueue', operand: 'a suite or program' });
  if (machine === undefined) throw new LabError('missing-operand', { subcommand: 'enqueue', operand: '--machine NAME' });
  if (python === undefined) throw new LabError('missing-operand', { subcommand: 'enqueue', operand: '--python NAME' });
  const number = (name: string): number | undefined => wholeNumber(name, given.option(name));
  const job = await clientOf(given, 'enqueue').enqueue({
    machine, python, benchmarks: given.operands, ways: (given.option('--with') ?? '').split(',').filter((word) => word !== ''),
    processes: number('--processes'), priority: number('--priority'), commit: given.option('--commit'), pull: number('--pull'), base: given.option('--base'),
  });
  print(given, { job }, job);
  return 0;
}

/** The lab says which numbers it takes; what is none would reach it as if it had not been given. */
function wholeNumber(option: string, value: string | undefined): number | undefined {
  if (value !== undefined && !/^-?\d{1,9}$/.test(value)) throw new LabError('bad-number', { option, value });
  return value === undefined ? undefined : Number(value);
}

/** What waits, runs and has ended. */
export async function jobs(given: LabArguments): Promise<number> {
  const found = await clientOf(given, 'jobs').jobs();
  print(given, found, found.length === 0 ? 'There are no jobs.' : found.map(line).join('\n'));
  return 0;
}

function line({ id, machine, state, priority, attempts, request }: Job): string {
  const tries = attempts > 1 ? `, attempt ${attempts}` : '';
  return `${id}  ${`${state}${tries}`.padEnd(10)}  ${String(priority).padStart(4)}  ${machine.padEnd(12)}  ${request.python}: ${request.benchmarks.join(' ')}`;
}
