import { protocolVersion } from '#server/replies.ts';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A server that listens where the agent looks for one, and misbehaves. */
export interface FakeServer {
  readonly socketPath: string;
  close(): Promise<void>;
}

export type Misbehaviour = (socket: Socket) => void;

function frame(type: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.writeUInt32LE(payload.length + 1, 0);
  header.writeUInt8(type, 4);
  return Buffer.concat([header, payload]);
}

/** Protocol version, flags (threshold zero), no guard to fail. */
function welcome(version: number): Buffer {
  const payload = Buffer.alloc(12);
  payload.writeUInt32LE(version, 0);
  payload.writeUInt32LE(1, 4);
  return frame(2, payload);
}

const onData = (socket: Socket, act: (chunk: Buffer, count: number) => void): void => {
  let count = 0;
  socket.on('data', (chunk: Buffer) => act(chunk, count++));
};

/** The ways to be a bad server; the program must not notice any of them. */
export const misbehaviours: Readonly<Record<string, Misbehaviour>> = {
  'accepts and never answers': () => undefined,
  'closes at once': (socket) => socket.destroy(),
  'answers with text': (socket) => onData(socket, () => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n')),
  'answers with zeros': (socket) => onData(socket, () => socket.write(Buffer.alloc(4096))),
  'answers with ones': (socket) => onData(socket, () => socket.write(Buffer.alloc(4096, 255))),
  'has a newer protocol': (socket) => onData(socket, () => socket.write(welcome(999))),
  'is welcoming, then silent': (socket) => onData(socket, (_chunk, count) => { if (count === 0) socket.write(welcome(protocolVersion)); }),
  'is welcoming, then closes': (socket) => onData(socket, (_chunk, count) => {
    if (count === 0) socket.write(welcome(protocolVersion));
    else socket.destroy();
  }),
  'is welcoming, then sends half a message': (socket) => onData(socket, (_chunk, count) => {
    socket.write(count === 0 ? welcome(protocolVersion) : frame(4, Buffer.alloc(200)).subarray(0, 50));
  }),
  'is welcoming, then sends a unit of zeros': (socket) => onData(socket, (_chunk, count) => {
    socket.write(count === 0 ? welcome(protocolVersion) : frame(4, Buffer.alloc(600)));
  }),
  'is welcoming, then sends a unit of noise': (socket) => onData(socket, (_chunk, count) => {
    const noise = Buffer.from(Array.from({ length: 900 }, (_, index) => (index * 73 + 41) % 256));
    socket.write(count === 0 ? welcome(protocolVersion) : frame(4, noise));
  }),
  'is welcoming, then sends an endless message': (socket) => onData(socket, (_chunk, count) => {
    const header = Buffer.from([0xFF, 0xFF, 0xFF, 0x7F, 4]);
    socket.write(count === 0 ? welcome(protocolVersion) : Buffer.concat([header, Buffer.alloc(100_000)]));
  }),
  'is welcoming, then sends unknown messages': (socket) => onData(socket, (_chunk, count) => {
    socket.write(count === 0 ? welcome(protocolVersion) : Buffer.concat([frame(77, Buffer.alloc(3)), frame(0, Buffer.alloc(0))]));
  }),
  'answers byte by byte': (socket) => onData(socket, (_chunk, count) => {
    if (count > 0) return;
    let sent = 0;
    const bytes = welcome(protocolVersion);
    const timer = setInterval(() => {
      if (sent >= bytes.length || socket.destroyed) clearInterval(timer);
      else socket.write(bytes.subarray(sent, ++sent));
    }, 10);
  }),
};

export async function startFakeServer(misbehave: Misbehaviour): Promise<FakeServer> {
  const folder = mkdtempSync(path.join(tmpdir(), 'armature-fake-'));
  const socketPath = path.join(folder, 'socket');
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => socket.destroy());
    misbehave(socket);
  });
  await new Promise<void>((resolve) => { server.listen(socketPath, resolve); });
  return {
    socketPath,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => { server.close(resolve); });
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
