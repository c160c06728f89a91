import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { currentPlace, isOwnSocket, runtimeDirectory } from '#server/runtime-directory.ts';

/** The one server that all programs of a user may share (`armature env`): where it is, and how to ask for it. */
export interface SharedServer {
  readonly socketPath: string;
  readonly logPath: string;
}

export function sharedServer(): SharedServer {
  const directory = runtimeDirectory();
  return { socketPath: join(directory, 'server.sock'), logPath: join(directory, 'server.log') };
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

function processFile(socketPath: string): string {
  return `${socketPath}.pid`;
}

export function announceProcess(socketPath: string): void {
  writeFileSync(processFile(socketPath), String(process.pid), { mode: 0o600 });
}

export function withdrawProcess(socketPath: string): void {
  rmSync(processFile(socketPath), { force: true });
}

/** Ends the server; false when none is running. Its process file is trusted only while its socket answers. */
export async function stopShared(server: SharedServer): Promise<boolean> {
  if (!(await isRunning(server))) return false;
  process.kill(Number(readFileSync(processFile(server.socketPath), 'utf8')), 'SIGTERM');
  while (await isListening(server.socketPath)) await new Promise((resolve) => setTimeout(resolve, 10));
  return true;
}
