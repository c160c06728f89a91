import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from '../../tools/pythons/targets.ts';

export interface LabProcess {
  readonly url: string;
  readonly child: ChildProcess;
  /** Ends it at once, with no chance to tidy up. */
  readonly kill: () => Promise<void>;
  readonly stop: () => Promise<number>;
}

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

const program = join(projectRoot, 'bin', 'armature.cjs');

/** `armature lab` as a user starts it. */
export async function startLab(options: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<LabProcess> {
  const child = spawn(process.execPath, [program, 'lab', '--port', '0', '--json', ...options], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
  let errors = '';
  child.stderr.on('data', (data: Buffer) => {
    errors += data.toString();
  });
  const exit = once(child, 'exit');
  const lines = createInterface(child.stdout);
  const [line] = await Promise.race([once(lines, 'line'), exit.then(() => [])]) as [string?];
  if (line === undefined) throw new Error(`armature lab ended: ${errors}`);
  const { url } = JSON.parse(line) as { url: string };
  const end = async (signal: NodeJS.Signals): Promise<number> => {
    child.kill(signal);
    await exit;
    return child.exitCode ?? 128;
  };
  return { url, child, kill: async () => void await end('SIGKILL'), stop: () => end('SIGTERM') };
}

/** A subcommand that ends by itself. */
export async function labCommand(words: readonly string[], environment: Readonly<Record<string, string>> = {}): Promise<Outcome> {
  const child = spawn(process.execPath, [program, 'lab', ...words], { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, ...environment } });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (data: Buffer) => (stdout += data.toString()));
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()));
  await once(child, 'close');
  return { status: child.exitCode ?? 128, stdout, stderr };
}
