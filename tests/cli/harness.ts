import type { SpawnOptionsWithoutStdio } from 'node:child_process';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { availablePythons } from '../harness/pythons.ts';

export const projectRoot = join(import.meta.dirname, '..', '..');
export const armature = [process.execPath, join(projectRoot, 'bin', 'armature.cjs')] as const;

export interface Finished {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A supported Python that runs natively here; looking for it takes a while, so it is done once. */
const native = availablePythons().find((python) => python.command.length === 1);

export function nativePython(): string {
  if (native === undefined) throw new Error('no Python 3.11 or 3.14 to test with: npm run pythons');
  return native.command[0] ?? '';
}

export function temporaryDirectory(t: TestContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'armature-cli-'));
  t.after(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** An environment of its own for each test: no variable of the shell, sockets and cache in a temporary directory, no server left behind. */
export function cleanEnvironment(directory: string, more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'], HOME: directory, XDG_RUNTIME_DIR: directory, XDG_CACHE_HOME: directory, LC_ALL: 'C.UTF-8',
    ARMATURE_PYTHON: nativePython(), ARMATURE_SERVER: 'own', ...more,
  };
}

export interface RunOptions extends SpawnOptionsWithoutStdio {
  readonly input?: string;
  /** Called with the process when its standard output first says something. */
  readonly onOutput?: (pid: number) => void;
}

export function execute(command: readonly string[], options: RunOptions): Promise<Finished> {
  const [file = '', ...args] = command;
  const { input, onOutput, ...spawnOptions } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, spawnOptions);
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (stdout === '') onOutput?.(child.pid ?? 0);
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status, signal, stdout, stderr }));
    child.stdin.end(input ?? '');
  });
}

/** Runs armature in a clean environment. */
export function runArmature(t: TestContext, words: readonly string[], options: RunOptions = {}): Promise<Finished> {
  return execute([...armature, ...words], { env: cleanEnvironment(temporaryDirectory(t)), ...options });
}

export function script(t: TestContext, text: string): string {
  const path = join(temporaryDirectory(t), 'program.py');
  writeFileSync(path, text);
  return path;
}
