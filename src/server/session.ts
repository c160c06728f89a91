import type { Socket } from 'node:net';
import type { CompileRequest } from '#protocol/request.ts';
import type { CompileQueue } from '#server/compile-queue.ts';
import type { CompileService } from '#server/compile-service.ts';
import type { CompileResult } from '#server/compiler.ts';
import type { Message } from '#server/framing.ts';
import { FrameReader, messageType, ProtocolError } from '#server/framing.ts';
import type { Log } from '#server/log.ts';
import type { Client, Observer } from '#server/record.ts';
import type { Modes } from '#server/replies.ts';
import { protocolVersion, refuseMessage, unitMessage, welcomeMessage } from '#server/replies.ts';

export interface Hello extends Client {
  readonly protocol: number;
}

/** Reads the payloads of a client's messages; throws when they are malformed. */
export interface Codec {
  hello(payload: Uint8Array): Hello;
  compile(payload: Uint8Array, client: Client): CompileRequest;
  report(payload: Uint8Array): unknown;
}

export interface SessionParts {
  readonly codec: Codec;
  readonly queue: CompileQueue;
  readonly service: CompileService;
  readonly modes: Modes;
  readonly log: Log;
  readonly observer: Observer;
}

/** More requests than any program has hot loops: a client that floods us is told to come back later. */
const longestQueue = 4096;

/** One connected Python process. Malformed input closes this connection and nothing else. */
export class Session {
  readonly #socket: Socket;
  readonly #parts: SessionParts;
  readonly #frames = new FrameReader();
  #client: Client | undefined;

  constructor(socket: Socket, parts: SessionParts) {
    this.#socket = socket;
    this.#parts = parts;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', (error) => parts.log(`connection lost: ${error.message}`));
    socket.on('close', () => parts.queue.dropOwner(this));
    socket.resume();
  }

  close(): void {
    this.#socket.destroy();
  }

  #receive(chunk: Buffer): void {
    try {
      for (const message of this.#frames.push(chunk)) this.#handle(message);
    } catch (error) {
      this.#parts.log(`client ${this.#client?.pid ?? '?'} dropped: ${error instanceof Error ? error.message : String(error)}`);
      this.#socket.destroy();
    }
  }

  #handle({ type, payload }: Message): void {
    const client = this.#client;
    if (client === undefined) {
      if (type !== messageType.hello) throw new ProtocolError(`message ${type} before hello`);
      this.#greet(payload);
    } else if (type === messageType.compile) {
      this.#enqueue(client, payload);
    } else if (type === messageType.report) {
      this.#parts.observer.reported?.(client, this.#parts.codec.report(payload));
    } else {
      throw new ProtocolError(`unexpected message ${type}`);
    }
  }

  #greet(payload: Uint8Array): void {
    const hello = this.#parts.codec.hello(payload);
    // The agent reads our version and leaves if it does not know it; so do we, after telling it.
    this.#socket.write(welcomeMessage(this.#parts.modes));
    if (hello.protocol !== protocolVersion) throw new ProtocolError(`protocol version ${hello.protocol}`);
    this.#client = hello;
    this.#parts.log(`pid ${hello.pid}: connected, Python ${hello.python} on ${hello.arch}-${hello.system}`);
    this.#parts.observer.connected?.(hello);
  }

  #enqueue(client: Client, payload: Uint8Array): void {
    const { codec, queue, service } = this.#parts;
    const request = codec.compile(payload, client);
    if (queue.length >= longestQueue) {
      this.#reply(request, refusedForNow('queue-full', 'the server has too much to do'));
      return;
    }
    queue.add({
      key: jobKey(request),
      owner: this,
      run: async () => this.#reply(request, await service.compile(client, request)),
      superseded: () => this.#reply(request, refusedForNow('superseded', 'a newer request asks for the same unit')),
    });
  }

  #reply(request: CompileRequest, result: CompileResult): void {
    if (this.#socket.destroyed) return;
    this.#socket.write(result.kind === 'unit' ? unitMessage(request.id, result.unit) : refuseMessage(request.id, result.refusal));
  }
}

function refusedForNow(code: string, detail: string): CompileResult {
  return { kind: 'refused', refusal: { code, detail, retry: true } };
}

function jobKey(request: CompileRequest): string {
  const code = request.codes[0];
  return JSON.stringify([request.kind, request.offset, code?.filename, code?.qualname, code?.firstlineno]);
}
