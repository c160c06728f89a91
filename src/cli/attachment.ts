import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { warn } from '#cli/errors.ts';
import { packageRoot } from '#cli/package-root.ts';
import { ourSharedServer, startDetached } from '#cli/shared.ts';
import type { JitServer } from '#server/jit-server.ts';
import type { OpenSocket } from '#server/listen.ts';
import { closeSocket, openSocket } from '#server/listen.ts';
import type { Observer } from '#server/record.ts';
import type { SharedServer } from '#server/shared-server.ts';
import { isListening, isRunning } from '#server/shared-server.ts';
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
  const { agent, others } = pythonPath(environment);
  return { ARMATURE_SOCKET: socketPath, PYTHONPATH: [agent, ...others].join(delimiter) };
}

/** Takes away what `armature env` or an outer `armature run` put there: what is measured plain is plain. */
export function withoutAgent(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { ARMATURE_SOCKET: _socket, PYTHONPATH: _path, ...rest } = environment;
  const { others } = pythonPath(environment);
  return others.length === 0 ? rest : { ...rest, PYTHONPATH: others.join(delimiter) };
}

function pythonPath(environment: NodeJS.ProcessEnv): { readonly agent: string; readonly others: readonly string[] } {
  const agent = join(packageRoot(), 'agent', 'python');
  const old = environment['PYTHONPATH'] ?? '';
  return { agent, others: old.split(delimiter).filter((entry) => entry !== agent && old !== '') };
}

/** A server that the environment names and that answers: `armature env`, or an outer `armature run`. */
async function runningServer(environment: NodeJS.ProcessEnv): Promise<string | undefined> {
  const path = environment['ARMATURE_SOCKET'] ?? '';
  if (path === '' || !existsSync(path)) return undefined;
  return (await isListening(path)) ? path : undefined;
}

/** Variables that change what a server does: the shared one was started without them. */
const serverVariables = [
  'ARMATURE_CACHE', 'ARMATURE_DISABLE_PASSES', 'ARMATURE_FAIL_GUARD', 'ARMATURE_LOG', 'ARMATURE_SPILL_ALL', 'ARMATURE_THRESHOLD_ZERO',
  'ARMATURE_VERIFY',
];

export function wantsOwnServer(environment: NodeJS.ProcessEnv): boolean {
  return environment['ARMATURE_SERVER'] === 'own' || serverVariables.some((name) => (environment[name] ?? '') !== '');
}

/** The agent was built for these, and nobody has run it there. */
const untested: Readonly<Partial<Record<NodeJS.Platform, string>>> = { darwin: 'macOS', win32: 'Windows' };

/** What to call this system when programs run plain on it; undefined: they are compiled, or `ARMATURE_UNTESTED=1` asks to try. */
export function untestedSystem(platform: NodeJS.Platform, environment: NodeJS.ProcessEnv): string | undefined {
  return environment['ARMATURE_UNTESTED'] === '1' ? undefined : untested[platform];
}

/**
 * Uses the server the environment names if there is one, else the shared server of this user, which is started when it
 * does not run; a server in this process when asked to. Plain with a warning if that fails.
 */
export async function attach(environment: NodeJS.ProcessEnv, needsOwnServer: boolean): Promise<Attachment> {
  const agent = join(packageRoot(), 'agent', 'python');
  if (!existsSync(agent)) {
    warn('agent-missing', { path: agent });
    return plainAttachment;
  }
  const system = untestedSystem(process.platform, environment);
  if (system !== undefined) {
    warn('system-untested', { system });
    return plainAttachment;
  }
  const named = needsOwnServer ? undefined : await runningServer(environment);
  if (named !== undefined) return { ...plainAttachment, environment: agentEnvironment(named, environment) };
  try {
    if (!needsOwnServer && !wantsOwnServer(environment)) return sharedAttachment(ourSharedServer(), environment);
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

/** The agent connects when there is somebody to connect to; the program does not wait for that. */
function sharedAttachment(shared: SharedServer, environment: NodeJS.ProcessEnv): Attachment {
  return {
    ...plainAttachment,
    environment: agentEnvironment(shared.socketPath, environment),
    serve: async () => {
      if (await isRunning(shared)) return;
      startDetached(shared)
        .on('error', warnNotServing)
        .on('exit', (status) => void warnUnlessRunning(shared, status));
    },
  };
}

/** Of two servers that are started at once, one ends. */
async function warnUnlessRunning(shared: SharedServer, status: number | null): Promise<void> {
  if (status === 0 || (await isRunning(shared))) return;
  warn('server-start', { reason: `it ended with status ${status ?? 'unknown'}; see ${shared.logPath}` });
}

/** Long enough for the last statistics of a process that has just ended. */
const drainMilliseconds = 200;

/** A server of our own lives as long as one program: it learns only what the first units need. */
const warmUpMilliseconds = 400;

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
        server = startServer(socket, { environment, root: packageRoot(), warmUpMilliseconds, ...(observer === undefined ? {} : { observer }) });
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
