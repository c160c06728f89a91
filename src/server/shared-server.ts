import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { currentPlace, isOwnSocket, runtimeDirectory } from '#server/runtime-directory.ts';
import { shortDigest } from '#support/short-digest.ts';

/** The one server that all programs of a user share: where it is, and how to ask for it. */
export interface SharedServer {
  readonly socketPath: string;
  readonly logPath: string;
}

/** `build` names this build of Armature: programs of another one have a server of their own. */
export function sharedServer(build: string): SharedServer {
  const directory = runtimeDirectory();
  const name = `server-${shortDigest(build)}`;
  return { socketPath: join(directory, `${name}.sock`), logPath: join(directory, 'server.log') };
}

/** True when somebody answers there. */
export function isListening(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(socketPath);
    socket.on('connect', () => {
      resolve(true);
      socket.destroy();
    });
    socket.on('error', () => resolve(false));
  });
}

export async function isRunning({ socketPath }: SharedServer): Promise<boolean> {
  return isOwnSocket(socketPath, currentPlace().uid) && (await isListening(socketPath));
}

/** Held by a server as long as it lives; tells others its process number. */
function lockFile(socketPath: string): string {
  return `${socketPath}.pid`;
}

function tryLock(socketPath: string): boolean {
  try {
    writeFileSync(lockFile(socketPath), String(process.pid), { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

function isHolderAlive(socketPath: string): boolean {
  try {
    process.kill(Number(readFileSync(lockFile(socketPath), 'utf8')), 0);
    return true;
  } catch {
    return false;
  }
}

const pause = (milliseconds: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, milliseconds));

/** Waits until somebody listens, or nobody does; false when that does not happen in time. */
async function becomes(socketPath: string, listening: boolean, milliseconds: number): Promise<boolean> {
  for (const deadline = Date.now() + milliseconds; Date.now() < deadline; await pause(10)) {
    if ((await isListening(socketPath)) === listening) return true;
  }
  return false;
}

const startMilliseconds = 2000;
const stopMilliseconds = 5000;

/**
 * Makes this process the one that may listen on that socket; false when another one does. What a crashed server left
 * is taken over: its process is gone, or its number belongs to a process that does not listen.
 */
export async function lockSocket(socketPath: string): Promise<boolean> {
  if (tryLock(socketPath)) return true;
  if (isHolderAlive(socketPath) && (await becomes(socketPath, true, startMilliseconds))) return false;
  unlockSocket(socketPath);
  return tryLock(socketPath);
}

export function unlockSocket(socketPath: string): void {
  rmSync(lockFile(socketPath), { force: true });
}

/** Ends the server; false when none is running. Its lock file is trusted only while its socket answers. */
export async function stopShared(server: SharedServer): Promise<boolean> {
  if (!(await isRunning(server))) return false;
  process.kill(Number(readFileSync(lockFile(server.socketPath), 'utf8')), 'SIGTERM');
  return becomes(server.socketPath, false, stopMilliseconds);
}
