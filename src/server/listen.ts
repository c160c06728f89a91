import { chmodSync, rmSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { createServer } from 'node:net';

/** A socket that is open before anything that could serve it is loaded: early clients wait in `early`. */
export interface OpenSocket {
  readonly path: string;
  readonly server: Server;
  /** Connections made before somebody took over; the taker empties it. */
  readonly early: Socket[];
  /** Called for later connections once set. */
  onConnection: ((socket: Socket) => void) | undefined;
}

/** Listens at once (bind and listen happen in this call); only this user may connect. */
export function openSocket(path: string): OpenSocket {
  rmSync(path, { force: true });
  const server = createServer({ pauseOnConnect: true });
  const open: OpenSocket = { path, server, early: [], onConnection: undefined };
  server.on('connection', (socket) => {
    if (open.onConnection === undefined) open.early.push(socket);
    else open.onConnection(socket);
  });
  let failure: Error | undefined;
  server.on('error', (error) => {
    failure = error;
  });
  server.listen({ path, backlog: 64 });
  if (!server.listening) throw failure ?? new Error(`cannot listen on ${path}`);
  chmodSync(path, 0o600);
  return open;
}

export function closeSocket(open: OpenSocket): void {
  for (const socket of open.early.splice(0)) socket.destroy();
  open.server.close();
  // libuv removes the file when it closes the handle, but not when the process is killed right after.
  rmSync(open.path, { force: true });
}
