/** One job: `armature bench` in a process of its own, whose files are the result. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { suites } from '#lab/bench/suites.ts';
import type { JobRequest } from '#lab/jobs/queue.ts';
import { longestLog } from '#lab/jobs/runners.ts';

export interface RunnerMachine {
  /** The words that start `armature`. */
  readonly armature: readonly string[];
  /** Interpreters that jobs may name. */
  readonly pythons: ReadonlyMap<string, string>;
  /** Programs in it may be measured, besides the bundled suites. */
  readonly programs: string | undefined;
  /** Run before each job, to put the machine in order: `pyperf system tune`. It is told what is to be measured, and may build that. */
  readonly tune: string | undefined;
}

/** A reason that the lab is told: the machine is asked for something it does not have, or the measurement failed. */
export class JobFailure extends Error {
  override readonly name = 'JobFailure';
  /** The end of what was said before. */
  readonly log: string;

  constructor(message: string, log = '') {
    super(message);
    this.log = log;
  }
}

export interface ResultFile {
  readonly name: string;
  readonly bytes: Uint8Array;
}

const longestReason = 1000;

/** The files of results, one for each way of each interpreter. */
export async function measureJob(request: JobRequest, machine: RunnerMachine, cpus: string | undefined, signal: AbortSignal): Promise<readonly ResultFile[]> {
  const python = machine.pythons.get(request.python);
  if (python === undefined) throw new JobFailure(`this runner has no interpreter called '${request.python}', only ${[...machine.pythons.keys()].join(', ')}`);
  const programs = request.benchmarks.map((word) => programOf(word, machine));
  if (machine.tune !== undefined) await execute('/bin/sh', ['-c', machine.tune], signal, { ARMATURE_JOB_PYTHON: request.python, ARMATURE_JOB_COMMIT: request.commit ?? '' });
  const directory = await mkdtemp(join(tmpdir(), 'armature-job-'));
  try {
    const output = join(directory, 'results');
    const options = [
      '--python', python, '--output', output, ...(cpus === undefined ? [] : ['--affinity', cpus]),
      ...(request.ways.length === 0 ? [] : ['--with', request.ways.join(',')]), ...(request.processes === undefined ? [] : ['--processes', String(request.processes)]),
    ];
    const [command = '', ...words] = machine.armature;
    await execute(command, [...words, 'bench', ...options, ...programs], signal);
    return await readResults(output);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Whoever gives jobs decides what is measured, not what this machine executes: only what its operator laid out. */
function programOf(word: string, { programs }: RunnerMachine): string {
  if (suites.has(word.split('/')[0] ?? '')) return word;
  const path = programs === undefined ? undefined : resolve(programs, word);
  if (programs === undefined || path === undefined || relative(programs, path).startsWith('..')) {
    throw new JobFailure(`'${word}' is neither a bundled suite nor a program that this runner offers`);
  }
  return path;
}

async function readResults(directory: string): Promise<readonly ResultFile[]> {
  const names = (await readdir(directory, { recursive: true })).filter((name) => /\.json(\.gz)?$/.test(name)).sort();
  if (names.length === 0) throw new JobFailure('nothing was measured');
  return Promise.all(names.map(async (name) => ({ name, bytes: await readFile(join(directory, name)) })));
}

async function execute(command: string, words: readonly string[], signal: AbortSignal, environment: Readonly<Record<string, string>> = {}): Promise<void> {
  const child = spawn(command, words, { stdio: ['ignore', 'ignore', 'pipe'], signal, killSignal: 'SIGTERM', env: { ...process.env, ...environment } });
  let tail = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => { tail = (tail + text).slice(-longestLog); });
  const status = await new Promise<number | null>((settle, reject) => {
    child.on('error', reject);
    child.on('close', settle);
  });
  if (status !== 0) throw new JobFailure(`${words.includes('bench') ? 'armature bench' : 'tuning'} ended with ${String(status)}: ${tail.slice(-longestReason).trim()}`, tail);
}
