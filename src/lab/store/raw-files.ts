import { createHash, randomUUID } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { LabError } from '#lab/errors.ts';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** What is known of a result besides its content. */
export interface RawContext {
  readonly format: 'pyperf' | 'codespeed';
  readonly receivedAt: string;
  /** The path below the imported directory, which names the machine and the flags; or the name an upload gave. */
  readonly name: string;
  /** The machine the token of an upload is for. */
  readonly machine?: string;
  readonly pull?: PullRequest;
  /** Of the interpreter, where the file does not say it: results of `armature bench`, say. */
  readonly commit?: string;
}

/** The sender of a result says so: nothing in the file does. */
export interface PullRequest {
  readonly number: number;
  /** The commit that it is compared with. */
  readonly base: string;
}

export interface RawFile {
  readonly digest: string;
  readonly context: RawContext;
  readonly bytes: Uint8Array;
}

/** Of the content as it is before compression: a file that is sent again compressed in another way is the same result. */
export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/**
 * The results as they came, compressed, each under its digest: from them the database can be made anew. A file is complete on
 * the disk before the database hears of it, so whatever happens in between, the next start finds it and reads it in.
 */
export class RawFiles {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Two files a result: `DIGEST.json.gz`, and `DIGEST.context.json`, which is written first. */
  async put(digest: string, bytes: Uint8Array, context: RawContext): Promise<void> {
    const path = this.#path(digest);
    if (await exists(`${path}.json.gz`)) return;
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeDurably(`${path}.context.json`, Buffer.from(`${JSON.stringify(context)}\n`));
    await writeDurably(`${path}.json.gz`, await compress(bytes));
    await synchronise(dirname(path));
  }

  async read(digest: string): Promise<RawFile> {
    const context = await this.context(digest);
    const bytes = await undamaged(digest, async () => decompress(await readFile(`${this.#path(digest)}.json.gz`)));
    if (digestOf(bytes) !== digest) throw new LabError('result-damaged', { digest, reason: 'the content is not what was received' });
    return { digest, context, bytes };
  }

  async context(digest: string): Promise<RawContext> {
    return undamaged(digest, async () => JSON.parse(await readFile(`${this.#path(digest)}.context.json`, 'utf8')) as RawContext);
  }

  /** Removes a result that turned out not to fit in the database. */
  async remove(digest: string): Promise<void> {
    for (const suffix of ['.json.gz', '.context.json']) await rm(`${this.#path(digest)}${suffix}`, { force: true });
  }

  async digests(): Promise<readonly string[]> {
    const names = await readdir(this.#directory, { recursive: true }).catch(() => []);
    return names.flatMap((name) => /([0-9a-f]{64})\.json\.gz$/.exec(name)?.[1] ?? []).sort();
  }

  /** In 256 directories: a hundred thousand files in one are slow to list. */
  #path(digest: string): string {
    if (!/^[0-9a-f]{64}$/.test(digest)) throw new Error(`not a digest: ${digest}`);
    return join(this.#directory, digest.slice(0, 2), digest);
  }
}

async function undamaged<T>(digest: string, reading: () => Promise<T>): Promise<T> {
  try {
    return await reading();
  } catch (error) {
    throw new LabError('result-damaged', { digest, reason: error instanceof Error ? error.message : String(error) });
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(() => true, () => false);
}

/** There with its whole content or not at all, after a crash of the system too. */
async function writeDurably(path: string, bytes: Uint8Array): Promise<void> {
  // Two requests may bring the same file at once.
  const temporary = `${path}.${randomUUID()}.tmp`;
  const file = await open(temporary, 'w', 0o600);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path);
}

async function synchronise(directory: string): Promise<void> {
  const handle = await open(directory, 'r');
  await handle.sync().finally(() => handle.close());
}
