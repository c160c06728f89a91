/** Little-endian bytes of the table files. */
import { invariant } from '#support/invariant.ts';

export class ByteSink {
  readonly #bytes: number[] = [];

  u8(value: number): void {
    invariant(value >= 0 && value < 256, 'not a byte');
    this.#bytes.push(value);
  }
  u16(value: number): void {
    invariant(value >= 0 && value < 65536, 'not a 16-bit number');
    this.#bytes.push(value & 255, value >> 8);
  }
  bytes(values: Iterable<number>): void {
    for (const value of values) this.#bytes.push(value);
  }
  get length(): number {
    return this.#bytes.length;
  }
  finish(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

export class ByteSource {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Uint8Array, at: number) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }
  get position(): number {
    return this.#at;
  }
  skip(length: number): void {
    this.#at += length;
  }
  u8(): number {
    return this.#view.getUint8(this.#at++);
  }
  i8(): number {
    return this.#view.getInt8(this.#at++);
  }
  u16(): number {
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2, true);
  }
  /** The number with this index of those that follow; the position stays. */
  u16At(index: number): number {
    return this.#view.getUint16(this.#at + index * 2, true);
  }
  bytes(length: number): Uint8Array {
    invariant(this.#at + length <= this.#bytes.length, 'stencil table too short');
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }
}
