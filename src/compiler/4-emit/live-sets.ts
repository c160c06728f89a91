/**
 * Live values by block, each with a distance. All sets lie in two arrays, one behind the other; a set that is made again
 * goes to the end. A set is read from `starts[block]` to `ends[block]`, in the order in which its values were added.
 */
import type { ValueId } from '#ir/types.ts';

const FIRST_CAPACITY = 256;

export class LiveSets {
  values = new Int32Array(FIRST_CAPACITY);
  distances = new Int32Array(FIRST_CAPACITY);
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  #used = 0;

  constructor(blockCount: number) {
    this.starts = new Int32Array(blockCount);
    this.ends = new Int32Array(blockCount);
  }

  size(block: number): number {
    return this.ends[block]! - this.starts[block]!;
  }

  /** Starts the set of a block anew; what is added goes to it until the next one is begun. */
  begin(block: number): void {
    this.starts[block] = this.ends[block] = this.#used;
  }

  /** Place of the value in the arrays. The caller sees to it that a set has no value twice. */
  add(block: number, value: ValueId, distance: number): number {
    const at = this.#used++;
    if (at === this.values.length) this.#grow();
    this.values[at] = value;
    this.distances[at] = distance;
    this.ends[block] = this.#used;
    return at;
  }

  #grow(): void {
    const { values, distances } = this;
    this.values = new Int32Array(values.length * 2);
    this.distances = new Int32Array(values.length * 2);
    this.values.set(values);
    this.distances.set(distances);
  }
}
