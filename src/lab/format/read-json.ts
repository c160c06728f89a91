import { gunzipSync } from 'node:zlib';
import { ResultError } from '#lab/format/errors.ts';

export interface Limits {
  /** Bytes as they come, mostly compressed. */
  readonly compressed: number;
  /** Bytes of JSON. */
  readonly plain: number;
}

/** A night of the whole pyperformance suite is 0.85 MB of JSON, 0.2 MB compressed. */
export const defaultLimits: Limits = { compressed: 16 * 2 ** 20, plain: 64 * 2 ** 20 };

/** The format of pyperf has seven levels. */
const deepest = 16;

const megabytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20 * 10) / 10} MB`;

function isCompressed(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function decompress(bytes: Uint8Array, name: string, limit: number): Uint8Array {
  try {
    return gunzipSync(bytes, { maxOutputLength: limit });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ERR_BUFFER_TOO_LARGE') throw new ResultError('result-too-large', { name, limit: megabytes(limit), state: 'when decompressed' });
    throw new ResultError('result-truncated', { name, reason: (error as Error).message });
  }
}

const quote = 0x22;
const backslash = 0x5c;

/** Looked at before parsing: a parser that recurses could run out of stack, and an object that deep is of no use. */
function checkDepth(bytes: Uint8Array, name: string): void {
  let depth = 0;
  let inText = false;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index];
    if (inText) {
      if (byte === backslash) index++;
      else if (byte === quote) inText = false;
    } else if (byte === quote) {
      inText = true;
    } else if (byte === 0x5b || byte === 0x7b) {
      if (++depth > deepest) throw new ResultError('result-too-deep', { name, limit: String(deepest) });
    } else if (byte === 0x5d || byte === 0x7d) {
      depth--;
    }
  }
}

function decode(bytes: Uint8Array, name: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ResultError('result-not-json', { name, reason: 'it is not UTF-8' });
  }
}

/** The bytes of a file as it is without compression, unless it is too large. */
export function plainBytes(bytes: Uint8Array, name: string, limits: Limits = defaultLimits): Uint8Array {
  const compressed = isCompressed(bytes);
  const limit = compressed ? limits.compressed : limits.plain;
  if (bytes.length > limit) throw new ResultError('result-too-large', { name, limit: megabytes(limit), state: compressed ? 'compressed' : 'of JSON' });
  if (bytes.length === 0) throw new ResultError('result-truncated', { name, reason: 'it is empty' });
  return compressed ? decompress(bytes, name, limits.plain) : bytes;
}

/** Reads JSON, compressed or not, from somebody we do not trust. */
export function readJson(bytes: Uint8Array, name: string, limits: Limits = defaultLimits): unknown {
  const plain = plainBytes(bytes, name, limits);
  checkDepth(plain, name);
  const text = decode(plain, name);
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    const reason = (error as Error).message;
    // V8 says so, or names what it expected at the position where the text ends.
    if (/Unexpected end|Unterminated string/.test(reason) || /at position (\d+)/.exec(reason)?.[1] === String(text.length)) throw new ResultError('result-truncated', { name, reason });
    // V8 quotes from the text, line ends and all.
    throw new ResultError('result-not-json', { name, reason: reason.replace(/\s*\n\s*/g, ' ') });
  }
}
