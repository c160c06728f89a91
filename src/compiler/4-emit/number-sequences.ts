/** Sequences of numbers, each kept once. They lie in one array, so that two are compared without making a text of them. */

export class NumberSequences {
  readonly #numbers: number[] = [];
  /** By number of a sequence: where it starts. The last entry is where the one being written starts. */
  readonly #starts: number[] = [0];
  #start = 0;
  #end = 0;
  /** By hash: the last sequence with it; by number of a sequence: the one before it with the same hash, or NONE. */
  readonly #lastWithHash = new Map<number, number>();
  readonly #previous: number[] = [];

  /** Starts a sequence; forgets one that was begun and not kept. */
  begin(): void {
    this.#end = this.#start;
  }

  push(value: number): void {
    this.#numbers[this.#end++] = value;
  }

  /** A place for the length of a list that follows. */
  reserve(): number {
    this.#numbers[this.#end] = 0;
    return this.#end++;
  }

  /** The list has one item more. */
  count(reserved: number): void {
    this.#numbers[reserved]!++;
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

  read(sequence: number): SequenceReader {
    return new SequenceReader(this.#numbers, this.#starts[sequence]!);
  }

  #hash(): number {
    let hash = 0;
    for (let i = this.#start, end = this.#end; i < end; i++) hash = Math.imul(hash ^ this.#numbers[i]!, HASH_FACTOR);
    // Small integers are the fastest keys.
    return (hash ^ hash >>> 16) & HASH_MASK;
  }

  #isEqual(known: number): boolean {
    const start = this.#start, other = this.#starts[known]!, length = this.#end - start;
    if (this.#starts[known + 1]! - other !== length) return false;
    for (let i = 0; i < length; i++) if (this.#numbers[other + i] !== this.#numbers[start + i]) return false;
    return true;
  }
}

export class SequenceReader {
  readonly #numbers: readonly number[];
  #at: number;

  constructor(numbers: readonly number[], at: number) {
    this.#numbers = numbers;
    this.#at = at;
  }

  next(): number {
    return this.#numbers[this.#at++]!;
  }

  /** Items of a list behind its length. */
  list<T>(item: () => T): readonly T[] {
    const length = this.next();
    if (length === 0) return EMPTY;
    const items = new Array<T>(length);
    for (let i = 0; i < length; i++) items[i] = item();
    return items;
  }
}

const EMPTY: readonly never[] = [];
const NONE = -1;
/** The prime of FNV-1a. */
const HASH_FACTOR = 0x01000193;
const HASH_MASK = 0x3fffffff;
