import type { Socket } from 'node:net';
import { CompileQueue } from '#server/compile-queue.ts';
import { CompileService } from '#server/compile-service.ts';
import type { Compiler } from '#server/compiler.ts';
import type { OpenSocket } from '#server/listen.ts';
import { closeSocket } from '#server/listen.ts';
import type { Log } from '#server/log.ts';
import type { Observer } from '#server/record.ts';
import type { Modes } from '#server/replies.ts';
import type { Codec } from '#server/session.ts';
import { Session } from '#server/session.ts';
import type { UnitCache } from '#server/unit-cache.ts';

export interface JitServerOptions {
  readonly codec: Codec;
  readonly compiler: Compiler;
  readonly cache: UnitCache;
  readonly modes: Modes;
  readonly log: Log;
  readonly observer?: Observer;
  /** Called when there has been no client for `idleSeconds`; 0 for never. */
  readonly idleSeconds?: number;
  readonly onIdle?: () => void;
}

/** The compile server: takes over an open socket and serves every client that connects to it. */
export class JitServer {
  readonly #options: JitServerOptions;
  readonly #socket: OpenSocket;
  readonly #queue = new CompileQueue();
  readonly #service: CompileService;
  readonly #sessions = new Set<Session>();
  readonly #allGone: (() => void)[] = [];
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(socket: OpenSocket, options: JitServerOptions) {
    this.#socket = socket;
    this.#options = options;
    this.#service = new CompileService({ ...options, observer: options.observer ?? {} });
    socket.onConnection = (connection) => this.#accept(connection);
    for (const connection of socket.early.splice(0)) this.#accept(connection);
    this.#watchIdleness();
  }

  /** True while a client waits for a unit. */
  get isBusy(): boolean {
    return this.#queue.isBusy;
  }

  /** Resolves when no client is connected, or after that many milliseconds. */
  async drain(milliseconds: number): Promise<void> {
    if (this.#sessions.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    const gone = new Promise<void>((resolve) => {
      this.#allGone.push(resolve);
      timer = setTimeout(resolve, milliseconds);
    });
    await gone;
    clearTimeout(timer);
  }

  /** Drops the clients and the waiting work; the socket's file is gone when this returns. */
  close(): void {
    clearTimeout(this.#idleTimer);
    this.#queue.stop();
    for (const session of this.#sessions) session.close();
    closeSocket(this.#socket);
  }

  #accept(connection: Socket): void {
    const session = new Session(connection, { ...this.#options, observer: this.#options.observer ?? {}, queue: this.#queue, service: this.#service });
    this.#sessions.add(session);
    clearTimeout(this.#idleTimer);
    connection.on('close', () => {
      this.#sessions.delete(session);
      if (this.#sessions.size > 0) return;
      for (const resolve of this.#allGone.splice(0)) resolve();
      this.#watchIdleness();
    });
  }

  #watchIdleness(): void {
    const { idleSeconds = 0, onIdle } = this.#options;
    if (idleSeconds <= 0 || onIdle === undefined || this.#sessions.size > 0) return;
    this.#idleTimer = setTimeout(onIdle, idleSeconds * 1000);
  }
}
