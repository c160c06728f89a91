/**
 * What the homes of the outer frame's locals hold at each point: objects there need no reference of their own, and exits
 * need not write them. A number counts as held when an object of it is: the one it was unboxed from, or boxed to.
 */
import type { Graph } from '#ir/graph.ts';
import { immediateNumber } from '#ir/immediates.ts';
import type { Block, BlockId, Fn, FrameState, Instruction, ValueId } from '#ir/types.ts';
import { forEachBlockUse } from '#ir/visit.ts';

const UNBOXING = new Set(['unbox.int', 'unbox.float', 'unbox.bool', 'unbox.float_known']);
const BOXING = new Set(['box.int', 'box.float', 'box.bool']);

type Slots = Map<number, ReadonlySet<ValueId>>;

/** By local: the values known to be in its home. A local that is missing holds nothing known. */
export class HomeState {
  readonly slots: Slots;
  /** The number in each box. */
  readonly #boxed: ReadonlyMap<ValueId, ValueId>;

  constructor(boxed: ReadonlyMap<ValueId, ValueId>, slots: Slots = new Map()) {
    this.#boxed = boxed;
    this.slots = slots;
  }

  copy(): HomeState {
    return new HomeState(this.#boxed, new Map(this.slots));
  }

  isHeld(value: ValueId): boolean {
    for (const held of this.slots.values()) if (held.has(value)) return true;
    return false;
  }

  isIn(slot: number, value: ValueId): boolean {
    return this.slots.get(slot)?.has(value) ?? false;
  }

  /** True when storing this object would change nothing that Python can see but the identity of a number. */
  isSame(slot: number, object: ValueId): boolean {
    const number = this.#boxed.get(object);
    return this.isIn(slot, object) || (number !== undefined && this.isIn(slot, number));
  }

  /** False when the state is the same as before. */
  step({ op, args, immediates, result }: Instruction): boolean {
    // A value that is defined again (next round of a loop) is another one.
    const forgotten = result !== undefined && this.forget(result);
    if (op === 'home.load') this.#add(Number(immediates[0]), result!);
    else if (op === 'home.clear') this.slots.delete(Number(immediates[0]));
    else if (op === 'home.store') {
      const number = this.#boxed.get(args[0]!);
      this.slots.set(Number(immediates[0]), new Set(number === undefined ? args : [...args, number]));
    } else if (UNBOXING.has(op)) {
      for (const [slot, held] of this.slots) if (held.has(args[0]!)) this.#add(slot, result!);
    } else return forgotten;
    return true;
  }

  #add(slot: number, value: ValueId): void {
    this.slots.set(slot, new Set([...(this.slots.get(slot) ?? []), value]));
  }

  forget(value: ValueId): boolean {
    let forgotten = false;
    for (const [slot, held] of this.slots) {
      if (!held.has(value)) continue;
      const others = new Set(held);
      others.delete(value);
      this.slots.set(slot, others);
      forgotten = true;
    }
    return forgotten;
  }
}

function findBoxes(fn: Fn): ReadonlyMap<ValueId, ValueId> {
  const boxed = new Map<ValueId, ValueId>();
  for (const block of fn.blocks.values()) {
    for (const { op, args, result } of block.instructions) {
      if (result !== undefined && BOXING.has(op)) boxed.set(result, args[0]!);
    }
  }
  return boxed;
}

/** State at the start of each block. */
export function analyzeHomes(graph: Graph): Map<BlockId, HomeState> {
  const boxed = findBoxes(graph.fn);
  const starts = new Map<BlockId, HomeState>();
  const ends = new Map<BlockId, HomeState>();
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of graph.order) {
      const start = new HomeState(boxed, join(graph, block, ends));
      const state = start.copy();
      for (const instruction of block.instructions) state.step(instruction);
      const old = ends.get(block.id);
      if (!old || size(old) !== size(state) || size(starts.get(block.id)!) !== size(start)) changed = true;
      starts.set(block.id, start);
      ends.set(block.id, state);
    }
  }
  return starts;
}

/** States only shrink from round to round, so that their size tells whether they changed. */
function size(state: HomeState): number {
  let sum = 0;
  for (const held of state.slots.values()) sum += held.size;
  return sum;
}

function join(graph: Graph, block: Block, ends: ReadonlyMap<BlockId, HomeState>): Slots {
  let joined: Slots | undefined;
  for (const p of graph.predecessors(block.id)) {
    const end = ends.get(p.block.id);
    if (!end) continue; // not visited yet: holds everything
    const incoming = block.params.length === 0 ? end.slots : throughEdge(end.slots, block.params, p.edge.args);
    joined = joined ? intersect(joined, incoming) : incoming;
  }
  return new Map(joined);
}

/** What the homes hold in terms of the target's parameters. */
function throughEdge(slots: Slots, params: readonly ValueId[], args: readonly ValueId[]): Slots {
  const incoming: Slots = new Map();
  for (const [slot, held] of slots) {
    const inside = new Set(held);
    for (const param of params) inside.delete(param);
    params.forEach((param, i) => {
      if (held.has(args[i]!)) inside.add(param);
    });
    incoming.set(slot, inside);
  }
  return incoming;
}

function intersect(a: Slots, b: Slots): Slots {
  const both: Slots = new Map();
  for (const [slot, held] of a) {
    const other = b.get(slot);
    if (other) both.set(slot, intersectValues(held, other));
  }
  return both;
}

function intersectValues(a: ReadonlySet<ValueId>, b: ReadonlySet<ValueId>): ReadonlySet<ValueId> {
  if (a === b) return a;
  const both = new Set<ValueId>();
  for (const v of a) if (b.has(v)) both.add(v);
  return both;
}

/** Removes stores of what a home holds already. The states change with it. */
export function removeRedundantStores(graph: Graph): void {
  const starts = analyzeHomes(graph);
  const boxUses = usesOfBoxes(graph.fn);
  for (const block of graph.order) {
    const state = starts.get(block.id)!.copy();
    block.instructions = block.instructions.filter((i) => {
      const slot = i.op === 'home.store' ? immediateNumber(i) : -1;
      const value = i.args[0]!;
      // A box that is used elsewhere may count on the home to hold it.
      const redundant = slot >= 0 && (state.isIn(slot, value) || (boxUses.get(value) === 1 && state.isSame(slot, value)));
      if (redundant) boxUses.set(value, (boxUses.get(value) ?? 0) - 1);
      state.step(i);
      return !redundant;
    });
  }
  for (const block of graph.order) {
    block.instructions = block.instructions.filter((i) => i.result === undefined || boxUses.get(i.result) !== 0);
  }
}

/** How often each box is used. */
function usesOfBoxes(fn: Fn): Map<ValueId, number> {
  const uses = new Map<ValueId, number>([...findBoxes(fn).keys()].map((v) => [v, 0]));
  for (const block of fn.blocks.values()) {
    forEachBlockUse(block, (v) => {
      const n = uses.get(v);
      if (n !== undefined) uses.set(v, n + 1);
    });
  }
  return uses;
}

/** Writes `home` where the frame's memory already holds the local. */
export function useHomes(graph: Graph, starts: ReadonlyMap<BlockId, HomeState>): void {
  for (const block of graph.order) {
    const state = starts.get(block.id)!.copy();
    for (const instruction of block.instructions) {
      if (instruction.frameState) instruction.frameState = withHomes(instruction.frameState, state);
      state.step(instruction);
    }
    const { terminator } = block;
    if (terminator.kind === 'exit') terminator.frameState = withHomes(terminator.frameState, state);
  }
}

function withHomes(frame: FrameState, state: HomeState): FrameState {
  if (frame.caller) return { ...frame, caller: withHomes(frame.caller, state) };
  const locals = frame.locals.map((v, slot) => (typeof v === 'number' && state.isIn(slot, v) ? 'home' : v));
  return locals.some((v, slot) => v !== frame.locals[slot]) ? { ...frame, locals } : frame;
}
