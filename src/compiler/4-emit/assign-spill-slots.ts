/** Gives spilled values their slots. Values whose ranges in the linear order do not meet share one. */
import type { ValueId } from '#ir/types.ts';
import type { Liveness } from './compute-live-ranges.ts';
import { NO_VALUE, type ExitPoint } from './machine.ts';
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

/** `spilled`: how many values need a slot. */
export function assignSpillSlots(fn: MachineFn, liveness: Liveness, needsSlot: Uint8Array, spilled: number): SpillSlots {
  const slotOf = fn.memory.int32(fn.valueCount, NO_VALUE);
  if (spilled === 0) return new SpillSlots(slotOf, 0);
  const ranges = new SpilledRanges(fn, needsSlot);
  ranges.walk(liveness);
  /** Position at which each slot is free again. */
  const ends: number[] = [];
  for (const value of ranges.values) {
    const start = ranges.starts[value]!;
    let slot = 0;
    while (slot < ends.length && ends[slot]! >= start) slot++;
    ends[slot] = ranges.ends[value]!;
    slotOf[value] = slot;
  }
  return new SpillSlots(slotOf, ends.length);
}

/** From where to where in the linear order each value needs its slot. */
class SpilledRanges {
  /** In the order in which their ranges start. */
  readonly values: ValueId[] = [];
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly #fn: MachineFn;
  readonly #needsSlot: Uint8Array;
  #position = 0;

  constructor(fn: MachineFn, needsSlot: Uint8Array) {
    this.#fn = fn;
    this.#needsSlot = needsSlot;
    this.starts = fn.memory.int32(fn.valueCount, NO_VALUE);
    this.ends = fn.memory.int32(fn.valueCount);
  }

  walk({ liveIn, liveOut }: Liveness): void {
    for (const { index, instructions, terminator } of this.#fn.blocks) {
      for (let i = liveIn.starts[index]!; i < liveIn.ends[index]!; i++) this.#extend(liveIn.values[i]! as ValueId);
      for (const { args, exit, result } of instructions) {
        this.#position++;
        for (const v of args) this.#extend(v);
        if (exit && !exit.isRepeated) this.#extendExit(exit);
        // After the instruction: a slot that an operand or the exit reads is not written yet.
        this.#position++;
        if (result !== undefined) this.#extend(result);
      }
      this.#position++;
      if (terminator.kind === 'branch') for (const v of terminator.args) this.#extend(v);
      if (terminator.kind === 'exit') this.#extendExit(terminator.exit);
      for (let i = liveOut.starts[index]!; i < liveOut.ends[index]!; i++) this.#extend(liveOut.values[i]! as ValueId);
      this.#position++;
    }
  }

  #extendExit({ start, end }: ExitPoint): void {
    for (let i = start; i < end; i++) this.#extend(this.#fn.exitValues[i]!);
  }

  #extend(value: ValueId): void {
    if (!this.#needsSlot[value]) return;
    if (this.starts[value] === NO_VALUE) {
      this.starts[value] = this.#position;
      this.values.push(value);
    }
    this.ends[value] = this.#position;
  }
}
