import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** An answer of an index, kept as it came. */
export interface CachedPage {
  readonly url: string;
  readonly storedAt: number;
  readonly contentType: string;
  readonly etag: string | undefined;
  readonly body: string;
}

export function cacheDirectory(environment: NodeJS.ProcessEnv): string {
  return join(environment['XDG_CACHE_HOME'] ?? join(environment['HOME'] ?? homedir(), '.cache'), 'armature', 'check');
}

/** One file an address. Whatever goes wrong with it, the index is asked instead. */
export class DiskCache {
  readonly #directory: string | undefined;

  constructor(directory: string | undefined) {
    this.#directory = directory;
  }

  #path(directory: string, url: string): string {
    return join(directory, `${createHash('sha256').update(url).digest('hex').slice(0, 40)}.json`);
  }

  read(url: string): CachedPage | undefined {
    if (this.#directory === undefined) return undefined;
    try {
      const page = JSON.parse(readFileSync(this.#path(this.#directory, url), 'utf8')) as CachedPage;
      return page.url === url && typeof page.body === 'string' && typeof page.storedAt === 'number' ? page : undefined;
    } catch {
      return undefined;
    }
  }

  write(page: CachedPage): void {
    if (this.#directory === undefined) return;
    try {
      mkdirSync(this.#directory, { recursive: true });
      const path = this.#path(this.#directory, page.url);
      const temporary = `${path}.${process.pid}`;
      writeFileSync(temporary, JSON.stringify(page), { mode: 0o600 });
      renameSync(temporary, path);
    } catch {
      // A full or read-only disk costs time, nothing else.
    }
  }
}
