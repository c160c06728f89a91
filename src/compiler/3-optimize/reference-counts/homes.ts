/**
 * What the homes of the outer frame's locals hold at each point: objects there need no reference of their own, and exits
 * need not write them. A number counts as held when an object of it is: the one it was unboxed from, or boxed to.
 */
import { frameStateWith } from '#ir/frame-states.ts';
import type { Graph } from '#ir/graph.ts';
import { immediateNumber } from '#ir/immediates.ts';
import type { Block, BlockId, Fn, FrameState, Instruction, ValueId } from '#ir/types.ts';
import { edgesOf, forEachBlockUse } from '#ir/visit.ts';
import { findBoxes, findHomeCandidates, UNBOXING, type HomeCandidates } from './home-candidates.ts';

type Slots = Map<number, ReadonlySet<ValueId>>;

/** By local: the values known to be in its home. A local that is missing holds nothing known. */
export class HomeState {
  readonly slots: Slots;
  readonly #candidates: HomeCandidates;

  constructor(candidates: HomeCandidates, slots: Slots = new Map()) {
    this.#candidates = candidates;
    this.slots = slots;
  }

  copy(): HomeState {
    return new HomeState(this.#candidates, new Map(this.slots));
  }

  isHeld(value: ValueId): boolean {
    if (this.#candidates.mayBeHeld[value] === 0) return false;
    for (const held of this.slots.values()) if (held.has(value)) return true;
    return false;
  }

  /** How many homes hold the object. */
  count(value: ValueId): number {
    return [...this.slots.values()].filter((held) => held.has(value)).length;
  }

  isIn(slot: number, value: ValueId): boolean {
    return this.#candidates.mayBeHeld[value] !== 0 && (this.slots.get(slot)?.has(value) ?? false);
  }

  /** True when storing this object would change nothing that Python can see but the identity of a number. */
  isSame(slot: number, object: ValueId): boolean {
    const number = this.#candidates.boxed.get(object);
    return this.isIn(slot, object) || (number !== undefined && this.isIn(slot, number));
  }

  /** False when the state is the same as before. */
  step({ op, args, immediates, result }: Instruction): boolean {
    // A value that is defined again (next round of a loop) is another one.
    const forgotten = result !== undefined && this.forget(result);
    if (op === 'home.load') this.#add(Number(immediates[0]), result!);
    else if (op === 'home.clear' || op === 'home.append') this.slots.delete(Number(immediates[0]));
    else if (op === 'home.store') {
      const number = this.#candidates.boxed.get(args[0]!);
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
    if (this.#candidates.mayBeHeld[value] === 0) return false;
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

/** State at the start of each block. */
export function analyzeHomes(graph: Graph): Map<BlockId, HomeState> {
  const candidates = findHomeCandidates(graph.fn);
  const starts = new Map<BlockId, HomeState>();
  const ends = new Map<BlockId, HomeState>();
  const due = new Set<BlockId>(graph.order.map((block) => block.id));
  while (due.size > 0) {
    for (const block of graph.order) {
      if (!due.delete(block.id)) continue;
      const start = new HomeState(candidates, join(graph, block, ends));
      const state = start.copy();
      for (const instruction of candidates.stepsOf(block)) state.step(instruction);
      const old = ends.get(block.id);
      starts.set(block.id, start);
      ends.set(block.id, state);
      if (old && size(old) === size(state)) continue;
      for (const edge of edgesOf(block.terminator)) due.add(edge.block);
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
  for (const [slot, held] of slots) incoming.set(slot, heldThroughEdge(held, params, args));
  return incoming;
}

/** The set itself when the edge changes nothing: equal sets are then quick to compare. */
function heldThroughEdge(held: ReadonlySet<ValueId>, params: readonly ValueId[], args: readonly ValueId[]): ReadonlySet<ValueId> {
  let inside: Set<ValueId> | undefined;
  for (const param of params) if (held.has(param)) (inside ??= new Set(held)).delete(param);
  for (let i = 0; i < params.length; i++) {
    if (held.has(args[i]!)) (inside ??= new Set(held)).add(params[i]!);
  }
  return inside ?? held;
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
  const { types } = graph.fn;
  for (const block of graph.order) {
    const state = starts.get(block.id)!.copy();
    // Frame states are shared as long as the homes stay the same.
    const known = new Map<FrameState, FrameState>();
    const rewrite = (frame: FrameState): FrameState => {
      const copied = numbersElsewhere(frame, state, types);
      if (copied.size === 0) return withHomes(frame, state, known);
      // A caller's numbers are also its callee's: no frame is looked up both ways.
      const made = known.get(frame) ?? withHomesBut(copied, frame, state);
      known.set(frame, made);
      return made;
    };
    for (const instruction of block.instructions) {
      if (instruction.frameState) instruction.frameState = rewrite(instruction.frameState);
      if (state.step(instruction)) known.clear();
    }
    const { terminator } = block;
    if (terminator.kind === 'exit') terminator.frameState = rewrite(terminator.frameState);
  }
}

/**
 * Numbers that a home holds and that the exit puts into another place too. Their locals are listed, so that the exit finds the object
 * that the number was there instead of making another one:
 *
 *   return x       x was unboxed for a loop; the result is the object that the caller passed
 */
function numbersElsewhere(frame: FrameState, state: HomeState, types: Fn['types']): ReadonlySet<ValueId> {
  const found = new Set<ValueId>();
  const note = (v: ValueId | 'home' | 'null'): void => {
    if (typeof v === 'number' && types.get(v) !== 'obj' && state.isHeld(v)) found.add(v);
  };
  for (let f: FrameState | undefined = frame; f; f = f.caller) {
    f.stack.forEach(note);
    if (f.caller) f.locals.forEach(note);
  }
  return found;
}

function withHomes(frame: FrameState, state: HomeState, known: Map<FrameState, FrameState>): FrameState {
  let made = known.get(frame);
  if (made !== undefined) return made;
  if (frame.caller) made = frameStateWith(frame, { caller: withHomes(frame.caller, state, known) });
  else made = withHomesBut(new Set(), frame, state);
  known.set(frame, made);
  return made;
}

function withHomesBut(listed: ReadonlySet<ValueId>, frame: FrameState, state: HomeState): FrameState {
  if (frame.caller) return frameStateWith(frame, { caller: withHomesBut(listed, frame.caller, state) });
  const locals = frame.locals.map((v, slot) => (typeof v === 'number' && !listed.has(v) && state.isIn(slot, v) ? 'home' : v));
  return locals.some((v, slot) => v !== frame.locals[slot]) ? frameStateWith(frame, { locals }) : frame;
}
