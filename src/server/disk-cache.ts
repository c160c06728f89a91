import { createHash } from 'node:crypto';
import { lstatSync } from 'node:fs';
import { mkdir, readFile, readdir, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Log } from '#server/log.ts';

/** Compiled units on disk, named by the digest of the request. */
export interface DiskCache {
  read(key: string): Promise<Uint8Array | undefined>;
  write(key: string, unit: Uint8Array): Promise<void>;
  /** Deletes the least recently used entries beyond the size limit. */
  trim(): Promise<void>;
}

export const noDiskCache: DiskCache = {
  read: () => Promise.resolve(undefined),
  write: () => Promise.resolve(),
  trim: () => Promise.resolve(),
};

export interface DiskCacheOptions {
  readonly directory: string;
  readonly uid: number;
  readonly largestTotal: number;
  readonly log: Log;
}

const defaultLargestTotal = 256 * 1024 * 1024;
const digestBytes = 32;

/** `$XDG_CACHE_HOME/armature`, else `~/.cache/armature`; none when ARMATURE_CACHE=off or there is no safe place. */
export function diskCacheFrom(environment: NodeJS.ProcessEnv, uid: number, log: Log): DiskCache {
  if (environment['ARMATURE_CACHE'] === 'off') return noDiskCache;
  const asked = environment['XDG_CACHE_HOME'] ?? '';
  const base = isAbsolute(asked) ? asked : join(homedir(), '.cache');
  return openDiskCache({ directory: join(base, 'armature'), uid, largestTotal: defaultLargestTotal, log });
}

export function openDiskCache(options: DiskCacheOptions): DiskCache {
  return {
    read: (key) => readEntry(options, key),
    write: (key, unit) => writeEntry(options, key, unit),
    trim: () => trim(options).catch((error: unknown) => options.log(`cache: not trimmed: ${String(error)}`)),
  };
}

function digest(unit: Uint8Array): Buffer {
  return createHash('sha256').update(unit).digest();
}

/** Units are machine code: nobody else may be able to write them. */
function isTrusted({ directory, uid }: DiskCacheOptions): boolean {
  const status = lstatSync(directory, { throwIfNoEntry: false });
  return status !== undefined && status.isDirectory() && status.uid === uid && (status.mode & 0o022) === 0;
}

async function readEntry(options: DiskCacheOptions, key: string): Promise<Uint8Array | undefined> {
  if (!isTrusted(options)) return undefined;
  const path = join(options.directory, key);
  try {
    const content = await readFile(path);
    const unit = content.subarray(digestBytes);
    if (content.length <= digestBytes || !digest(unit).equals(content.subarray(0, digestBytes))) {
      options.log(`cache: ${key} is corrupted, deleted`);
      await rm(path, { force: true });
      return undefined;
    }
    const now = new Date();
    await utimes(path, now, now);
    return unit;
  } catch {
    return undefined;
  }
}

/** Whole or not at all; two servers may write the same entry. */
async function writeEntry(options: DiskCacheOptions, key: string, unit: Uint8Array): Promise<void> {
  const temporary = join(options.directory, `${key}.${process.pid}`);
  try {
    await mkdir(options.directory, { recursive: true, mode: 0o700 });
    if (!isTrusted(options)) return;
    await writeFile(temporary, Buffer.concat([digest(unit), unit]), { mode: 0o600, flag: 'wx' });
    await rename(temporary, join(options.directory, key));
  } catch (error) {
    options.log(`cache: ${key} not written: ${String(error)}`);
    await rm(temporary, { force: true });
  }
}

async function trim(options: DiskCacheOptions): Promise<void> {
  if (!isTrusted(options)) return;
  const entries = [];
  for (const name of await readdir(options.directory)) {
    const path = join(options.directory, name);
    const status = await stat(path).catch(() => undefined);
    if (status?.isFile() === true) entries.push({ path, size: status.size, used: status.mtimeMs });
  }
  entries.sort((left, right) => right.used - left.used);
  let total = 0;
  for (const entry of entries) {
    total += entry.size;
    if (total > options.largestTotal) await rm(entry.path, { force: true });
  }
}
