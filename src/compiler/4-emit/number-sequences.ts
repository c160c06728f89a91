/** Sequences of 32-bit numbers, each kept once. They lie in one array, so that two are compared without making a text of them. */

export class NumberSequences {
  #numbers: Int32Array;
  /** By number of a sequence: where it starts. The last entry is where the one being written starts. */
  readonly #starts: number[] = [0];
  #start = 0;
  #end = 0;
  /** By hash: the last sequence with it; by number of a sequence: the one before it with the same hash, or NONE. */
  readonly #lastWithHash = new Map<number, number>();
  readonly #previous: number[] = [];

  /** `room`: for as many numbers as are expected. */
  constructor(room: Int32Array) {
    this.#numbers = room;
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
    if (this.#end === this.#numbers.length) this.#grow();
    this.#numbers[this.#end++] = value;
  }

  /** Replaces a number of the sequence being written. */
  set(index: number, value: number): void {
    this.#numbers[this.#start + index] = value;
  }

  /** Moves the end of the sequence, from `index` on, to the place `to` before it. */
  moveEnd(index: number, to: number): void {
    const from = this.#start + index, place = this.#start + to;
    if (from === this.#end || from === place) return;
    const moved = this.#numbers.slice(from, this.#end);
    this.#numbers.copyWithin(place + moved.length, place, from);
    this.#numbers.set(moved, place);
  }

  /** Number of the sequence just written, or of an equal one kept before that has what else is asked for. */
  keepUnless(isSame: (known: number) => boolean): number {
    const hash = this.#hash();
    const last = this.#lastWithHash.get(hash) ?? NONE;
    for (let known = last; known !== NONE; known = this.#previous[known]!) {
      if (this.#isEqual(known) && isSame(known)) return known;
    }
    this.#lastWithHash.set(hash, this.#previous.length);
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
    // Small integers are the fastest keys.
    return (hash ^ hash >>> 16) & HASH_MASK;
  }

  #isEqual(known: number): boolean {
    const numbers = this.#numbers;
    const start = this.#start, other = this.#starts[known]!, length = this.#end - start;
    if (this.#starts[known + 1]! - other !== length) return false;
    for (let i = 0; i < length; i++) if (numbers[other + i] !== numbers[start + i]) return false;
    return true;
  }

  #grow(): void {
    const larger = new Int32Array(this.#numbers.length * 2 + 1);
    larger.set(this.#numbers);
    this.#numbers = larger;
  }
}

const NONE = -1;
/** The prime of FNV-1a. */
const HASH_FACTOR = 0x01000193;
const HASH_MASK = 0x3fffffff;
