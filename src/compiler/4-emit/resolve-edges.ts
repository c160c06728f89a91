/**
 * Moves on the edges: where registers and slots differ between the end of a block and the start of its successor, and
 * from the arguments of an edge to the parameters. They go to the end of the source when that has one successor,
 * otherwise to the start of the target, which then has one predecessor.
 */
import type { ValueId } from '#ir/types.ts';
import { invariant } from '#support/invariant.ts';
import type { Allocation } from './allocate-registers.ts';
import type { SpillSlots } from './assign-spill-slots.ts';
import { BlockSteps } from './block-steps.ts';
import type { Liveness } from './compute-live-ranges.ts';
import { FIRST_FLOAT, NO_VALUE, REGISTER_COUNT, type MachineBlock, type MachineEdge } from './machine.ts';
import { orderMoves, type Move, type MoveSink } from './parallel-moves.ts';
import type { MachineFn } from './select-stencils.ts';

/** Places: 0–15 registers, from 16 on spill slots. */
const FIRST_SLOT = REGISTER_COUNT;

export interface EdgeContext {
  readonly fn: MachineFn;
  readonly liveness: Liveness;
  readonly allocation: Allocation;
  readonly slots: SpillSlots;
}

export interface EdgeSteps {
  /** What comes before the steps of a block. */
  readonly before: BlockSteps;
  /** What comes after them. */
  readonly after: BlockSteps;
}

/** May add slots for its own use. */
export function resolveEdges(context: EdgeContext): EdgeSteps {
  const { blocks, memory } = context.fn;
  const before = new BlockSteps(blocks.length, memory), after = new BlockSteps(blocks.length, memory);
  const moves = new EdgeMoves(context);
  for (const block of blocks) {
    const t = block.terminator;
    if (t.kind === 'jump') {
      after.begin(block.index);
      moves.resolve(block, t.edge, after);
    } else if (t.kind === 'branch') {
      for (const edge of [t.then, t.else]) {
        // The moves of another edge to the same block would be lost.
        const isOnlyWay = edge.to.predecessors.length === 1;
        if (isOnlyWay) before.begin(edge.to.index);
        const count = moves.resolve(block, edge, before);
        invariant(count === 0 || isOnlyWay, 'critical edge');
      }
    }
  }
  return { before, after };
}

class EdgeMoves implements MoveSink {
  readonly #context: EdgeContext;
  /** By parameter of the edge: its argument, NO_VALUE for other values. */
  readonly #argOf: Int32Array;
  readonly #moves: Move[] = [];
  readonly #constants: { readonly to: number; readonly value: ValueId }[] = [];
  /** Where the registers before and after the edge are in the tables of all blocks. */
  #before = 0;
  #after = 0;
  #out: BlockSteps;

  constructor(context: EdgeContext) {
    this.#context = context;
    const { valueCount, memory } = context.fn;
    this.#argOf = memory.int32(valueCount, NO_VALUE);
    this.#out = new BlockSteps(0, memory);
  }

  /** Adds the steps of the edge; how many places get something new. */
  resolve(block: MachineBlock, { to, args }: MachineEdge, out: BlockSteps): number {
    this.#out = out;
    this.#before = block.index * REGISTER_COUNT;
    this.#after = to.index * REGISTER_COUNT;
    for (let i = 0; i < to.params.length; i++) this.#argOf[to.params[i]!] = args[i]!;
    this.#collect(to);
    for (const param of to.params) this.#argOf[param] = NO_VALUE;
    const count = this.#moves.length + this.#constants.length;
    if (count === 0) return 0;
    orderMoves(this.#moves, this);
    for (const constant of this.#constants) this.#constant(constant.to, constant.value);
    this.#moves.length = this.#constants.length = 0;
    return count;
  }

  #collect(target: MachineBlock): void {
    const { isLiveParameter } = this.#context.liveness;
    for (let register = 0; register < REGISTER_COUNT; register++) {
      const value = this.#valueAfter(register);
      if (value !== NO_VALUE) this.#want(register, value as ValueId);
    }
    for (const param of target.params) {
      // A parameter in a register is stored by the block itself.
      if (isLiveParameter[param] && !this.#isInRegisterAfter(param)) this.#want(FIRST_SLOT + this.#slot(param), param);
    }
  }

  #want(place: number, value: ValueId): void {
    const arg = this.#argOf[value]!;
    const source = (arg === NO_VALUE ? value : arg) as ValueId;
    if (place < FIRST_SLOT && this.#valueBefore(place) === source) return;
    const register = this.#registerBefore(source);
    if (register !== NO_VALUE) this.#moves.push({ to: place, from: register });
    else if (this.#context.fn.constants[source]) this.#constants.push({ to: place, value: source });
    else this.#moves.push({ to: place, from: FIRST_SLOT + this.#slot(source) });
  }

  #valueBefore(register: number): number {
    return this.#context.allocation.exit[this.#before + register]!;
  }

  #valueAfter(register: number): number {
    return this.#context.allocation.entry[this.#after + register]!;
  }

  /** The first register with the value, or NO_VALUE. */
  #registerBefore(value: ValueId): number {
    for (let register = 0; register < REGISTER_COUNT; register++) if (this.#valueBefore(register) === value) return register;
    return NO_VALUE;
  }

  #isInRegisterAfter(value: ValueId): boolean {
    for (let register = 0; register < REGISTER_COUNT; register++) if (this.#valueAfter(register) === value) return true;
    return false;
  }

  #slot(value: ValueId): number {
    const slot = this.#context.slots.slotOf[value]!;
    invariant(slot !== NO_VALUE, 'no spill slot of value', value);
    return slot;
  }

  move(to: number, from: number): void {
    if (to < FIRST_SLOT && from < FIRST_SLOT) this.#out.move(to, from);
    else if (to < FIRST_SLOT) this.#out.loadSlot(to, from - FIRST_SLOT);
    else if (from < FIRST_SLOT) this.#out.storeSlot(to - FIRST_SLOT, from);
    else this.#withTemporary([to, from], (temporary) => {
      this.move(temporary, from);
      this.move(to, temporary);
    });
  }

  /** Slots hold 64 bits of anything, so an integer register can carry a float between two of them. */
  swap(a: number, b: number): void {
    if (a < FIRST_SLOT && b < FIRST_SLOT) {
      this.#out.swap(a, b);
      return;
    }
    const scratch = FIRST_SLOT + this.#context.slots.scratch(0);
    this.move(scratch, a);
    this.move(a, b);
    this.move(b, scratch);
  }

  #constant(to: number, value: ValueId): void {
    if (to < FIRST_SLOT) this.#out.reload(to, value);
    else this.#withTemporary([to], (temporary) => {
      this.#out.reload(temporary, value);
      this.move(to, temporary);
    }, this.#context.fn.isFloat[value] === 1);
  }

  /** A register that is free on this edge, or one whose content waits in the scratch slot meanwhile. */
  #withTemporary(places: readonly number[], use: (register: number) => void, isFloat = false): void {
    const first = isFloat ? FIRST_FLOAT : 0;
    for (let r = first; r < first + 8; r++) {
      if (this.#valueBefore(r) !== NO_VALUE || this.#valueAfter(r) !== NO_VALUE) continue;
      use(r);
      return;
    }
    invariant(!places.includes(first), 'a register is not its own temporary');
    const saved = this.#context.slots.scratch(1);
    this.move(FIRST_SLOT + saved, first);
    use(first);
    this.move(first, FIRST_SLOT + saved);
  }
}
