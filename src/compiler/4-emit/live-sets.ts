/**
 * Live values by block, each with a distance. All sets lie in two arrays, one behind the other; a set that is made again
 * goes to the end. A set is read from `starts[block]` to `ends[block]`, in the order in which its values were added.
 */
import type { ValueId } from '#ir/types.ts';
import type { ScratchMemory } from './scratch-memory.ts';

const EXPECTED_VALUES_PER_BLOCK = 16;

export class LiveSets {
  /** Both are replaced when they have no room for another value. */
  values: Int32Array;
  distances: Int32Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly #memory: ScratchMemory;
  #count = 0;

  constructor(blockCount: number, memory: ScratchMemory) {
    this.#memory = memory;
    this.starts = memory.int32(blockCount);
    this.ends = memory.int32(blockCount);
    this.values = memory.int32(blockCount * EXPECTED_VALUES_PER_BLOCK);
    this.distances = memory.int32(blockCount * EXPECTED_VALUES_PER_BLOCK);
  }

  size(block: number): number {
    return this.ends[block]! - this.starts[block]!;
  }

  /** Starts the set of a block anew; what is added goes to it until the next one is begun. */
  begin(block: number): void {
    this.starts[block] = this.ends[block] = this.#count;
  }

  /** Place of the value in the arrays. The caller sees to it that a set has no value twice. */
  add(block: number, value: ValueId, distance: number): number {
    const place = this.#count++;
    if (place === this.values.length) this.#grow();
    this.values[place] = value;
    this.distances[place] = distance;
    this.ends[block] = this.#count;
    return place;
  }

  #grow(): void {
    this.values = this.#memory.grown(this.values);
    this.distances = this.#memory.grown(this.distances);
  }
}
