import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { cleanEnvironment } from './program-run.ts';

export const projectRoot = path.resolve(import.meta.dirname, '../..');

/** A compile server in a process of its own, that programs find through the variables of `environment`. */
export interface AttachedServer {
  readonly environment: Readonly<Record<string, string>>;
  /** What it logged so far, if ARMATURE_LOG=stderr was among its variables. */
  log(): string;
  /** Ends it without warning, as a crash would. */
  kill(): void;
  /** Ends it and removes its files. */
  close(): Promise<void>;
}

const startSeconds = 30;

/** Starts a server that is ready to compile when this returns, so that short programs are compiled too. */
export async function startAttachedServer(modeEnvironment: Readonly<Record<string, string>>): Promise<AttachedServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'armature-differential-'));
  const socket = path.join(folder, 'socket');
  const child = spawn(process.execPath, [path.join(projectRoot, 'bin/armature.cjs'), 'server', '--socket', socket], {
    env: { ...cleanEnvironment(), ...modeEnvironment, XDG_CACHE_HOME: folder },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = once(child, 'exit');
  let log = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => { log += chunk; });
  try {
    await listening(child, () => log);
  } catch (error) {
    child.kill('SIGKILL');
    await ended;
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    environment: attachedVariables(socket),
    log: () => log,
    kill: () => { child.kill('SIGKILL'); },
    close: async () => {
      child.kill('SIGTERM');
      const patience = setTimeout(() => child.kill('SIGKILL'), 5000);
      await ended;
      clearTimeout(patience);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What `armature env` prints for this socket. */
export function attachedVariables(socket: string): Record<string, string> {
  return { ARMATURE_SOCKET: socket, PYTHONPATH: path.join(projectRoot, 'agent/python') };
}

async function listening(child: ChildProcess, log: () => string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the server did not start in time: ${log()}`)), startSeconds * 1000);
    const finish = (act: () => void): void => {
      clearTimeout(timer);
      act();
    };
    child.stderr?.on('data', () => {
      if (log().includes('listening on')) finish(resolve);
    });
    child.on('error', (error) => finish(() => reject(error)));
    child.on('exit', (status) => finish(() => reject(new Error(`the server ended with ${status}: ${log()}`))));
  });
}
