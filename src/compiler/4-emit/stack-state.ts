import type { Effects } from '#stencils/effects.ts';

interface Entry {
  readonly bytes: number;
  /** Undefined: room without a register in it. */
  readonly register: number | undefined;
}

/** What code has put on the stack since its entry. */
export class StackState {
  static readonly empty = new StackState([]);
  readonly #entries: readonly Entry[];

  private constructor(entries: readonly Entry[]) {
    this.#entries = entries;
  }

  get depth(): number {
    return this.#entries.reduce((sum, entry) => sum + entry.bytes, 0);
  }

  get top(): number | undefined {
    return this.#entries.at(-1)?.register;
  }

  has(register: number): boolean {
    return this.#entries.some((entry) => entry.register === register);
  }

  equals(other: StackState): boolean {
    return this.#entries.length === other.#entries.length
      && this.#entries.every((entry, i) => entry.bytes === other.#entries[i]?.bytes && entry.register === other.#entries[i].register);
  }

  /** Undefined: the stack pointer gets a value that cannot be followed. */
  after({ stack, pushed }: Effects): StackState | undefined {
    if (stack === undefined) return undefined;
    if (stack === 0) return this;
    if (stack < 0) return new StackState([...this.#entries, { bytes: -stack, register: pushed }]);
    const entries = [...this.#entries];
    let left = stack;
    for (let last = entries.pop(); left > 0; last = left > 0 ? entries.pop() : undefined) {
      if (last === undefined) return new StackState([{ bytes: -left, register: undefined }]);
      if (last.bytes > left) entries.push({ bytes: last.bytes - left, register: undefined });
      left -= last.bytes;
    }
    return new StackState(entries);
  }
}
