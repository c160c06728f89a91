/**
 * Live values by block, each with a distance. All sets lie in two arrays, one behind the other; a set that is made again
 * goes to the end. A set is read from `starts[block]` to `ends[block]`, in the order in which its values were added.
 */
import type { ValueId } from '#ir/types.ts';
import type { ScratchMemory } from './scratch-memory.ts';

export class LiveSets {
  readonly values: ValueId[] = [];
  readonly distances: number[] = [];
  readonly starts: Int32Array;
  readonly ends: Int32Array;

  constructor(blockCount: number, memory: ScratchMemory) {
    this.starts = memory.int32(blockCount);
    this.ends = memory.int32(blockCount);
  }

  size(block: number): number {
    return this.ends[block]! - this.starts[block]!;
  }

  /** Starts the set of a block anew; what is added goes to it until the next one is begun. */
  begin(block: number): void {
    this.starts[block] = this.ends[block] = this.values.length;
  }

  /** Place of the value in the arrays. The caller sees to it that a set has no value twice. */
  add(block: number, value: ValueId, distance: number): number {
    this.distances.push(distance);
    this.ends[block] = this.values.push(value);
    return this.values.length - 1;
  }
}
