import { require } from './unreadable.ts';

/** Little- or big-endian fields of a table; every access is checked against its end. */
export class Fields {
  readonly #bytes: Buffer;
  readonly #little: boolean;
  readonly #what: string;

  constructor(bytes: Buffer, what: string, little = true) {
    this.#bytes = bytes;
    this.#what = what;
    this.#little = little;
  }

  get length(): number {
    return this.#bytes.length;
  }

  #check(offset: number, length: number): void {
    require(offset >= 0 && offset + length <= this.#bytes.length, `${this.#what} ends before the field at offset ${offset}`);
  }

  u8(offset: number): number {
    this.#check(offset, 1);
    return this.#bytes.readUInt8(offset);
  }

  u16(offset: number): number {
    this.#check(offset, 2);
    return this.#little ? this.#bytes.readUInt16LE(offset) : this.#bytes.readUInt16BE(offset);
  }

  u32(offset: number): number {
    this.#check(offset, 4);
    return this.#little ? this.#bytes.readUInt32LE(offset) : this.#bytes.readUInt32BE(offset);
  }

  i32(offset: number): number {
    return this.u32(offset) | 0;
  }

  /** Offsets and addresses: beyond 2^53 they are nonsense for a file, and precise enough to be refused. */
  u64(offset: number): number {
    const [low, high] = this.#little ? [0, 4] : [4, 0];
    return this.u32(offset + high) * 2 ** 32 + this.u32(offset + low);
  }

  /** A string that ends with a zero byte or with the table. */
  text(offset: number, limit = 4096): string {
    require(offset >= 0 && offset < this.#bytes.length, `${this.#what} has no text at offset ${offset}`);
    const end = this.#bytes.indexOf(0, offset);
    return this.#bytes.toString('latin1', offset, Math.min(end < 0 ? this.#bytes.length : end, offset + limit));
  }

  bytes(offset: number, length: number): Buffer {
    this.#check(offset, length);
    return this.#bytes.subarray(offset, offset + length);
  }
}
