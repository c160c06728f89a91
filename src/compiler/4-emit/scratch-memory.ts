/**
 * Tables that the emitter needs for one unit only. V8 takes more than a microsecond for a typed array of its own, and a unit
 * wants some forty: the next unit gets the same ones, in the order in which it asks for them.
 */

type Table = Int32Array | Int8Array | Uint16Array | Uint8Array<ArrayBuffer>;

/** Room for units that are a little larger than the largest so far. */
const SPARE = 1.5;
/** A unit that took more than this is rare: the memory is given back. */
const MOST_KEPT_BYTES = 1 << 22;

/** Every table has room for at least as many numbers as were asked for; what is beyond is left over from other units. */
export class ScratchMemory {
  readonly #int32 = new Tables<Int32Array>((length) => new Int32Array(length));
  readonly #int8 = new Tables((length) => new Int8Array(length));
  readonly #uint16 = new Tables((length) => new Uint16Array(length));
  readonly #uint8 = new Tables((length) => new Uint8Array(length));

  /** What was handed out before is used again from now on. */
  reset(): void {
    const all = [this.#int32, this.#int8, this.#uint16, this.#uint8];
    const isLarge = all.reduce((sum, { bytes }) => sum + bytes, 0) > MOST_KEPT_BYTES;
    for (const tables of all) tables.reset(isLarge);
  }

  int32(length: number, content = 0): Int32Array {
    return this.#int32.next(length, content);
  }

  int8(length: number, content = 0): Int8Array {
    return this.#int8.next(length, content);
  }

  uint16(length: number): Uint16Array {
    return this.#uint16.next(length, 0);
  }

  uint8(length: number, content = 0): Uint8Array<ArrayBuffer> {
    return this.#uint8.next(length, content);
  }

  /** A copy with room for twice as many numbers, in place of the table. */
  grown(numbers: Int32Array): Int32Array {
    return this.#int32.grown(numbers);
  }
}

class Tables<T extends Table> {
  bytes = 0;
  readonly #tables: T[] = [];
  readonly #make: (length: number) => T;
  #used = 0;

  constructor(make: (length: number) => T) {
    this.#make = make;
  }

  reset(isLarge: boolean): void {
    this.#used = 0;
    if (!isLarge) return;
    this.#tables.length = 0;
    this.bytes = 0;
  }

  next(length: number, content: number): T {
    const place = this.#used++;
    const known = this.#tables[place];
    const table = known !== undefined && known.length >= length ? known : this.#replace(place, Math.ceil(length * SPARE));
    table.fill(content, 0, length);
    return table;
  }

  grown(table: T): T {
    const larger = this.#replace(this.#tables.indexOf(table), table.length * 2 + 1);
    larger.set(table);
    return larger;
  }

  #replace(place: number, length: number): T {
    const table = this.#make(length);
    this.bytes += table.byteLength - (this.#tables[place]?.byteLength ?? 0);
    this.#tables[place] = table;
    return table;
  }
}
