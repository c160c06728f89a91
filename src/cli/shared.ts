import type { ChildProcess } from 'node:child_process';
import { spawn } from 'node:child_process';
import { closeSync, openSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { packageRoot } from '#cli/package-root.ts';
import type { SharedServer } from '#server/shared-server.ts';
import { sharedServer } from '#server/shared-server.ts';

const idleSeconds = 15 * 60;

/** The shared server of this installation, as it was built last. */
export function ourSharedServer(): SharedServer {
  const root = packageRoot();
  const { mtimeMs, size } = statSync(join(root, 'dist', 'server.cjs'));
  return sharedServer(`${root} ${mtimeMs} ${size}`);
}

/** Starts the server in a session of its own, so that closing the terminal does not end it. It ends itself when nobody uses it. */
export function startDetached(server: SharedServer): ChildProcess {
  const log = openSync(server.logPath, 'a', 0o600);
  const words = [join(packageRoot(), 'bin', 'armature.cjs'), 'server', '--socket', server.socketPath, `--idle=${idleSeconds}`];
  const child = spawn(process.execPath, words, { detached: true, stdio: ['ignore', log, log], cwd: '/' });
  closeSync(log);
  child.unref();
  return child;
}
