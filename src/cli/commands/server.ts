import { UserError } from '#cli/errors.ts';
import { parseOptionsOnly } from '#cli/options.ts';
import { packageRoot } from '#cli/package-root.ts';
import { ourSharedServer } from '#cli/shared.ts';
import { serverOptions } from '#cli/verbs.ts';
import type { OpenSocket } from '#server/listen.ts';
import { openSocket } from '#server/listen.ts';
import { RuntimeDirectoryError } from '#server/runtime-directory.ts';
import { lockSocket, unlockSocket } from '#server/shared-server.ts';

/** Enough for V8 to have optimized what most compiles spend their time in. */
const warmUpMilliseconds = 2500;

export async function server(words: readonly string[]): Promise<number> {
  const values = parseOptionsOnly('server', serverOptions, words);
  const idleSeconds = parseSeconds(values.get('--idle') ?? '0');
  const path = values.get('--socket') ?? defaultPath();
  // A signal while the compiler is loading must not leave the socket and its lock behind.
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, end);
  });
  const socket = await open(path);
  const { startServer } = await import('#server/start.ts');
  const running = startServer(socket, { environment: process.env, root: packageRoot(), warmUpMilliseconds, idleSeconds, onIdle: end });
  process.once('exit', () => running.close());
  process.stderr.write(`armature: listening on ${path}\n`);
  await ended;
  unlockSocket(path);
  process.exit(0);
}

function defaultPath(): string {
  try {
    return ourSharedServer().socketPath;
  } catch (error) {
    throw unavailable(error);
  }
}

async function open(path: string): Promise<OpenSocket> {
  try {
    if (await lockSocket(path)) return openSocket(path);
  } catch (error) {
    throw unavailable(error);
  }
  throw new UserError('server-running', { path });
}

function unavailable(error: unknown): UserError {
  const reason = error instanceof RuntimeDirectoryError ? `${error.path} ${error.problem}` : String(error);
  return new UserError('server-unavailable', { reason });
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (!Number.isFinite(seconds) || seconds < 0) throw new UserError('missing-value', { option: '--idle', value: 'SECONDS' });
  return seconds;
}
