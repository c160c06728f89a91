/** Which registers hold which values where a block begins. */
import type { ValueId } from '#ir/types.ts';
import { FAR, LEAVES_LOOP, type Liveness } from './compute-live-ranges.ts';
import { FLOAT_REGISTERS, INTEGER_REGISTERS, isFloatRegister, NO_VALUE, REGISTER_COUNT, REGISTERS_PER_BANK, type MachineBlock } from './machine.ts';
import type { RegisterHints } from './register-hints.ts';
import type { MachineFn } from './select-stencils.ts';

const NOT_LIVE = -1;
const NO_ARGUMENTS: readonly ValueId[] = [];

/** A block that was done before, and how this one is reached from it. */
interface Primary {
  /** Where its registers are in the table of all blocks. */
  readonly exit: number;
  readonly args: readonly ValueId[];
}

export class EntryChooser {
  readonly #fn: MachineFn;
  readonly #liveness: Liveness;
  readonly #hints: RegisterHints;
  /** By block, then by register: the value in it at the end of the blocks done so far. */
  readonly #exits: Int32Array;
  /** By value: distance of those that are live where the block begins. */
  readonly #distances: Int32Array;
  /** By value: 1 for those in `holder`, which is the answer. */
  readonly #isPlaced: Uint8Array;
  readonly #holder = new Int32Array(REGISTER_COUNT);
  #occupied = 0;
  /** Banks of which the loop needs more registers than there are. */
  #tight = 0;

  constructor(fn: MachineFn, liveness: Liveness, hints: RegisterHints, exits: Int32Array) {
    this.#fn = fn;
    this.#liveness = liveness;
    this.#hints = hints;
    this.#exits = exits;
    this.#distances = fn.memory.int32(fn.valueCount, NOT_LIVE);
    this.#isPlaced = fn.memory.uint8(fn.valueCount);
  }

  /** Valid until the next block. */
  choose(block: MachineBlock): Int32Array {
    const { values, distances, starts, ends } = this.#liveness.liveIn;
    const start = starts[block.index]!, end = ends[block.index]!;
    for (let i = start; i < end; i++) this.#distances[values[i]!] = distances[i]!;
    this.#holder.fill(NO_VALUE);
    this.#occupied = 0;
    this.#tight = this.#tightBanks(block);
    const primary = this.#primary(block);
    if (primary) this.#inherit(block, primary.exit);
    this.#placeParameters(block, primary);
    if (block.isHeader && primary) this.#preload(block);
    for (const value of this.#holder) if (value !== NO_VALUE) this.#isPlaced[value] = 0;
    for (let i = start; i < end; i++) this.#distances[values[i]!] = NOT_LIVE;
    return this.#holder;
  }

  #tightBanks({ loop }: MachineBlock): number {
    const pressure = loop && this.#liveness.pressure.get(loop);
    if (pressure === undefined) return 0;
    return (pressure.integers > REGISTERS_PER_BANK ? INTEGER_REGISTERS : 0) | (pressure.floats > REGISTERS_PER_BANK ? FLOAT_REGISTERS : 0);
  }

  /** The predecessor whose registers the block takes over: of those done, a hot one from the innermost loop. */
  #primary({ index, predecessors }: MachineBlock): Primary | undefined {
    let best: Primary | undefined, highest = -1;
    for (const { block, edge } of predecessors) {
      if (block.index >= index) continue;
      const rank = (block.isCold ? 0 : 1_000_000) + (block.loop?.depth ?? 0) * 10_000 + block.index / this.#fn.blocks.length;
      if (rank <= highest) continue;
      highest = rank;
      best = { exit: block.index * REGISTER_COUNT, args: edge.args };
    }
    return best;
  }

  #inherit({ isHeader, params }: MachineBlock, exit: number): void {
    for (let register = 0; register < REGISTER_COUNT; register++) {
      const value = this.#exits[exit + register]! as ValueId;
      if ((value as number) === NO_VALUE || this.#distances[value] === NOT_LIVE || this.#isPlaced[value] || params.includes(value)) continue;
      // Without a use in a loop that is short of registers it would be evicted, and reloaded in every round.
      if (isHeader && (!this.#isUsefulInLoop(value) || (this.#isTight(value) && this.#distance(value) >= LEAVES_LOOP))) continue;
      this.#place(value, register);
    }
  }

  /** False for values that a call in the loop takes out of the register before anything has used it. */
  #isUsefulInLoop(value: ValueId): boolean {
    return this.#distance(value) < FAR || !this.#liveness.crossesCall[value];
  }

  #placeParameters({ params, isHeader }: MachineBlock, primary: Primary | undefined): void {
    const wanted = params.filter((param) => this.#distances[param] !== NOT_LIVE && (!isHeader || this.#isUsefulInLoop(param)));
    if (wanted.length > 1) wanted.sort((a, b) => this.#distance(a) - this.#distance(b));
    const args = primary?.args ?? NO_ARGUMENTS;
    for (const param of wanted) {
      const free = this.#free(param);
      const arg = args[params.indexOf(param)];
      const current = arg === undefined || !primary ? NO_VALUE : this.#firstHolder(primary.exit, arg, free);
      const register = current !== NO_VALUE ? current : free !== 0 ? this.#hints.choose(param, free) : this.#evictFor(param);
      if (register === NO_VALUE) continue;
      this.#place(param, register);
      this.#hints.parameter(param, register);
    }
  }

  #evictFor(param: ValueId): number {
    let best = NO_VALUE;
    let farthest = this.#distance(param);
    for (let register = 0; register < REGISTER_COUNT; register++) {
      const value = this.#holder[register]! as ValueId;
      if ((value as number) === NO_VALUE || isFloatRegister(register) !== (this.#fn.isFloat[param] === 1)) continue;
      if (this.#distance(value) <= farthest) continue;
      farthest = this.#distance(value);
      best = register;
    }
    return best;
  }

  /** Loop-invariant values, constants too, go into the registers that are left before the loop begins. */
  #preload({ index, params }: MachineBlock): void {
    const { values, distances, starts, ends } = this.#liveness.liveIn;
    const wanted: ValueId[] = [];
    for (let i = starts[index]!; i < ends[index]!; i++) {
      const value = values[i]! as ValueId;
      if (distances[i]! < LEAVES_LOOP && !this.#isPlaced[value] && !params.includes(value)) wanted.push(value);
    }
    wanted.sort((a, b) => this.#distance(a) - this.#distance(b));
    for (const value of wanted) {
      const spare = this.#isTight(value) ? 2 : 0;
      const free = this.#free(value);
      if (countBits(free) > spare) this.#place(value, this.#hints.choose(value, free));
    }
  }

  #place(value: ValueId, register: number): void {
    const old = this.#holder[register]!;
    if (old !== NO_VALUE) this.#isPlaced[old] = 0;
    this.#holder[register] = value;
    this.#isPlaced[value] = 1;
    this.#occupied |= 1 << register;
  }

  #free(value: ValueId): number {
    return (this.#fn.isFloat[value] ? FLOAT_REGISTERS : INTEGER_REGISTERS) & ~this.#occupied;
  }

  /** The first register of the set that held the value at this exit, or NO_VALUE. */
  #firstHolder(exit: number, value: ValueId, among: number): number {
    for (let register = 0; register < REGISTER_COUNT; register++) {
      if (this.#exits[exit + register] === value && among & (1 << register)) return register;
    }
    return NO_VALUE;
  }

  #isTight(value: ValueId): boolean {
    return (this.#tight & (this.#fn.isFloat[value] ? FLOAT_REGISTERS : INTEGER_REGISTERS)) !== 0;
  }

  #distance(value: ValueId): number {
    const distance = this.#distances[value]!;
    return distance === NOT_LIVE ? FAR : distance;
  }
}

function countBits(set: number): number {
  let count = 0;
  for (let s = set; s !== 0; s &= s - 1) count++;
  return count;
}
