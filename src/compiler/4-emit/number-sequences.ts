/** Sequences of 32-bit numbers, each kept once. They lie in one array, so that two are compared without making a text of them. */
import type { ScratchMemory } from './scratch-memory.ts';

export class NumberSequences {
  readonly #memory: ScratchMemory;
  #numbers: Int32Array;
  /** By number of a sequence: where it starts. The last entry is where the one being written starts. */
  readonly #starts: number[] = [0];
  #start = 0;
  #end = 0;
  /** By hash: the last sequence with it, or NONE; by number of a sequence: the one before it with the same hash, or NONE. */
  readonly #lastWithHash: Int32Array;
  readonly #hashMask: number;
  readonly #previous: number[] = [];

  constructor(expectedSequences: number, expectedNumbers: number, memory: ScratchMemory) {
    this.#memory = memory;
    this.#numbers = memory.int32(expectedNumbers);
    const hashes = powerOfTwo(expectedSequences);
    this.#lastWithHash = memory.int32(hashes, NONE);
    this.#hashMask = hashes - 1;
  }

  /** Starts a sequence; forgets one that was begun and not kept. */
  begin(): void {
    this.#end = this.#start;
  }

  /** Of the sequence being written. */
  get length(): number {
    return this.#end - this.#start;
  }

  push(value: number): void {
    if (this.#end === this.#numbers.length) this.#numbers = this.#memory.grown(this.#numbers);
    this.#numbers[this.#end++] = value;
  }

  pushPair(first: number, second: number): void {
    const end = this.#end;
    while (end + 2 > this.#numbers.length) this.#numbers = this.#memory.grown(this.#numbers);
    this.#numbers[end] = first;
    this.#numbers[end + 1] = second;
    this.#end = end + 2;
  }

  /** Replaces a number of the sequence being written. */
  set(index: number, value: number): void {
    this.#numbers[this.#start + index] = value;
  }

  /** Moves the end of the sequence, from `index` on, to the place `to` before it. */
  moveEnd(index: number, to: number): void {
    const from = this.#start + index, place = this.#start + to;
    if (from === this.#end || from === place) return;
    const count = this.#end - from;
    while (this.#end + count > this.#numbers.length) this.#numbers = this.#memory.grown(this.#numbers);
    const numbers = this.#numbers;
    // Behind the sequence is room that nothing uses yet.
    for (let i = 0; i < count; i++) numbers[this.#end + i] = numbers[from + i]!;
    for (let i = from - 1; i >= place; i--) numbers[i + count] = numbers[i]!;
    for (let i = 0; i < count; i++) numbers[place + i] = numbers[this.#end + i]!;
  }

  /** Number of the sequence just written, or of an equal one kept before. */
  keep(): number {
    const hash = this.#hash();
    const last = this.#lastWithHash[hash]!;
    for (let known = last; known !== NONE; known = this.#previous[known]!) if (this.#isEqual(known)) return known;
    this.#lastWithHash[hash] = this.#previous.length;
    this.#starts.push(this.#end);
    this.#start = this.#end;
    return this.#previous.push(last) - 1;
  }

  /** All that were kept, one behind the other, and where each starts. */
  finish(): { readonly numbers: Int32Array; readonly starts: readonly number[] } {
    return { numbers: this.#numbers.slice(0, this.#start), starts: this.#starts.slice(0, -1) };
  }

  #hash(): number {
    const numbers = this.#numbers;
    let hash = 0;
    for (let i = this.#start, end = this.#end; i < end; i++) hash = Math.imul(hash ^ numbers[i]!, HASH_FACTOR);
    return (hash ^ hash >>> 16) & this.#hashMask;
  }

  #isEqual(known: number): boolean {
    const numbers = this.#numbers;
    const start = this.#start, other = this.#starts[known]!, length = this.#end - start;
    if (this.#starts[known + 1]! - other !== length) return false;
    for (let i = 0; i < length; i++) if (numbers[other + i] !== numbers[start + i]) return false;
    return true;
  }
}

const NONE = -1;
/** The prime of FNV-1a. */
const HASH_FACTOR = 0x01000193;

/** The first that is not less. */
const powerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(Math.max(1, n)));
