import { spawnSync } from 'node:child_process';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { LabError } from '#lab/errors.ts';

export interface DirectoryLock {
  readonly release: () => void;
}

/** The status of `flock --nonblock` when somebody else has the lock. */
const lockedByOther = 1;

/**
 * An advisory lock of the kernel (flock(2)), which ends with the process however that ends. Node cannot take one, but the
 * lock belongs to the open file, not to the process that asks: `flock` of util-linux locks the descriptor it inherits.
 */
export function lockDirectory(directory: string): DirectoryLock {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, 'lock');
  const descriptor = openSync(path, 'a+', 0o600);
  const { status, error } = spawnSync('flock', ['--nonblock', '--exclusive', '3'], { stdio: ['ignore', 'ignore', 'ignore', descriptor] });
  if (status !== 0) {
    closeSync(descriptor);
    if (error !== undefined || status !== lockedByOther) throw new LabError('lock-unavailable', { path, reason: error?.message ?? `flock ended with status ${String(status)}` });
    throw new LabError('directory-in-use', { path: directory, process: readFileSync(path, 'utf8').trim() || 'unknown' });
  }
  ftruncateSync(descriptor);
  writeSync(descriptor, `${process.pid}\n`);
  return { release: () => closeSync(descriptor) };
}
