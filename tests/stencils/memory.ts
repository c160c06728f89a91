/** Memory of a batch: fabricated objects and activation records at known addresses. */
import { invariant } from '#support/invariant.ts';

const DATA_BASE = 0x4000000;
const CAPACITY = 0x1800000;
const FIRST_SIZE = 0x20000;
/** Left free at the end for the objects that the host makes: at most two for a case. */
const RESERVE_OF_CASE = 64;

/** The table of small ints, last, is larger than the others. */
const wellKnown = ['TYPE_LONG', 'TYPE_FLOAT', 'TYPE_FUNCTION', 'OBJ_TRUE', 'OBJ_FALSE', 'OBJ_NONE', 'OBJ_SMALL_INTEGERS'];
const SMALL_INTEGERS_SIZE = 262 * 8;

export class Memory {
  #bytes: Buffer;
  #at: number;

  constructor(bytes: Buffer = Buffer.alloc(FIRST_SIZE), at = 0) {
    this.#bytes = bytes;
    this.#at = at;
    if (at === 0) this.allocate(512 * (wellKnown.length - 1) + SMALL_INTEGERS_SIZE);
  }

  /** Address of zeroed memory. */
  allocate(size: number): bigint {
    const at = (this.#at + 15) & ~15;
    this.#at = at + size;
    if (this.#at > this.#bytes.length) this.#grow(this.#at);
    return BigInt(DATA_BASE + at);
  }
  wellKnown(name: string): bigint {
    const index = wellKnown.indexOf(name);
    invariant(index >= 0, `${name} has no address`);
    return BigInt(DATA_BASE + 512 * index);
  }
  get typeLong(): bigint {
    return this.wellKnown('TYPE_LONG');
  }
  get typeFloat(): bigint {
    return this.wellKnown('TYPE_FLOAT');
  }
  get freeOffset(): number {
    return (this.#at + 15) & ~15;
  }
  /** What the host needs for so many cases. */
  bytes(cases: number): Buffer {
    const size = this.freeOffset + RESERVE_OF_CASE * cases;
    if (size > this.#bytes.length) this.#grow(size);
    return this.#bytes.subarray(0, size);
  }
  after(bytes: Buffer): Memory {
    return new Memory(bytes, this.#at);
  }

  #grow(size: number): void {
    invariant(size <= CAPACITY, 'the test memory is full');
    const bytes = Buffer.alloc(Math.max(size, 2 * this.#bytes.length));
    bytes.set(this.#bytes);
    this.#bytes = bytes;
  }

  #offset(address: bigint): number {
    return Number(address) - DATA_BASE;
  }
  set64(address: bigint, value: bigint): void {
    this.#bytes.writeBigUInt64LE(BigInt.asUintN(64, value), this.#offset(address));
  }
  get64(address: bigint): bigint {
    return this.#bytes.readBigUInt64LE(this.#offset(address));
  }
  set32(address: bigint, value: number): void {
    this.#bytes.writeUInt32LE(value >>> 0, this.#offset(address));
  }
  get32(address: bigint): number {
    return this.#bytes.readUInt32LE(this.#offset(address));
  }
  set16(address: bigint, value: number): void {
    this.#bytes.writeUInt16LE(value, this.#offset(address));
  }
  set8(address: bigint, value: number): void {
    this.#bytes.writeUInt8(value, this.#offset(address));
  }
  get8(address: bigint): number {
    return this.#bytes.readUInt8(this.#offset(address));
  }
}
