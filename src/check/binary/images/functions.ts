/** Where functions begin, with their names where the file still has them. Compact: a large library has a million. */
export class FunctionTable {
  readonly starts: Float64Array;
  readonly #names: Uint32Array;
  readonly #text: (reference: number) => string;

  constructor(starts: Float64Array, names: Uint32Array, text: (reference: number) => string) {
    this.starts = starts;
    this.#names = names;
    this.#text = text;
  }

  nameOf(index: number): string | undefined {
    const reference = this.#names[index] ?? 0;
    return reference === 0 ? undefined : this.#text(reference);
  }

  static readonly empty = new FunctionTable(new Float64Array(0), new Uint32Array(0), () => '');
}

export class FunctionTableBuilder {
  readonly #starts: number[] = [];
  readonly #names: number[] = [];

  /** `name` is a reference that the reader of names understands; 0 for none. */
  add(start: number, name = 0): void {
    this.#starts.push(start);
    this.#names.push(name);
  }

  build(text: (reference: number) => string): FunctionTable {
    const order = Uint32Array.from(this.#starts, (_, index) => index);
    // A named start comes before an unnamed one at the same place, which is then dropped.
    order.sort((a, b) => (this.#starts[a] ?? 0) - (this.#starts[b] ?? 0) || (this.#names[b] ?? 0) - (this.#names[a] ?? 0));
    const kept = order.filter((item, index) => index === 0 || this.#starts[item] !== this.#starts[order[index - 1] ?? 0]);
    return new FunctionTable(Float64Array.from(kept, (item) => this.#starts[item] ?? 0), Uint32Array.from(kept, (item) => this.#names[item] ?? 0), text);
  }
}
