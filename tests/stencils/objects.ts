/** Fabricated CPython objects, laid out by hand from the structures of the two versions. */
import type { Memory } from './memory.ts';
import { floatBits } from './values.ts';

export const FREED = 0xdeadn;

export class Objects {
  readonly memory: Memory;
  readonly layout: 311 | 314;
  /** Bytes of C's long, which range iterators are made of. */
  readonly longSize: 4 | 8;

  constructor(memory: Memory, layout: 311 | 314, longSize: 4 | 8) {
    this.memory = memory;
    this.layout = layout;
    this.longSize = longSize;
  }

  get is314(): boolean {
    return this.layout === 314;
  }
  object(type: bigint, size = 64, refcount = 3): bigint {
    const o = this.memory.allocate(size + 64) + 64n;
    this.setRefcount(o, refcount);
    this.memory.set64(o + 8n, type);
    return o;
  }
  setRefcount(o: bigint, n: number): void {
    if (this.is314) this.memory.set32(o, n);
    else this.memory.set64(o, BigInt(n));
  }
  /** 3.14: neither counted nor freed; its slots are tagged. */
  makeImmortal(o: bigint): void {
    this.memory.set32(o, 0xc0000000);
    this.memory.set16(o + 6n, 1);
  }
  type(versionTag = 0, basicsize = 0, size = 512): bigint {
    const t = this.object(this.memory.allocate(16), size);
    this.memory.set64(t + 32n, BigInt(basicsize));
    this.memory.set32(t + 384n, versionTag);
    return t;
  }
  int(value: bigint, refcount = 3): bigint {
    const o = this.object(this.memory.typeLong, 64, refcount);
    const digits: number[] = [];
    for (let m = value < 0n ? -value : value; m > 0n; m >>= 30n) digits.push(Number(m & 0x3fffffffn));
    const count = BigInt(digits.length);
    const tag = this.is314 ? (count << 3n) | (value === 0n ? 1n : value < 0n ? 2n : 0n) : value < 0n ? -count : count;
    this.memory.set64(o + 16n, tag);
    digits.forEach((d, i) => this.memory.set32(o + 24n + BigInt(4 * i), d));
    return o;
  }
  float(value: number, refcount = 3): bigint {
    const o = this.object(this.memory.typeFloat, 32, refcount);
    this.memory.set64(o + 16n, floatBits(value));
    return o;
  }
  list(items: readonly bigint[], refcount = 3): bigint {
    const o = this.object(0x1111n, 64, refcount), array = this.array(items);
    this.memory.set64(o + 16n, BigInt(items.length));
    this.memory.set64(o + 24n, array);
    return o;
  }
  tuple(items: readonly bigint[], refcount = 3): bigint {
    const o = this.object(0x2222n, 64 + 8 * items.length, refcount);
    this.memory.set64(o + 16n, BigInt(items.length));
    items.forEach((x, i) => this.memory.set64(this.tupleItem(o, i), x));
    return o;
  }
  tupleItem(tuple: bigint, i: number): bigint {
    return tuple + (this.is314 ? 32n : 24n) + BigInt(8 * i);
  }
  listItem(list: bigint, i: number): bigint {
    return this.memory.get64(list + 24n) + BigInt(8 * i);
  }
  array(words: readonly bigint[]): bigint {
    const a = this.memory.allocate(8 * words.length + 16);
    words.forEach((w, i) => this.memory.set64(a + BigInt(8 * i), w));
    return a;
  }
  bytes(content: readonly number[]): bigint {
    const o = this.object(0x3333n, 64 + content.length);
    this.memory.set64(o + 16n, BigInt(content.length));
    content.forEach((b, i) => this.memory.set8(o + 32n + BigInt(i), b));
    return o;
  }
  /** A compact str; `kind`: bytes of each character. */
  text(codes: readonly number[], kind: 1 | 2 | 4, isAscii: boolean): bigint {
    const o = this.object(0x9999n, 128 + 4 * codes.length);
    const header = this.is314 ? 40n : 48n;
    const data = o + (isAscii ? header : header + (this.is314 ? 16n : 24n));
    this.memory.set64(o + 16n, BigInt(codes.length));
    this.memory.set32(o + 32n, (kind << 2) | (1 << 5) | (isAscii ? 1 << 6 : 0));
    codes.forEach((code, i) => {
      for (let byte = 0; byte < kind; byte++) this.memory.set8(data + BigInt(i * kind + byte), (code >> (8 * byte)) & 255);
    });
    return o;
  }
  /** The value does not start at the start of the allocation. */
  bytearray(content: readonly number[]): bigint {
    const o = this.object(0x4444n), data = this.memory.allocate(content.length + 32);
    this.memory.set64(o + 16n, BigInt(content.length));
    this.memory.set64(o + 32n, data);
    this.memory.set64(o + 40n, data + 3n);
    content.forEach((b, i) => this.memory.set8(data + 3n + BigInt(i), b));
    return o;
  }
  rangeIter(start: bigint, step: bigint, done: number, length: number): bigint {
    const o = this.object(0x5555n);
    const words = this.is314 ? [start + step * BigInt(done), step, BigInt(length - done)] : [BigInt(done), start, step, BigInt(length)];
    words.forEach((w, i) => {
      if (this.longSize === 8) this.memory.set64(o + BigInt(16 + 8 * i), w);
      else this.memory.set32(o + BigInt(16 + 4 * i), Number(BigInt.asUintN(32, w)));
    });
    return o;
  }
  sequenceIter(sequence: bigint, index: number): bigint {
    const o = this.object(0x6666n);
    this.memory.set64(o + 16n, BigInt(index));
    this.memory.set64(o + 24n, sequence);
    return o;
  }
  cell(content: bigint): bigint {
    const o = this.object(0x7777n);
    this.memory.set64(o + 16n, content);
    return o;
  }
  func(version: number): bigint {
    const o = this.object(this.memory.wellKnown('TYPE_FUNCTION'), 256);
    this.memory.set32(o + (this.is314 ? 144n : 128n), version);
    return o;
  }
  /** A dict whose keys are all str. */
  namespace(values: readonly bigint[], kind = 1): bigint {
    const o = this.object(0x8888n), log2 = 4;
    const keys = this.memory.allocate(32 + (1 << log2) + 16 * values.length);
    this.memory.set8(keys + 8n, log2 - 1);
    this.memory.set8(keys + 9n, log2);
    this.memory.set8(keys + 10n, kind);
    this.memory.set64(keys + 24n, BigInt(values.length));
    values.forEach((v, i) => this.memory.set64(keys + 32n + BigInt((1 << log2) + 16 * i + 8), v));
    this.memory.set64(o + 16n, BigInt(values.length));
    this.memory.set64(o + 32n, keys);
    return o;
  }
  /** An instance with an array of attribute values; `undefined`: without (3.14: not valid any more). */
  instance(values: readonly bigint[] | undefined, versionTag = 9): { readonly object: bigint; readonly value: (i: number) => bigint } {
    const basicsize = 32;
    const object = this.object(this.type(versionTag, basicsize), 256);
    if (!this.is314) {
      const array = this.array(values ?? []);
      this.memory.set64(object - 32n, values ? array : 0n);
      return { object, value: (i) => array + BigInt(8 * i) };
    }
    this.memory.set8(object + BigInt(basicsize) + 3n, values ? 1 : 0);
    const value = (i: number): bigint => object + BigInt(basicsize + 8 + 8 * i);
    values?.forEach((v, i) => this.memory.set64(value(i), v));
    return { object, value };
  }

  /** What a slot of a frame that owns this object holds. */
  slot(o: bigint, immortal = false): bigint {
    return this.is314 && immortal ? o | 1n : o;
  }
  get nullSlot(): bigint {
    return this.is314 ? 1n : 0n;
  }
}

/** The same objects, read after the batch. */
export class Observer {
  readonly memory: Memory;
  readonly is314: boolean;
  constructor(memory: Memory, layout: 311 | 314) {
    this.memory = memory;
    this.is314 = layout === 314;
  }
  refcount(o: bigint): number {
    return this.is314 ? this.memory.get32(o) : Number(this.memory.get64(o));
  }
  isFreed(o: bigint): boolean {
    return this.memory.get64(o + 8n) === FREED;
  }
  word(address: bigint): bigint {
    return this.memory.get64(address);
  }
}
