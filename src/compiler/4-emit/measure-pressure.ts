/** How many values are alive at one moment in each loop, and which are alive across a call. */
import type { ValueId } from '#ir/types.ts';
import type { LiveSets } from './live-sets.ts';
import { NO_VALUE, type ExitPoint, type MachineBlock, type MachineLoop } from './machine.ts';
import type { MachineFn } from './select-stencils.ts';

export interface Pressure {
  integers: number;
  floats: number;
}

export interface MeasuredPressure {
  readonly crossesCall: Uint8Array;
  readonly pressure: ReadonlyMap<MachineLoop, Pressure>;
}

export function measurePressure(fn: MachineFn, liveOut: LiveSets): MeasuredPressure {
  const meter = new PressureMeter(fn);
  const pressure = new Map<MachineLoop, Pressure>();
  for (const block of fn.blocks) {
    meter.block(block, liveOut);
    if (block.isCold) continue;
    for (let loop = block.loop; loop; loop = loop.parent) {
      const most = pressure.get(loop);
      if (most === undefined) {
        pressure.set(loop, { ...meter.most });
        continue;
      }
      most.integers = Math.max(most.integers, meter.most.integers);
      most.floats = Math.max(most.floats, meter.most.floats);
    }
  }
  return { crossesCall: meter.crossesCall, pressure };
}

class PressureMeter {
  readonly crossesCall: Uint8Array;
  /** Of the last block. */
  readonly most: Pressure = { integers: 0, floats: 0 };
  readonly #fn: MachineFn;
  /** The values that are alive, in no order. */
  readonly #alive: Int32Array;
  /** By value: where it is in `alive`, NO_VALUE for one that is not. */
  readonly #place: Int32Array;
  #count = 0;
  #floats = 0;

  constructor(fn: MachineFn) {
    this.crossesCall = fn.memory.uint8(fn.valueCount);
    this.#fn = fn;
    this.#alive = fn.memory.int32(fn.valueCount);
    this.#place = fn.memory.int32(fn.valueCount, NO_VALUE);
  }

  block({ index, instructions, terminator }: MachineBlock, liveOut: LiveSets): void {
    this.#clear();
    for (let i = liveOut.starts[index]!; i < liveOut.ends[index]!; i++) this.#use(liveOut.values[i]! as ValueId);
    this.#note();
    if (terminator.kind === 'branch') for (const v of terminator.args) this.#use(v);
    if (terminator.kind === 'exit') this.#useAtExit(terminator.exit);
    for (let i = instructions.length - 1; i >= 0; i--) {
      const { result, family, exit, args } = instructions[i]!;
      this.#note();
      if (result !== undefined) this.#define(result);
      if (family.clobbers) for (let k = 0; k < this.#count; k++) this.crossesCall[this.#alive[k]!] = 1;
      if (exit && !exit.isRepeated) this.#useAtExit(exit);
      for (const v of args) this.#use(v);
    }
    this.#note();
  }

  #clear(): void {
    for (let k = 0; k < this.#count; k++) this.#place[this.#alive[k]!] = NO_VALUE;
    this.#count = this.#floats = this.most.integers = this.most.floats = 0;
  }

  #note(): void {
    this.most.integers = Math.max(this.most.integers, this.#count - this.#floats);
    this.most.floats = Math.max(this.most.floats, this.#floats);
  }

  #useAtExit({ start, end }: ExitPoint): void {
    for (let i = start; i < end; i++) this.#use(this.#fn.exitValues[i]!);
  }

  #use(value: ValueId): void {
    if (this.#place[value] !== NO_VALUE) return;
    this.#place[value] = this.#count;
    this.#alive[this.#count++] = value;
    this.#floats += this.#fn.isFloat[value]!;
  }

  #define(value: ValueId): void {
    const place = this.#place[value]!;
    if (place === NO_VALUE) return;
    const last = this.#alive[--this.#count]!;
    this.#alive[place] = last;
    this.#place[last] = place;
    this.#place[value] = NO_VALUE;
    this.#floats -= this.#fn.isFloat[value]!;
  }
}
