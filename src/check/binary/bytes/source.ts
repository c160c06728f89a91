import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { Unreadable, require } from './unreadable.ts';

/** Bytes with random access: a file, a part of one, a buffer, or something behind HTTP. */
export interface ByteSource {
  readonly size: number;
  /** Each read is a request to a server. */
  readonly remote?: boolean;
  /** Exactly these bytes, or `Unreadable`. The buffer is the caller's. */
  read(offset: number, length: number): Promise<Buffer>;
  /** The same bytes in pieces as they come, where that is cheaper than several reads: one request to a server. */
  stream?(offset: number, length: number): AsyncIterable<Buffer>;
  close(): Promise<void>;
}

/** Tables are read whole; no honest one is larger. */
const largestRead = 256 * 1024 * 1024;

export function checkRange(offset: number, length: number, size: number, what = 'a part'): void {
  require(Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0 && offset + length <= size,
    `${what} at offset ${offset}, ${length} bytes long, lies outside the file (${size} bytes)`);
  require(length <= largestRead, `${what} of ${length} bytes is larger than any honest one`);
}

export class BufferSource implements ByteSource {
  readonly size: number;
  readonly #bytes: Buffer;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
    this.size = bytes.length;
  }

  read(offset: number, length: number): Promise<Buffer> {
    checkRange(offset, length, this.size);
    return Promise.resolve(this.#bytes.subarray(offset, offset + length));
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

export class FileSource implements ByteSource {
  readonly size: number;
  readonly #handle: FileHandle;

  constructor(handle: FileHandle, size: number) {
    this.#handle = handle;
    this.size = size;
  }

  static async open(path: string): Promise<FileSource> {
    try {
      // Opening a pipe would wait for somebody to write to it.
      require((await stat(path)).isFile(), 'not a regular file');
      const handle = await open(path, 'r');
      return new FileSource(handle, (await handle.stat()).size);
    } catch (error) {
      throw error instanceof Unreadable ? error : new Unreadable(error instanceof Error ? error.message : String(error));
    }
  }

  async read(offset: number, length: number): Promise<Buffer> {
    checkRange(offset, length, this.size);
    const bytes = Buffer.allocUnsafe(length);
    for (let done = 0; done < length;) {
      const { bytesRead } = await this.#handle.read(bytes, done, length - done, offset + done);
      require(bytesRead > 0, `the file ended at ${offset + done}; it became shorter while it was read`);
      done += bytesRead;
    }
    return bytes;
  }

  async close(): Promise<void> {
    await this.#handle.close();
  }
}

/** A window of another source; closing it leaves the other open. */
export class PartSource implements ByteSource {
  readonly size: number;
  readonly #whole: ByteSource;
  readonly #start: number;

  constructor(whole: ByteSource, start: number, size: number) {
    checkWindow(start, size, whole.size);
    this.#whole = whole;
    this.#start = start;
    this.size = size;
  }

  read(offset: number, length: number): Promise<Buffer> {
    checkRange(offset, length, this.size);
    return this.#whole.read(this.#start + offset, length);
  }

  stream(offset: number, length: number): AsyncIterable<Buffer> {
    checkWindow(offset, length, this.size);
    return this.#whole.stream?.(this.#start + offset, length) ?? chunksOf(this, offset, length);
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}

const chunkSize = 1024 * 1024;

async function* chunksOf(source: ByteSource, start: number, length: number): AsyncGenerator<Buffer> {
  for (let offset = start; offset < start + length; offset += chunkSize) yield source.read(offset, Math.min(chunkSize, start + length - offset));
}

function checkWindow(start: number, size: number, whole: number): void {
  require(Number.isSafeInteger(start) && Number.isSafeInteger(size) && start >= 0 && size >= 0 && start + size <= whole,
    `a part at offset ${start}, ${size} bytes long, lies outside the file (${whole} bytes)`);
}
