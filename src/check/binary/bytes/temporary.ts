import { randomUUID } from 'node:crypto';
import type { FileHandle } from 'node:fs/promises';
import { open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileSource } from './source.ts';

export interface Temporary {
  readonly handle: FileHandle;
  readonly remove: () => Promise<void>;
}

/** Where the system allows it the name is gone at once, so that nothing stays behind, however the process ends. */
export async function createTemporary(): Promise<Temporary> {
  const path = join(tmpdir(), `armature-${randomUUID()}`);
  const handle = await open(path, 'wx+', 0o600);
  if (process.platform === 'win32') return { handle, remove: () => rm(path, { force: true }) };
  await rm(path);
  return { handle, remove: () => Promise.resolve() };
}

export class TemporarySource extends FileSource {
  readonly #remove: () => Promise<void>;

  constructor(handle: FileHandle, size: number, remove: () => Promise<void>) {
    super(handle, size);
    this.#remove = remove;
  }

  override async close(): Promise<void> {
    await super.close();
    await this.#remove();
  }
}
