/**
 * Moves loop-invariant instructions in front of their loop.
 *
 * - Pure ops that are safe on any operands move from anywhere in the loop.
 * - Guards move only from blocks that every iteration executes. In front of the loop they leave to the state in which the
 *   loop is entered: the frame state of the header's first instruction that has one, with parameters replaced by what the
 *   preheader passes. Where the loop would have ended before reaching the guard, that is a spurious but correct exit.
 * - Reads move like guards, and only if nothing in the loop may change what they read.
 * - Nothing that relies on a proved object moves ahead of a check of that object that stays in the loop.
 */
import { addBlock, makeInstruction } from '#ir/builder.ts';
import { Graph, type Loop } from '#ir/graph.ts';
import { opInfo, type OpName } from '#ir/ops.ts';
import type { Block, BlockId, Edge, Fn, FrameState, Instruction, ValueId } from '#ir/types.ts';
import { forEachFrameStateValue, mapFrameState } from '#ir/visit.ts';
import type { Pass, PassContext } from '../pass.ts';
import { definitions, dependence, forgetExit, invalidates, type Dependence } from './facts.ts';

export const hoistLoopInvariants: Pass = {
  name: 'hoist-loop-invariants',
  summary: 'moves loop-invariant computations, guards and reads in front of the loop',
  run: (fn, context) => {
    const made = insertPreheaders(fn, new Graph(fn));
    const graph = new Graph(fn);
    const changed = new Hoister(graph, context).run();
    removeEmptyPreheaders(fn, made);
    return changed;
  },
};

interface Preheader {
  readonly block: Block;
  readonly header: Block;
  readonly entries: readonly Edge[];
}

/** Gives each loop a block that only jumps to its header, unless it has one. */
function insertPreheaders(fn: Fn, graph: Graph): Preheader[] {
  const made: Preheader[] = [];
  for (const { header } of graph.loops()) {
    const outside = graph.predecessors(header.id).filter((p) => !graph.dominates(header.id, p.block.id));
    if (outside.length === 1 && outside[0]!.block.terminator.kind === 'jump') continue;
    const entries = outside.map((p) => p.edge);
    const only = entries.length === 1 ? entries[0] : undefined;
    const block = addBlock(fn, only ? [] : header.params.map((v) => fn.types.get(v)!));
    block.terminator = { kind: 'jump', target: { block: header.id, args: only ? only.args : [...block.params] } };
    if (only) only.args = [];
    for (const edge of entries) edge.block = block.id;
    made.push({ block, header, entries });
  }
  placeBefore(fn, made);
  return made;
}

/** Keeps the text readable: a preheader comes right before its header. */
function placeBefore(fn: Fn, made: readonly Preheader[]): void {
  if (made.length === 0) return;
  const before = new Map(made.map((p) => [p.header.id, p.block]));
  const own = new Set(made.map((p) => p.block));
  const blocks = [...fn.blocks.values()].filter((b) => !own.has(b));
  fn.blocks.clear();
  for (const block of blocks) {
    const preheader = before.get(block.id);
    if (preheader) fn.blocks.set(preheader.id, preheader);
    fn.blocks.set(block.id, block);
  }
}

function removeEmptyPreheaders(fn: Fn, made: readonly Preheader[]): void {
  for (const { block, header, entries } of made) {
    if (block.instructions.length > 0 || block.terminator.kind !== 'jump') continue;
    for (const edge of entries) {
      edge.block = header.id;
      if (entries.length === 1) edge.args = block.terminator.target.args;
    }
    fn.blocks.delete(block.id);
  }
}

/** Pure, but only on operands that something before proves good. */
const RELIES_ON_PROOF: ReadonlySet<OpName> = new Set<OpName>(['unbox.float_known']);
/** A division by zero would trap, and the proof may be a branch: not moved at all. */
const TRAPS: ReadonlySet<OpName> = new Set<OpName>(['int.umod', 'int.udiv']);
/** Look at an object without relying on anything. */
const SAFE_ON_ANY_OBJECT: ReadonlySet<OpName> = new Set<OpName>(['guard.bound', 'guard.is', 'guard.is_not', 'obj.is', 'obj.is_const', 'obj.is_null']);

class Hoister {
  readonly #graph: Graph;
  readonly #context: PassContext;
  /** Defining instruction and block; parameters have only the block. */
  readonly #defs: (Instruction | undefined)[];
  readonly #blockOf: BlockId[] = [];
  #changed = false;

  constructor(graph: Graph, context: PassContext) {
    this.#graph = graph;
    this.#context = context;
    this.#defs = definitions(graph.fn);
    for (const block of graph.order) {
      for (const v of block.params) this.#blockOf[v] = block.id;
      for (const i of block.instructions) if (i.result !== undefined) this.#blockOf[i.result] = block.id;
    }
  }

  /** Inner loops first: what leaves an inner loop may leave the outer one too. */
  run(): boolean {
    for (const loop of [...this.#graph.loops()].reverse()) this.#hoistFrom(loop);
    return this.#changed;
  }

  #hoistFrom(loop: Loop): void {
    const preheader = this.#graph.predecessors(loop.header.id).find((p) => !loop.blocks.has(p.block.id))?.block;
    if (preheader?.terminator.kind !== 'jump') return;
    const writes = this.#writesIn(loop);
    const exit = this.#entryState(loop, preheader.terminator.target.args);
    /** Objects with a check that stays in the loop. */
    const unproved = new Set<ValueId>();
    for (const block of this.#graph.order) {
      if (!loop.blocks.has(block.id)) continue;
      const always = loop.latches.every((latch) => this.#graph.dominates(block.id, latch.id));
      block.instructions = block.instructions.filter((i) => {
        if (this.#mayHoist(i, loop, writes, always, exit, unproved)) {
          this.#move(i, loop, preheader, exit);
          return false;
        }
        if (opInfo(i.op).guard || i.op === 'obj.is_null') for (const v of i.args) unproved.add(v);
        return true;
      });
    }
    for (const block of this.#graph.order) {
      if (loop.blocks.has(block.id)) block.instructions = block.instructions.filter((i) => i.result === undefined || this.#blockOf[i.result] === block.id);
    }
  }

  #mayHoist(i: Instruction, loop: Loop, writes: ReadonlySet<Dependence>, always: boolean, exit: EntryState | undefined, unproved: ReadonlySet<ValueId>): boolean {
    if (i.op.startsWith('const.') || TRAPS.has(i.op) || !i.args.every((v) => this.#isInvariant(v, loop))) return false;
    const depends = dependence(i, this.#context);
    if (depends === 'volatile' || writes.has(depends)) return false;
    const info = opInfo(i.op);
    if (info.guard && !exit) return false;
    if (!info.guard && info.effect === 'pure' && !RELIES_ON_PROOF.has(i.op)) return true;
    return always && (SAFE_ON_ANY_OBJECT.has(i.op) || !i.args.some((v) => unproved.has(v)));
  }

  /** Defined outside, or a constant, which is moved along on demand: by itself it costs less in the loop than in a register. */
  #isInvariant(v: ValueId, loop: Loop): boolean {
    return !loop.blocks.has(this.#blockOf[v]!) || this.#defs[v]?.op.startsWith('const.') === true;
  }

  #move(i: Instruction, loop: Loop, preheader: Block, exit: EntryState | undefined): void {
    this.#bringConstants(i.args, loop, preheader);
    forgetExit(i);
    if (opInfo(i.op).guard && exit) {
      forEachFrameStateValue(exit.frameState, (v) => this.#bringConstants([v], loop, preheader));
      for (const made of exit.instances.splice(0)) {
        this.#bringConstants(made.args, loop, preheader);
        this.#place(made, preheader);
      }
      i.frameState = exit.frameState;
      if (exit.owned) i.ownedAtExit = [...exit.owned];
    }
    this.#place(i, preheader);
    this.#changed = true;
  }

  #bringConstants(values: readonly ValueId[], loop: Loop, preheader: Block): void {
    for (const v of values) {
      const def = this.#defs[v];
      if (def && loop.blocks.has(this.#blockOf[v]!)) this.#place(def, preheader);
    }
  }

  #place(i: Instruction, preheader: Block): void {
    preheader.instructions.push(i);
    if (i.result !== undefined) this.#blockOf[i.result] = preheader.id;
  }

  #writesIn(loop: Loop): ReadonlySet<Dependence> {
    const writes = new Set<Dependence>();
    for (const id of loop.blocks) {
      for (const i of this.#graph.fn.blocks.get(id)!.instructions) for (const kind of invalidates(i)) writes.add(kind);
    }
    return writes;
  }

  /** The state in which the loop is entered from the preheader, if an instruction of the header describes it. */
  #entryState(loop: Loop, given: readonly ValueId[]): EntryState | undefined {
    const at = loop.header.instructions.findIndex((i) => i.frameState);
    const first = loop.header.instructions[at];
    if (!first?.frameState) return undefined;
    for (const i of loop.header.instructions.slice(0, at)) {
      const { effect } = opInfo(i.op);
      if (effect === 'write' || effect === 'opaque') return undefined;
    }
    const passed = new Map(loop.header.params.map((param, n) => [param, given[n]!]));
    const instances: Instruction[] = [];
    const atEntry = (v: ValueId): ValueId => {
      const known = passed.get(v), def = this.#defs[v];
      if (known !== undefined || def?.op !== 'instance.at_exit' || this.#isInvariant(v, loop)) return known ?? v;
      const made = makeInstruction(this.#graph.fn, def.op, def.args.map(atEntry), { immediates: [...def.immediates] });
      instances.push(made);
      passed.set(v, made.result!);
      return made.result!;
    };
    const frameState = mapFrameState(first.frameState, atEntry);
    let known = true;
    const check = (v: ValueId): void => {
      if (!this.#isInvariant(v, loop)) known = false;
    };
    forEachFrameStateValue(frameState, check);
    for (const made of instances) made.args.forEach(check);
    const owned = first.ownedAtExit?.map(atEntry);
    if (owned?.some((v) => !this.#isInvariant(v, loop))) known = false;
    return known ? { frameState, owned, instances } : undefined;
  }
}

interface EntryState {
  readonly frameState: FrameState;
  readonly owned: readonly ValueId[] | undefined;
  /** What exits in front of the loop make; not placed yet. */
  readonly instances: Instruction[];
}
