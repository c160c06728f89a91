/** Which registers hold which values where a block begins, and which registers suit a value best. */
import type { ValueId } from '#ir/types.ts';
import { FAR, isFloatRegister, LEAVES_LOOP, type Liveness, type LiveSet } from './compute-live-ranges.ts';
import { FIRST_FLOAT, FLOAT_REGISTERS, INTEGER_REGISTERS, NO_VALUE, REGISTER_COUNT, REGISTERS_PER_BANK, successors, type MachineBlock } from './machine.ts';
import { highest, lowest } from './register-file.ts';
import type { MachineFn } from './select-stencils.ts';

export class RegisterHints {
  readonly #crossesCall: Uint8Array;
  readonly #survivors: number;
  /** Parameter that a value becomes at the end of its block, NO_VALUE if none. */
  readonly #flowsTo: Int32Array;
  /** Register that a parameter has, or that its first argument had. */
  readonly #ofParameter: Int8Array;
  /** Register in which a call wants the value. */
  readonly #wanted: Int8Array;

  constructor(fn: MachineFn, liveness: Liveness, calleeSaved: number) {
    this.#crossesCall = liveness.crossesCall;
    this.#survivors = INTEGER_REGISTERS & ((1 << calleeSaved) - 1);
    this.#flowsTo = new Int32Array(fn.valueCount).fill(NO_VALUE);
    this.#ofParameter = new Int8Array(fn.valueCount).fill(NO_VALUE);
    this.#wanted = new Int8Array(fn.valueCount).fill(NO_VALUE);
    for (const block of fn.blocks) {
      for (const { to, args } of successors(block.terminator)) {
        args.forEach((arg, i) => {
          if (!block.isCold) this.#flowsTo[arg] = to.params[i]!;
        });
      }
      for (const { family, args } of block.instructions) {
        args.forEach((arg, i) => {
          const fixed = family.fixed[i];
          if (fixed !== undefined) this.#wanted[arg] = fixed + (family.operands[i] === 'f' ? FIRST_FLOAT : 0);
        });
      }
    }
  }

  /** The best of some free registers of the value's bank. */
  choose(value: ValueId, free: number): number {
    const param = this.#flowsTo[value]!;
    for (const hint of [param === NO_VALUE ? NO_VALUE : this.#ofParameter[param]!, this.#ofParameter[value]!]) {
      if (hint !== NO_VALUE && free & (1 << hint)) return hint;
    }
    if (this.#crossesCall[value]) {
      const safe = free & this.#survivors;
      return safe !== 0 ? lowest(safe) : highest(free);
    }
    const wanted = this.#wanted[value]!;
    return wanted !== NO_VALUE && free & (1 << wanted) ? wanted : highest(free);
  }

  defined(value: ValueId, register: number): void {
    const param = this.#flowsTo[value]!;
    if (param !== NO_VALUE && this.#ofParameter[param] === NO_VALUE) this.#ofParameter[param] = register;
  }

  parameter(param: ValueId, register: number): void {
    this.#ofParameter[param] = register;
  }
}

export interface EntryContext {
  readonly fn: MachineFn;
  readonly liveness: Liveness;
  /** Values in registers at the end of the blocks done so far. */
  readonly exits: readonly Int32Array[];
  readonly hints: RegisterHints;
}

export function chooseEntry(block: MachineBlock, context: EntryContext): Int32Array {
  return new EntryChooser(block, context).run();
}

class EntryChooser {
  readonly #block: MachineBlock;
  readonly #context: EntryContext;
  readonly #live: LiveSet;
  readonly #holder = new Int32Array(REGISTER_COUNT).fill(NO_VALUE);
  readonly #placed = new Set<ValueId>();
  /** Banks of which the loop needs more registers than there are. */
  readonly #tight: { readonly integers: boolean; readonly floats: boolean };

  constructor(block: MachineBlock, context: EntryContext) {
    this.#block = block;
    this.#context = context;
    this.#live = context.liveness.liveIn[block.index]!;
    const pressure = block.loop && context.liveness.pressure.get(block.loop);
    this.#tight = {
      integers: pressure !== undefined && pressure.integers > REGISTERS_PER_BANK,
      floats: pressure !== undefined && pressure.floats > REGISTERS_PER_BANK,
    };
  }

  run(): Int32Array {
    const primary = this.#primary();
    if (primary) this.#inherit(primary.exit);
    this.#placeParameters(primary);
    if (this.#block.isHeader && primary) this.#preload();
    return this.#holder;
  }

  /** The predecessor whose registers the block takes over: of those done, a hot one from the innermost loop. */
  #primary(): { exit: Int32Array; args: readonly ValueId[] } | undefined {
    let best: { block: MachineBlock; args: readonly ValueId[] } | undefined;
    const rank = (b: MachineBlock): number => (b.isCold ? 0 : 1_000_000) + (b.loop?.depth ?? 0) * 10_000 + b.index / this.#context.fn.blocks.length;
    for (const { block, edge } of this.#block.predecessors) {
      if (block.index >= this.#block.index) continue;
      if (!best || rank(block) > rank(best.block)) best = { block, args: edge.args };
    }
    return best && { exit: this.#context.exits[best.block.index]!, args: best.args };
  }

  #inherit(exit: Int32Array): void {
    const params = new Set(this.#block.params);
    exit.forEach((holder, register) => {
      const value = holder as ValueId;
      if (holder === NO_VALUE || params.has(value) || !this.#live.has(value) || this.#placed.has(value)) return;
      // Without a use in a loop that is short of registers it would be evicted, and reloaded in every round.
      if (this.#block.isHeader && (!this.#isUsefulInLoop(value) || (this.#isTight(value) && this.#distance(value) >= LEAVES_LOOP))) return;
      this.#place(value, register);
    });
  }

  /** False for values that a call in the loop takes out of the register before anything has used it. */
  #isUsefulInLoop(value: ValueId): boolean {
    return this.#distance(value) < FAR || !this.#context.liveness.crossesCall[value];
  }

  #placeParameters(primary: { exit: Int32Array; args: readonly ValueId[] } | undefined): void {
    const params = this.#block.params
      .map((param, i) => ({ param, arg: primary?.args[i] }))
      .filter(({ param }) => this.#live.has(param) && (!this.#block.isHeader || this.#isUsefulInLoop(param)))
      .sort((a, b) => this.#distance(a.param) - this.#distance(b.param));
    for (const { param, arg } of params) {
      const free = this.#free(param);
      const current = arg === undefined || !primary ? NO_VALUE : primary.exit.findIndex((v, r) => v === arg && (free & (1 << r)) !== 0);
      const register = current !== NO_VALUE ? current : free !== 0 ? this.#context.hints.choose(param, free) : this.#evictFor(param);
      if (register === NO_VALUE) continue;
      this.#place(param, register);
      this.#context.hints.parameter(param, register);
    }
  }

  #evictFor(param: ValueId): number {
    let best = NO_VALUE;
    let farthest = this.#distance(param);
    this.#holder.forEach((holder, register) => {
      const value = holder as ValueId;
      if (holder === NO_VALUE || isFloatRegister(register) !== this.#isFloat(param)) return;
      if (this.#distance(value) <= farthest) return;
      farthest = this.#distance(value);
      best = register;
    });
    return best;
  }

  /** Loop-invariant values, constants too, go into the registers that are left before the loop begins. */
  #preload(): void {
    const params = new Set(this.#block.params);
    const wanted = [...this.#live]
      .filter(([value, distance]) => distance < LEAVES_LOOP && !this.#placed.has(value) && !params.has(value))
      .sort((a, b) => a[1] - b[1]);
    for (const [value] of wanted) {
      const spare = this.#isTight(value) ? 2 : 0;
      const free = this.#free(value);
      if (countBits(free) > spare) this.#place(value, this.#context.hints.choose(value, free));
    }
  }

  #place(value: ValueId, register: number): void {
    const old = this.#holder[register]!;
    if (old !== NO_VALUE) this.#placed.delete(old as ValueId);
    this.#holder[register] = value;
    this.#placed.add(value);
  }

  #free(value: ValueId): number {
    let free = this.#isFloat(value) ? FLOAT_REGISTERS : INTEGER_REGISTERS;
    this.#holder.forEach((holder, register) => {
      if (holder !== NO_VALUE) free &= ~(1 << register);
    });
    return free;
  }

  #isTight(value: ValueId): boolean {
    return this.#isFloat(value) ? this.#tight.floats : this.#tight.integers;
  }

  #isFloat(value: ValueId): boolean {
    return this.#context.fn.types(value) === 'float';
  }

  #distance(value: ValueId): number {
    return this.#live.get(value) ?? FAR;
  }
}

function countBits(set: number): number {
  let count = 0;
  for (let s = set; s !== 0; s &= s - 1) count++;
  return count;
}
