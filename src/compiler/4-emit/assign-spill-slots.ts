/** Gives spilled values their slots. Values whose ranges in the linear order do not meet share one. */
import type { ValueId } from '#ir/types.ts';
import type { Liveness } from './compute-live-ranges.ts';
import { NO_VALUE } from './machine.ts';
import type { MachineFn } from './select-stencils.ts';

export class SpillSlots {
  /** By value, NO_VALUE when it has none. */
  readonly slotOf: Int32Array;
  readonly #ofValues: number;
  #scratch = 0;

  constructor(slotOf: Int32Array, count: number) {
    this.slotOf = slotOf;
    this.#ofValues = count;
  }

  get count(): number {
    return this.#ofValues + this.#scratch;
  }

  /** Slots that belong to no value, for moves between slots. */
  scratch(n: 0 | 1): number {
    this.#scratch = Math.max(this.#scratch, n + 1);
    return this.#ofValues + n;
  }
}

interface Range {
  readonly value: ValueId;
  start: number;
  end: number;
}

export function assignSpillSlots(fn: MachineFn, liveness: Liveness, needsSlot: Uint8Array): SpillSlots {
  const slotOf = new Int32Array(fn.valueCount).fill(NO_VALUE);
  const ranges = spilledRanges(fn, liveness, needsSlot).sort((a, b) => a.start - b.start);
  /** Position at which each slot is free again. */
  const ends: number[] = [];
  for (const range of ranges) {
    let slot = ends.findIndex((end) => end < range.start);
    if (slot < 0) slot = ends.length;
    ends[slot] = range.end;
    slotOf[range.value] = slot;
  }
  return new SpillSlots(slotOf, ends.length);
}

function spilledRanges(fn: MachineFn, liveness: Liveness, needsSlot: Uint8Array): Range[] {
  const ranges = new Map<ValueId, Range>();
  const extend = (value: ValueId, position: number): void => {
    if (!needsSlot[value]) return;
    const range = ranges.get(value);
    if (!range) ranges.set(value, { value, start: position, end: position });
    else {
      range.start = Math.min(range.start, position);
      range.end = Math.max(range.end, position);
    }
  };
  let position = 0;
  for (const block of fn.blocks) {
    for (const value of liveness.liveIn[block.index]!.keys()) extend(value, position);
    for (const { args, exit, result } of block.instructions) {
      position++;
      for (const v of args) extend(v, position);
      if (exit) for (const v of exit.values) extend(v, position);
      // After the instruction: a slot that an operand or the exit reads is not written yet.
      position++;
      if (result !== undefined) extend(result, position);
    }
    position++;
    if (block.terminator.kind === 'branch') for (const v of block.terminator.args) extend(v, position);
    if (block.terminator.kind === 'exit') for (const v of block.terminator.exit.values) extend(v, position);
    for (const value of liveness.liveOut[block.index]!.keys()) extend(value, position);
    position++;
  }
  return [...ranges.values()];
}
