import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { warn } from '#cli/errors.ts';
import { packageRoot } from '#cli/package-root.ts';
import type { JitServer } from '#server/jit-server.ts';
import type { OpenSocket } from '#server/listen.ts';
import { closeSocket, openSocket } from '#server/listen.ts';
import type { Observer } from '#server/record.ts';
import { isListening } from '#server/shared-server.ts';
import { RuntimeDirectoryError, runtimeDirectory } from '#server/runtime-directory.ts';

/** How a Python process that is about to start finds its agent and its server. */
export interface Attachment {
  /** Variables to set for it. Empty: it runs plain. */
  readonly environment: Readonly<Record<string, string>>;
  /** Loads the compiler and serves. Called once the process is on its way, since it takes longer than Python's start. */
  serve(observer?: Observer): Promise<void>;
  /** Removes the socket; if there is an observer, reads what is still on the wire first. */
  close(): Promise<void>;
}

export const plainAttachment: Attachment = {
  environment: {},
  serve: () => Promise.resolve(),
  close: () => Promise.resolve(),
};

/** Puts our agent before whatever PYTHONPATH holds; an empty entry would mean the current directory. */
export function agentEnvironment(socketPath: string, environment: NodeJS.ProcessEnv): Record<string, string> {
  const agent = join(packageRoot(), 'agent', 'python');
  const old = (environment['PYTHONPATH'] ?? '').split(':').filter((entry) => entry !== agent).join(':');
  return { ARMATURE_SOCKET: socketPath, PYTHONPATH: old === '' ? agent : `${agent}:${old}` };
}

/** A server that the environment names and that answers: `armature env`, or an outer `armature run`. */
async function runningServer(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const path = environment['ARMATURE_SOCKET'] ?? '';
  if (path === '' || !existsSync(path)) return undefined;
  return (await isListening(path)) ? path : undefined;
}

/** Uses the server the environment names if there is one, else opens a socket of our own; plain with a warning if that fails. */
export async function attach(environment: NodeJS.ProcessEnv, needsOwnServer: boolean): Promise<Attachment> {
  const agent = join(packageRoot(), 'agent', 'python');
  if (!existsSync(agent)) {
    warn('agent-missing', { path: agent });
    return plainAttachment;
  }
  const shared = needsOwnServer ? undefined : await runningServer(environment);
  if (shared !== undefined) return { ...plainAttachment, environment: agentEnvironment(shared, environment) };
  try {
    const socket = openSocket(join(runtimeDirectory(), `run-${process.pid}.sock`));
    return ownAttachment(socket, environment);
  } catch (error) {
    warnNotServing(error);
    return plainAttachment;
  }
}

function warnNotServing(error: unknown): void {
  if (error instanceof RuntimeDirectoryError) warn('runtime-directory', { path: error.path, problem: error.problem });
  else warn('server-start', { reason: error instanceof Error ? error.message : String(error) });
}

/** Long enough for the last statistics of a process that has just ended. */
const drainMilliseconds = 200;

function ownAttachment(socket: OpenSocket, environment: NodeJS.ProcessEnv): Attachment {
  let server: JitServer | undefined;
  let observed = false;
  let closed = false;
  return {
    environment: agentEnvironment(socket.path, environment),
    serve: async (observer) => {
      observed = observer !== undefined;
      try {
        const { startServer } = await import('#server/start.ts');
        // The program may have ended while the compiler was loading.
        if (closed) return;
        server = startServer(socket, { environment, root: packageRoot(), ...(observer === undefined ? {} : { observer }) });
      } catch (error) {
        warnNotServing(error);
        closeSocket(socket);
      }
    },
    close: async () => {
      closed = true;
      if (server === undefined) {
        closeSocket(socket);
      } else {
        if (observed) await server.drain(drainMilliseconds);
        server.close();
      }
    },
  };
}
