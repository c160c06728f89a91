/**
 * Which objects nobody but exits needs: those that the function makes, and the parameters that stand for one of them.
 *
 * A parameter may also stand for an object from elsewhere, if the home of one local holds it wherever an exit needs it: where an
 * object was sunk there is NULL. So an exit can tell which of the two it is.
 */
import type { Graph } from '#ir/graph.ts';
import { immediateNumber } from '#ir/immediates.ts';
import { opInfo, type OpName } from '#ir/ops.ts';
import type { Block, BlockId, FrameState, Instruction, ValueId } from '#ir/types.ts';
import { edgesOf, forEachFrameStateValue, terminatorArgs } from '#ir/visit.ts';
import type { PassContext } from '../../pass.ts';
import { invalidates } from '../facts.ts';
import { analyzeHomes, type HomeState } from '../reference-counts/homes.ts';
import { findMakes, isDispensable, isSameShape, type Make, type Shape } from './instances.ts';

export interface Param {
  readonly block: Block;
  readonly position: number;
}

export interface Candidate {
  readonly value: ValueId;
  readonly shape: Shape;
  readonly make: Make | undefined;
  readonly param: Param | undefined;
  /** Local of the frame whose home may have the object; NONE when only the function makes it. */
  slot: number;
}

export const NONE = -1;

/** What can be done with an object from elsewhere, for one that may have been sunk. */
const READS: ReadonlySet<OpName> = new Set<OpName>(['guard.type_version', 'guard.keys_version', 'guard.bound', 'values.check', 'values.load', 'field.load']);

/** They write to what nobody else has. */
const NUMBERS: ReadonlySet<OpName> = new Set<OpName>(['box.int', 'box.float', 'instance.make', 'range_iter.next', 'list_iter.next', 'tuple_iter.next', 'bytes_iter.next']);

/** The first instruction of a block that can leave, when its state is that in which the block begins. */
export function entryState(block: Block): (Instruction & { readonly frameState: FrameState }) | undefined {
  const own = new Set<ValueId>();
  for (const i of block.instructions) {
    if (i.frameState) {
      let isKnown = true;
      forEachFrameStateValue(i.frameState, (v) => {
        if (own.has(v)) isKnown = false;
      });
      return isKnown ? (i as Instruction & { readonly frameState: FrameState }) : undefined;
    }
    const { effect } = opInfo(i.op);
    if (effect === 'write' || effect === 'opaque') return undefined;
    if (i.result !== undefined) own.add(i.result);
  }
  return undefined;
}

export class Candidates {
  readonly #graph: Graph;
  readonly #context: PassContext;
  readonly #all = new Map<ValueId, Candidate>();
  readonly #paramOf: (Param | undefined)[] = [];
  /** Parameters and other operands that a value is given to, by value. */
  readonly #targets = new Map<ValueId, ValueId[]>();
  readonly #uses = new Map<ValueId, Instruction[]>();
  /** Locals whose homes hold a value wherever a frame state names it. */
  readonly #slotsInStates = new Map<ValueId, ReadonlySet<number>>();
  readonly #unchangedSince = new Map<Block, ReadonlySet<Instruction>>();
  /** By store into a home: what it held before. */
  readonly #overwritten = new Map<Instruction, ReadonlySet<ValueId>>();

  constructor(graph: Graph, context: PassContext) {
    this.#graph = graph;
    this.#context = context;
    for (const [value, make] of findMakes(graph.fn)) this.#all.set(value, { value, shape: make.shape, make, param: undefined, slot: NONE });
  }

  get size(): number {
    return this.#all.size;
  }

  get(value: ValueId): Candidate | undefined {
    return this.#all.get(value);
  }

  usesOf(value: ValueId): readonly Instruction[] {
    return this.#uses.get(value) ?? [];
  }

  values(): Iterable<Candidate> {
    return this.#all.values();
  }

  /** Leaves those that can do without an object. */
  settle(): void {
    if (this.size === 0) return;
    for (const block of this.#graph.order) block.params.forEach((v, position) => (this.#paramOf[v] = { block, position }));
    this.#addParams();
    this.#collectUses();
    this.#inferSlots();
    for (let changed = true; changed; ) {
      changed = false;
      for (const candidate of [...this.#all.values()]) {
        const { slot } = candidate;
        const holds = this.#holds(candidate);
        if (!holds) this.#all.delete(candidate.value);
        if (!holds || candidate.slot !== slot) changed = true;
      }
    }
    this.#forgetStrangers();
  }

  /** Parameters that only objects from elsewhere have come to. */
  #forgetStrangers(): void {
    const work = [...this.#all.values()].filter(({ make }) => make !== undefined).map(({ value }) => value);
    const reached = new Set(work);
    for (let value = work.pop(); value !== undefined; value = work.pop()) {
      for (const target of this.#targets.get(value) ?? []) {
        if (reached.has(target) || !this.#all.has(target)) continue;
        reached.add(target);
        work.push(target);
      }
    }
    for (const value of [...this.#all.keys()]) if (!reached.has(value)) this.#all.delete(value);
  }

  /** What a parameter is given, by edge. */
  givenTo({ block, position }: Param): { readonly from: Block; readonly args: ValueId[]; readonly value: ValueId }[] {
    return this.#graph.predecessors(block.id).map((p) => ({ from: p.block, args: p.edge.args, value: p.edge.args[position]! }));
  }

  #addParams(): void {
    const work = [...this.#all.values()];
    const reached = new Map<ValueId, ValueId[]>();
    for (const block of this.#graph.order) {
      for (const edge of edgesOf(block.terminator)) {
        const { params } = this.#graph.fn.blocks.get(edge.block)!;
        edge.args.forEach((v, n) => reached.set(v, [...(reached.get(v) ?? []), params[n]!]));
      }
    }
    for (let from = work.pop(); from; from = work.pop()) {
      for (const value of reached.get(from.value) ?? []) {
        if (this.#all.has(value)) continue;
        const candidate = { value, shape: from.shape, make: undefined, param: this.#paramOf[value], slot: NONE };
        this.#all.set(value, candidate);
        work.push(candidate);
      }
    }
  }

  #collectUses(): void {
    const homes = analyzeHomes(this.#graph);
    for (const block of this.#graph.order) new UseWalk(this, block, homes).run();
    for (const block of this.#graph.order) {
      terminatorArgs(block.terminator).forEach((v) => this.#all.delete(v));
      for (const edge of edgesOf(block.terminator)) {
        const { params } = this.#graph.fn.blocks.get(edge.block)!;
        edge.args.forEach((v, n) => {
          if (this.#all.has(v)) this.#targets.set(v, [...(this.#targets.get(v) ?? []), params[n]!]);
        });
      }
    }
  }

  /** A parameter that no state has is of the local that it is passed on for. */
  #inferSlots(): void {
    for (let changed = true; changed; ) {
      changed = false;
      for (const [value, targets] of this.#targets) {
        const slots = this.#slotsInStates.has(value) ? undefined : targets.map((t) => this.#slotsInStates.get(t)).find((s) => s !== undefined);
        if (slots === undefined) continue;
        this.#slotsInStates.set(value, slots);
        changed = true;
      }
    }
  }

  noteUse(value: ValueId, use: Instruction): void {
    if (this.#all.has(value)) this.#uses.set(value, [...(this.#uses.get(value) ?? []), use]);
  }

  noteStore(store: Instruction, overwritten: ReadonlySet<ValueId>): void {
    if (this.#all.has(store.args[0]!)) this.#overwritten.set(store, overwritten);
  }

  /** The home that a sunk object would be stored into is NULL, because the object before it was sunk too. */
  isOverNothing(store: Instruction): boolean {
    for (const v of this.#overwritten.get(store) ?? []) if (this.#all.get(v)?.slot === NONE) return true;
    return false;
  }

  noteState(value: ValueId, homes: HomeState): void {
    if (!this.#all.has(value)) return;
    const known = this.#slotsInStates.get(value) ?? homes.slots.keys();
    this.#slotsInStates.set(value, new Set([...known].filter((slot) => homes.isIn(slot, value))));
  }

  escape(value: ValueId): void {
    this.#all.delete(value);
  }

  #holds(candidate: Candidate): boolean {
    const { value, shape, param } = candidate;
    const targets = this.#targets.get(value) ?? [];
    if (!targets.every((t) => this.#isOf(t, shape))) return false;
    const uses = this.#uses.get(value) ?? [];
    if (!uses.every((i) => isDispensable(i, shape, this.#context.valuesOffsets))) return false;
    if (!param) return true;
    const isMade = this.givenTo(param).every(({ value: v }) => this.#isOf(v, shape) && this.#all.get(v)!.slot === NONE);
    if (isMade) return true;
    candidate.slot = Math.min(...this.#slotsInStates.get(value) ?? []);
    if (candidate.slot === Infinity || !this.#areInHome(candidate)) return false;
    return uses.length === 0 || (uses.every(({ op }) => READS.has(op)) && this.#canReadElsewhere(candidate, uses));
  }

  /** Objects from elsewhere are read where the parameter is given them: that has to be as good as reading them where they are used. */
  #canReadElsewhere({ param }: Candidate, uses: readonly Instruction[]): boolean {
    const { block } = param!;
    const given = this.givenTo(param!);
    if (given.some(({ value }) => (this.#all.get(value)?.slot ?? NONE) !== NONE)) return false;
    const fromElsewhere = given.filter(({ value }) => !this.#all.has(value));
    const state = entryState(block);
    if (state === undefined || this.#context.failed?.(state.origin)) return false;
    return fromElsewhere.every(({ from }) => from.terminator.kind === 'jump') && uses.every((use) => this.#unchanged(block).has(use));
  }

  /** The instructions before which nothing can have changed an object since the block began. */
  #unchanged(start: Block): ReadonlySet<Instruction> {
    const known = this.#unchangedSince.get(start);
    if (known) return known;
    const instructions = new Set<Instruction>();
    const through = new Set<Block>();
    for (const block of this.#graph.order) {
      const isReached = block === start || this.#graph.predecessors(block.id).every((p) => through.has(p.block));
      if (!isReached || (block === this.#graph.order[0] && block !== start)) continue;
      let isSame = true;
      for (const i of block.instructions) {
        if (isSame) instructions.add(i);
        if (invalidates(i).includes('memory') && !NUMBERS.has(i.op)) isSame = false;
      }
      if (isSame) through.add(block);
    }
    this.#unchangedSince.set(start, instructions);
    return instructions;
  }

  #isOf(value: ValueId, shape: Shape): boolean {
    const candidate = this.#all.get(value);
    return candidate !== undefined && isSameShape(candidate.shape, shape);
  }

  /** Parameters like this one that it is given are of the same local. */
  #areInHome({ param, slot }: Candidate): boolean {
    return this.givenTo(param!).every(({ value }) => (this.#all.get(value)?.slot ?? NONE) === NONE || this.#all.get(value)!.slot === slot);
  }
}

const NOTHING: ReadonlySet<ValueId> = new Set();

/** Notes the uses within a block. */
class UseWalk {
  readonly #candidates: Candidates;
  readonly #block: Block;
  readonly #homes: HomeState;

  constructor(candidates: Candidates, block: Block, homes: ReadonlyMap<BlockId, HomeState>) {
    this.#candidates = candidates;
    this.#block = block;
    this.#homes = homes.get(block.id)!.copy();
  }

  run(): void {
    for (const i of this.#block.instructions) {
      for (const v of i.args) this.#candidates.noteUse(v, i);
      if (i.frameState) this.#noteState(i.frameState);
      if (i.op === 'frame.position') this.#mayBeLookedAt();
      if (i.op === 'home.store') this.#candidates.noteStore(i, this.#homes.slots.get(immediateNumber(i)) ?? NOTHING);
      this.#homes.step(i);
    }
    const { terminator } = this.#block;
    if (terminator.kind === 'exit') this.#noteState(terminator.frameState);
  }

  /** The call that follows may look at the locals: their homes have to hold them. */
  #mayBeLookedAt(): void {
    for (const held of this.#homes.slots.values()) for (const v of held) this.#candidates.escape(v);
  }

  #noteState(state: FrameState): void {
    for (let s: FrameState | undefined = state; s; s = s.caller) {
      for (const v of s.locals) if (typeof v === 'number') this.#candidates.noteState(v, this.#homes);
      for (const v of s.stack) if (typeof v === 'number') this.#candidates.noteState(v, this.#homes);
      for (const { value } of s.globals) this.#candidates.escape(value);
    }
  }
}
