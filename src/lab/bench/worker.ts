import { spawn } from 'node:child_process';
import type { Run } from '#lab/format/pyperf.ts';
import { readSuite } from '#lab/format/pyperf.ts';

/** How to start one process that measures, and answers with a pyperf file on descriptor 3. */
export interface WorkerCommand {
  readonly words: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly timeoutSeconds: number | undefined;
  /** pyperf says on its standard output why it refuses; what a program prints there is not wanted. */
  readonly keepOutput: boolean;
}

export type WorkerOutcome =
  | { readonly kind: 'measured'; readonly name: string; readonly run: Run }
  /** It ended well without an answer: a pyperf script that has no benchmark of that number. */
  | { readonly kind: 'nothing' }
  | { readonly kind: 'failed'; readonly reason: string; readonly stderr: string }
  | { readonly kind: 'interrupted' };

interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  readonly answer: Buffer;
  readonly timedOut: boolean;
}

/** A program may write without end to its standard error; the end of it says why it failed. */
const keptText = 16_384;

/** Runs one process. It has a group of its own, so that it ends with its children and Ctrl-C in the terminal reaches only us. */
export async function runWorker(command: WorkerCommand, signal: AbortSignal): Promise<WorkerOutcome> {
  if (signal.aborted) return { kind: 'interrupted' };
  const ended = await waitFor(command, signal);
  if (ended instanceof Error) return { kind: 'failed', reason: `it cannot be started: ${ended.message}`, stderr: '' };
  if (signal.aborted) return { kind: 'interrupted' };
  const { stderr } = ended;
  if (ended.timedOut) return { kind: 'failed', reason: `it took longer than ${command.timeoutSeconds ?? 0} s`, stderr };
  if (ended.signal !== null) return { kind: 'failed', reason: `it was killed by ${ended.signal}`, stderr };
  if (ended.status !== 0) return { kind: 'failed', reason: `it ended with status ${ended.status ?? 'unknown'}`, stderr };
  if (ended.answer.length === 0) return { kind: 'nothing' };
  return readAnswer(ended);
}

function readAnswer({ answer, stderr }: Ended): WorkerOutcome {
  try {
    const [benchmark] = readSuite(answer, 'the answer of the process').benchmarks;
    const run = benchmark?.runs[0];
    if (benchmark === undefined || run === undefined) throw new Error('it has no run');
    return { kind: 'measured', name: benchmark.name, run };
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error), stderr };
  }
}

function waitFor({ words, environment, timeoutSeconds, keepOutput }: WorkerCommand, signal: AbortSignal): Promise<Ended | Error> {
  const [file = '', ...rest] = words;
  return new Promise((resolve) => {
    const child = spawn(file, rest, { stdio: ['ignore', keepOutput ? 'pipe' : 'ignore', 'pipe', 'pipe'], env: { ...environment }, detached: true });
    const [, stdoutPipe, stderrPipe, answerPipe] = child.stdio;
    let stdout = '';
    let stderr = '';
    let timedOut = false;
    const answer: Buffer[] = [];
    stdoutPipe?.on('data', (chunk: Buffer) => { stdout = (stdout + chunk.toString('utf8')).slice(-keptText); });
    stderrPipe?.on('data', (chunk: Buffer) => { stderr = (stderr + chunk.toString('utf8')).slice(-keptText); });
    answerPipe?.on('data', (chunk: Buffer) => { answer.push(chunk); });
    const kill = (): void => killGroup(child.pid);
    const timer = timeoutSeconds === undefined ? undefined : setTimeout(() => {
      timedOut = true;
      kill();
    }, timeoutSeconds * 1000);
    signal.addEventListener('abort', kill);
    const finish = (result: Ended | Error): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', kill);
      resolve(result);
    };
    child.on('error', finish);
    // What it leaves running in the background would keep the pipes open.
    child.on('exit', kill);
    child.on('close', (status, killedBy) => finish({ status, signal: killedBy, stderr: whatWentWrong(stdout, stderr), answer: Buffer.concat(answer), timedOut }));
  });
}

/** pyperf says ERROR on its standard output, which other things on standard error must not hide. */
function whatWentWrong(stdout: string, stderr: string): string {
  if (stderr.trim() === '') return stdout;
  const [said] = /^ERROR: .*/ms.exec(stdout) ?? [];
  return said === undefined ? stderr : `${stderr.trimEnd()}\n${said}`;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
