import type { ChildProcess, StdioOptions } from 'node:child_process';
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { UserError } from '#cli/errors.ts';

/** How a program ended. */
export type Outcome =
  | { readonly kind: 'exited'; readonly status: number }
  | { readonly kind: 'killed'; readonly signal: NodeJS.Signals };

export interface RunningChild {
  readonly process: ChildProcess;
  readonly finished: Promise<Outcome>;
}

const forwarded: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'];
/** The terminal sends these to every process in the foreground, the child included. */
const sentByTerminal: readonly NodeJS.Signals[] = ['SIGINT', 'SIGQUIT'];

/**
 * True when the terminal can have sent a signal to this process and its child together: both are in the foreground
 * group of a controlling terminal. Otherwise (no terminal, or in the background) somebody signalled this process alone.
 */
function isInForeground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'latin1');
    // After the command name, which may hold spaces: state, ppid, pgrp, session, tty_nr, tpgid.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[2] === fields[5];
  } catch {
    return true;
  }
}

/** Starts a program; until it ends, signals that this process gets are its signals. */
export function startChild(command: readonly string[], environment: NodeJS.ProcessEnv, stdio: StdioOptions): RunningChild {
  const [file = '', ...args] = command;
  // Handlers come before the start: a signal between the two must not end us and leave the child behind.
  const started: { child?: ChildProcess } = {};
  const handlers = new Map<NodeJS.Signals, () => void>();
  for (const signal of forwarded) handlers.set(signal, () => started.child?.kill(signal));
  for (const signal of sentByTerminal) {
    handlers.set(signal, () => {
      if (!isInForeground()) started.child?.kill(signal);
    });
  }
  for (const [signal, handler] of handlers) process.on(signal, handler);
  const child = spawn(file, args, { stdio, env: environment });
  started.child = child;
  const finished = new Promise<Outcome>((resolve, reject) => {
    child.on('error', (error) => reject(startFailure(file, error)));
    child.on('close', (status, signal) => {
      resolve(signal === null ? { kind: 'exited', status: status ?? 0 } : { kind: 'killed', signal });
    });
  }).finally(() => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  });
  return { process: child, finished };
}

function startFailure(python: string, error: NodeJS.ErrnoException): UserError {
  if (error.code === 'ENOENT') return new UserError('python-not-found', { python });
  return new UserError('python-not-executable', { python, reason: error.code ?? error.message });
}

/** The exit status to end with; ends this process by the same signal if that is how the program ended. */
export function endLike(outcome: Outcome): number {
  if (outcome.kind === 'exited') return outcome.status;
  process.kill(process.pid, outcome.signal);
  // Reached only for a signal that does not end this process.
  return 128;
}
