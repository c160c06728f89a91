/** Reads Python's marshal format, version 2, as the agent writes it. Input is hostile: every wrong byte is a MarshalError. */

/** What a marshalled value becomes: int is bigint, float is number, tuple and list are arrays, dict is a Map. */
export type MarshalValue =
  | null | boolean | bigint | number | string | Uint8Array | readonly MarshalValue[] | ReadonlyMap<string, MarshalValue>;

export class MarshalError extends Error {
  override readonly name = 'MarshalError';
}

const MAX_DEPTH = 64;
const MAX_LONG_DIGITS = 1 << 16;
const DIGIT_BITS = 15n;

export function unmarshal(bytes: Uint8Array): MarshalValue {
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (!reader.atEnd) throw new MarshalError('bytes left over');
  if (value === END_OF_DICT) throw new MarshalError('stray end of dict');
  return value;
}

const END_OF_DICT = Symbol('end of dict');

class Reader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  value(depth: number): MarshalValue | typeof END_OF_DICT {
    if (depth > MAX_DEPTH) throw new MarshalError('nested too deeply');
    const type = String.fromCharCode(this.#take(1));
    switch (type) {
      case 'N': return null;
      case 'T': return true;
      case 'F': return false;
      case '0': return END_OF_DICT;
      case 'i': return BigInt(this.#view.getInt32(this.#advance(4), true));
      case 'l': return this.#long();
      case 'g': return this.#view.getFloat64(this.#advance(8), true);
      case 's': return this.#raw(this.#length(1));
      case 'u':
      case 't': return this.#utf8(this.#length(1));
      case '(':
      case '[': return this.#sequence(this.#length(1), depth);
      case '{': return this.#dict(depth);
      default: throw new MarshalError(`type code ${JSON.stringify(type)} is not part of the protocol`);
    }
  }

  #sequence(length: number, depth: number): MarshalValue[] {
    const items: MarshalValue[] = [];
    for (let i = 0; i < length; i++) items.push(this.#inner(depth));
    return items;
  }

  #dict(depth: number): Map<string, MarshalValue> {
    const map = new Map<string, MarshalValue>();
    for (;;) {
      const key = this.value(depth + 1);
      if (key === END_OF_DICT) return map;
      if (typeof key !== 'string') throw new MarshalError('dict key is not a str');
      map.set(key, this.#inner(depth));
    }
  }

  #inner(depth: number): MarshalValue {
    const value = this.value(depth + 1);
    if (value === END_OF_DICT) throw new MarshalError('stray end of dict');
    return value;
  }

  #long(): bigint {
    const count = this.#view.getInt32(this.#advance(4), true);
    const digits = Math.abs(count);
    if (digits > MAX_LONG_DIGITS) throw new MarshalError('integer too long');
    const from = this.#advance(2 * digits);
    let value = 0n;
    for (let i = digits - 1; i >= 0; i--) value = value << DIGIT_BITS | BigInt(this.#view.getUint16(from + 2 * i, true));
    return count < 0 ? -value : value;
  }

  /** A length that the rest of the message could hold: every item takes at least `itemSize` bytes. */
  #length(itemSize: number): number {
    const length = this.#take(4);
    if (length * itemSize > this.#bytes.length - this.#at) throw new MarshalError('length beyond the end');
    return length;
  }

  #take(size: 1 | 4): number {
    const at = this.#advance(size);
    return size === 1 ? this.#view.getUint8(at) : this.#view.getUint32(at, true);
  }

  #raw(length: number): Uint8Array {
    const at = this.#advance(length);
    return new Uint8Array(this.#bytes.subarray(at, at + length));
  }

  /** Lone surrogates are legal in Python strings (marshal writes surrogatepass); they come out as replacement characters. */
  #utf8(length: number): string {
    return Buffer.from(this.#raw(length)).toString('utf8');
  }

  #advance(size: number): number {
    const at = this.#at;
    if (size > this.#bytes.length - at) throw new MarshalError('ends early');
    this.#at = at + size;
    return at;
  }
}
