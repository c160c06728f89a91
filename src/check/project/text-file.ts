import { readFileSync, statSync } from 'node:fs';
import { systemReason } from '#support/system-reason.ts';
import { CheckError } from '../errors.ts';
import type { Place } from './model.ts';

/** The largest lock files of real projects are some 10 MB. */
const largestFile = 64 << 20;

/** The text of a file of the project, and places in it. */
export class TextFile {
  readonly path: string;
  readonly text: string;
  readonly #lineStarts: number[] = [0];

  constructor(path: string, text: string) {
    this.path = path;
    this.text = text;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.#lineStarts.push(at + 1);
  }

  static read(path: string): TextFile {
    return new TextFile(path, readText(path));
  }

  placeAt(offset: number): Place {
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { file: this.path, line: low + 1, column: offset - this.#lineStarts[low]! + 1 };
  }

  start(): Place {
    return { file: this.path, line: 1, column: 1 };
  }

  /** Where a quoted text stands, from an offset on; readers that parse into values find their places again with it. */
  quoted(value: string, from = 0): { readonly place: Place; readonly end: number } | undefined {
    const written = [`"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`, `'${value}'`];
    const found = written.map((text) => this.text.indexOf(text, from)).filter((offset) => offset >= 0);
    if (found.length === 0) return undefined;
    const offset = Math.min(...found);
    return { place: this.placeAt(offset + 1), end: offset + value.length };
  }

  /** Where each line that matches stands; the pattern needs the flags g and m. */
  placesOf(pattern: RegExp): readonly Place[] {
    return [...this.text.matchAll(pattern)].map((match) => this.placeAt(match.index));
  }
}

export function readText(path: string): string {
  let size: number;
  let bytes: Buffer;
  try {
    const status = statSync(path);
    // A device or a pipe may never end.
    if (!status.isFile()) throw new CheckError('cannot-read', { path, reason: status.isDirectory() ? 'it is a directory' : 'it is no regular file' });
    size = status.size;
    if (size > largestFile) throw new CheckError('file-too-large', { path, size: `${Math.round(size / (1 << 20))} MB` });
    bytes = readFileSync(path);
  } catch (error) {
    if (error instanceof CheckError) throw error;
    throw new CheckError('cannot-read', { path, reason: systemReason((error as NodeJS.ErrnoException).code ?? String(error)) });
  }
  return decode(path, bytes);
}

function decode(path: string, bytes: Buffer): string {
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  try {
    return new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8', { fatal: true }).decode(bytes).replaceAll('\r\n', '\n');
  } catch {
    throw new CheckError('not-text', { path });
  }
}
