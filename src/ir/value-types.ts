/** The type of each value of a function. Value ids are dense, so this is an array with the methods of a Map. */
import type { ValueId, ValueType } from './types.ts';

export class ValueTypes {
  readonly #types: (ValueType | undefined)[] = [];

  get(value: ValueId): ValueType | undefined {
    return this.#types[value];
  }

  /** By value id, of the values below `count`. */
  list(count: number): (ValueType | undefined)[] {
    const types = this.#types.slice(0, count);
    while (types.length < count) types.push(undefined);
    return types;
  }

  has(value: ValueId): boolean {
    return this.#types[value] !== undefined;
  }

  set(value: ValueId, type: ValueType): void {
    // No holes: they would make every read of the array look further.
    while (this.#types.length < value) this.#types.push(undefined);
    this.#types[value] = type;
  }

  delete(value: ValueId): void {
    if (value < this.#types.length) this.#types[value] = undefined;
  }

  deleteIf(matches: (value: ValueId, type: ValueType) => boolean): void {
    for (let value = 0; value < this.#types.length; value++) {
      const type = this.#types[value];
      if (type !== undefined && matches(value as ValueId, type)) this.#types[value] = undefined;
    }
  }
}
