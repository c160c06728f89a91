/**
 * Moves on the edges: where registers and slots differ between the end of a block and the start of its successor, and
 * from the arguments of an edge to the parameters. They go to the end of the source when that has one successor,
 * otherwise to the start of the target, which then has one predecessor.
 */
import type { ValueId } from '#ir/types.ts';
import { invariant } from '#support/invariant.ts';
import type { Allocation } from './allocate-registers.ts';
import type { SpillSlots } from './assign-spill-slots.ts';
import type { Liveness } from './compute-live-ranges.ts';
import { FIRST_FLOAT, NO_VALUE, REGISTER_COUNT, successors, type MachineBlock, type MachineEdge, type Step } from './machine.ts';
import { orderMoves, type Move } from './parallel-moves.ts';
import type { MachineFn } from './select-stencils.ts';

/** Places: 0–15 registers, from 16 on spill slots. */
const FIRST_SLOT = REGISTER_COUNT;

export interface EdgeContext {
  readonly fn: MachineFn;
  readonly liveness: Liveness;
  readonly allocation: Allocation;
  readonly slots: SpillSlots;
}

/** Adds the moves to the steps of the allocation; may add a slot for its own use. */
export function resolveEdges(context: EdgeContext): void {
  const atStart = context.fn.blocks.map((): Step[] => []);
  for (const block of context.fn.blocks) {
    const edges = successors(block.terminator);
    for (const edge of edges) {
      const steps = new EdgeMoves(context, block, edge).run();
      if (edges.length === 1) context.allocation.steps[block.index]!.push(...steps);
      else {
        invariant(steps.length === 0 || edge.to.predecessors.length === 1, 'critical edge');
        atStart[edge.to.index]!.push(...steps);
      }
    }
  }
  atStart.forEach((steps, i) => {
    if (steps.length > 0) context.allocation.steps[i]!.unshift(...steps);
  });
}

class EdgeMoves {
  readonly #context: EdgeContext;
  readonly #before: Int32Array;
  readonly #after: Int32Array;
  readonly #argOf = new Map<ValueId, ValueId>();
  readonly #target: MachineBlock;
  readonly #moves: Move[] = [];
  readonly #constants: { to: number; value: ValueId }[] = [];
  readonly #out: Step[] = [];

  constructor(context: EdgeContext, block: MachineBlock, edge: MachineEdge) {
    this.#context = context;
    this.#target = edge.to;
    this.#before = context.allocation.exit[block.index]!;
    this.#after = context.allocation.entry[edge.to.index]!;
    edge.to.params.forEach((param, i) => this.#argOf.set(param, edge.args[i]!));
  }

  run(): Step[] {
    this.#after.forEach((value, register) => {
      if (value !== NO_VALUE) this.#want(register, value as ValueId);
    });
    const live = this.#context.liveness.liveIn[this.#target.index]!;
    for (const param of this.#target.params) {
      // A parameter in a register is stored by the block itself.
      if (live.has(param) && !this.#after.includes(param)) this.#want(FIRST_SLOT + this.#slot(param), param);
    }
    orderMoves(this.#moves, {
      move: (to, from) => this.#move(to, from),
      swap: (a, b) => this.#swap(a, b),
    });
    for (const { to, value } of this.#constants) this.#constant(to, value);
    return this.#out;
  }

  #want(place: number, value: ValueId): void {
    const source = this.#argOf.get(value) ?? value;
    if (place < FIRST_SLOT && this.#before[place] === source) return;
    const register = this.#before.indexOf(source);
    if (register >= 0) this.#moves.push({ to: place, from: register });
    else if (this.#context.fn.constants[source]) this.#constants.push({ to: place, value: source });
    else this.#moves.push({ to: place, from: FIRST_SLOT + this.#slot(source) });
  }

  #slot(value: ValueId): number {
    const slot = this.#context.slots.slotOf[value]!;
    invariant(slot !== NO_VALUE, 'no spill slot of value', value);
    return slot;
  }

  #move(to: number, from: number): void {
    if (to < FIRST_SLOT && from < FIRST_SLOT) this.#out.push({ kind: 'move', to, from });
    else if (to < FIRST_SLOT) this.#out.push({ kind: 'load_slot', to, slot: from - FIRST_SLOT });
    else if (from < FIRST_SLOT) this.#out.push({ kind: 'store_slot', slot: to - FIRST_SLOT, from });
    else this.#withTemporary([to, from], (temporary) => {
      this.#move(temporary, from);
      this.#move(to, temporary);
    });
  }

  /** Slots hold 64 bits of anything, so an integer register can carry a float between two of them. */
  #swap(a: number, b: number): void {
    if (a < FIRST_SLOT && b < FIRST_SLOT) {
      this.#out.push({ kind: 'swap', a, b });
      return;
    }
    const scratch = FIRST_SLOT + this.#context.slots.scratch(0);
    this.#move(scratch, a);
    this.#move(a, b);
    this.#move(b, scratch);
  }

  #constant(to: number, value: ValueId): void {
    if (to < FIRST_SLOT) this.#out.push({ kind: 'reload', to, value });
    else this.#withTemporary([to], (temporary) => {
      this.#out.push({ kind: 'reload', to: temporary, value });
      this.#move(to, temporary);
    }, this.#context.fn.types(value) === 'float');
  }

  /** A register that is free on this edge, or one whose content waits in the scratch slot meanwhile. */
  #withTemporary(places: readonly number[], use: (register: number) => void, isFloat = false): void {
    const first = isFloat ? FIRST_FLOAT : 0;
    for (let r = first; r < first + 8; r++) {
      if (this.#before[r] !== NO_VALUE || this.#after[r] !== NO_VALUE) continue;
      use(r);
      return;
    }
    invariant(!places.includes(first), 'a register is not its own temporary');
    const saved = this.#context.slots.scratch(1);
    this.#move(FIRST_SLOT + saved, first);
    use(first);
    this.#move(first, FIRST_SLOT + saved);
  }
}
