import type { ChildProcessByStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** Everything of a finished program that must not depend on the compiler. */
export interface ProgramResult {
  readonly stdout: string;
  readonly stderr: string;
  readonly status: number | undefined;
  readonly signal: string | undefined;
  readonly timedOut: boolean;
}

export interface ProgramRun {
  readonly command: readonly string[];
  readonly cwd: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly stdin?: string;
  readonly timeoutSeconds: number;
  /** Called with the process id as soon as there is one. */
  readonly started?: (pid: number) => void;
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>;

const outputLimit = 8 << 20;

/** The environment of every run: nothing of the tester's own Python or Armature settings, hashes fixed, no caches written. */
export function cleanEnvironment(): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (value !== undefined && !/^(PYTHON|ARMATURE_)/.test(name)) kept[name] = value;
  }
  return { ...kept, ARMATURE_SERVER: 'own', PYTHONHASHSEED: '0', PYTHONDONTWRITEBYTECODE: '1', PYTHONUTF8: '1' };
}

/** Runs a program in a process group of its own, which is ended as a whole when the time is up. */
export async function runProgram(run: ProgramRun): Promise<ProgramResult> {
  const [file = '', ...args] = run.command;
  const child: Child = spawn(file, args, {
    cwd: run.cwd,
    env: { ...cleanEnvironment(), ...run.environment },
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  });
  if (child.pid !== undefined) run.started?.(child.pid);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  child.stdin.on('error', () => { /* The program may end without reading its input. */ });
  child.stdin.end(run.stdin ?? '');
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    endGroup(child);
  }, run.timeoutSeconds * 1000);
  try {
    const [status, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (...ending) => resolve(ending));
    });
    return { stdout: stdout(), stderr: stderr(), status: status ?? undefined, signal: signal ?? undefined, timedOut };
  } finally {
    clearTimeout(timer);
  }
}

function collect(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  stream.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= outputLimit) chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}

function endGroup(child: Child): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    child.kill('SIGKILL');
  }
}
