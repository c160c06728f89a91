import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import type { Message } from '#server/framing.ts';
import { frame, FrameReader, messageType } from '#server/framing.ts';
import { protocolVersion } from '#server/replies.ts';
import type { Plain, PlainDict } from '../harness/marshal.ts';
import { marshal } from '../harness/marshal.ts';

/** Stands for an agent: says what a test tells it to, and keeps what the server answers. */
export class TestClient {
  readonly socket: Socket;
  readonly #frames = new FrameReader();
  readonly #received: Message[] = [];
  #wake: (() => void) | undefined;
  readonly closed: Promise<unknown>;

  private constructor(socket: Socket) {
    this.socket = socket;
    this.closed = once(socket, 'close');
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      this.#received.push(...this.#frames.push(chunk));
      this.#wake?.();
    });
    socket.on('close', () => this.#wake?.());
  }

  static async open(path: string): Promise<TestClient> {
    const socket = connect(path);
    await once(socket, 'connect');
    return new TestClient(socket);
  }

  send(type: number, payload: Plain): void {
    this.socket.write(frame(type, marshal(payload)));
  }

  /** The next message, or undefined when the server has hung up. */
  async next(): Promise<Message | undefined> {
    while (this.#received.length === 0 && !this.socket.destroyed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    return this.#received.shift();
  }

  async greet(changes: PlainDict = {}): Promise<Message | undefined> {
    this.send(messageType.hello, { protocol: protocolVersion, pid: process.pid, python: '3.14.0', layout: 314, arch: 'x86_64', system: 'linux', nonce: 1, ...changes });
    return this.next();
  }
}

/** The smallest request that can be read: `def name(): pass`. */
export function requestMessage(id: number, name = 'f'): PlainDict {
  const code: Plain = {
    name, qualname: name, filename: 'test.py', firstlineno: 1, flags: 3, argcount: 0, posonly: 0, kwonly: 0, nlocals: 0, stacksize: 1,
    localsplusnames: [], localspluskinds: new Uint8Array(), names: [], consts: [0], code: new Uint8Array([149, 0, 100, 0, 83, 0]),
    exceptiontable: new Uint8Array(), linetable: new Uint8Array(), globals: 1, builtins: 1, names_values: [], cache_objects: [],
  };
  return {
    request: id, kind: 'entry', code: 0, offset: 1, codes: [code], locals: [], stack: [], feedback: [], disable: [],
    objects: [['none', -1, 4096], ['dict', -1, 8192, 12288, 0, 0]],
  };
}

export interface RefusalMessage {
  readonly request: number;
  readonly retry: number;
  readonly code: string;
  readonly detail: string;
}

export function readRefusal({ payload }: Message): RefusalMessage {
  const codeLength = payload.readUInt16LE(8);
  const detailAt = 10 + codeLength;
  return {
    request: payload.readUInt32LE(0),
    retry: payload.readUInt32LE(4),
    code: payload.toString('utf8', 10, detailAt),
    detail: payload.toString('utf8', detailAt + 2, detailAt + 2 + payload.readUInt16LE(detailAt)),
  };
}
