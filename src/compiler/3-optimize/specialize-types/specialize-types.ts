/**
 * Chooses a representation for every Python value and replaces the `py` ops by machine-level ops with guards.
 *
 * Reads: `py` IR as built, the profile. Leaves: IR without `py` values and without reference counts: ops that take a
 * reference over (`consumes`) are written as if the value had one to give; `insertReferenceCounts` makes it true.
 */
import { addBlock, edge, exitAt } from '#ir/builder.ts';
import type { Graph} from '#ir/graph.ts';
import { reversePostorder } from '#ir/graph.ts';
import { immediateNumber } from '#ir/immediates.ts';
import type { Block, BlockId, Edge, Fn, FrameState, Instruction, Terminator, ValueId } from '#ir/types.ts';
import { edgesOf } from '#ir/visit.ts';
import { assertExhaustive, defined, invariant } from '#support/invariant.ts';
import { Guesses } from './guesses.ts';
import { TypeInference } from './infer-types.ts';
import { isIntIterator } from './iterator-types.ts';
import { isNumeric } from './kinds.ts';
import type { Profile } from './profile-interface.ts';
import { rewriteForIter } from './rewrite-iteration.ts';
import { rewriteInstruction } from './rewrite-instruction.ts';
import { findHomeClears, rewriteEntry } from './rewrite-locals.ts';
import { Rewriter } from './rewriter.ts';
import { CALLS_OUT_HERE, Uncompilable } from './uncompilable.ts';

export interface SpecializeResult {
  /** Calls of callables that are not known builtins and were not inlined. */
  readonly pythonCalls: number;
  /** Reasons of the places where compiled code ends because an instruction is not compiled. */
  readonly unsupported: string[];
}

/**
 * `opaque`: what may run Python code as far as build knows. Names of modules stay in registers across everything else; so when
 * there are such names, nothing else may call out.
 */
export function specializeTypes(fn: Fn, profile: Profile, opaque?: ReadonlySet<Instruction | Terminator>): SpecializeResult {
  const mayCallOut = opaque !== undefined && storesNames(fn) ? opaque : undefined;
  const inference = new TypeInference(fn, profile, new Guesses(opaque, mayCallOut !== undefined));
  inference.run();
  const rewriter = new Rewriter(fn, inference, mayCallOut);
  const pass = new Specialization(rewriter, inference.graph, findHomeClears(fn, inference.graph, inference));
  pass.run();
  return { pythonCalls: rewriter.pythonCalls, unsupported: pass.unsupported };
}

function storesNames(fn: Fn): boolean {
  return [...fn.blocks.values()].some((b) => b.instructions.some((i) => i.op === 'py.store_global' && immediateNumber(i, 1) >= 0));
}

class Specialization {
  readonly unsupported: string[] = [];
  readonly #rewriter: Rewriter;
  readonly #graph: Graph;
  readonly #clears: ReadonlySet<Instruction>;
  /** First frame state at or after the start of each block, before rewriting. */
  readonly #states = new Map<BlockId, FrameState | undefined>();

  constructor(rewriter: Rewriter, graph: Graph, clears: ReadonlySet<Instruction>) {
    this.#rewriter = rewriter;
    this.#graph = graph;
    this.#clears = clears;
  }

  run(): void {
    const { fn, inference, replacements } = this.#rewriter;
    for (const block of this.#graph.order) this.#states.set(block.id, firstState(fn, block));
    const paramsBefore = new Map(this.#graph.order.map((b) => [b.id, [...b.params]]));
    for (const block of this.#graph.order) this.#rewriteBlock(block);
    for (const params of paramsBefore.values()) for (const p of params) fn.types.set(p, inference.representation(p));
    removeUnreachable(fn);
    for (const block of [...fn.blocks.values()]) {
      for (const e of edgesOf(block.terminator)) this.#convertEdge(e, paramsBefore.get(e.block) ?? []);
    }
    replacements.apply(fn);
    forgetPythonValues(fn);
  }

  #rewriteBlock(block: Block): void {
    const r = this.#rewriter;
    const { instructions, terminator } = block;
    r.startBlock(block);
    this.#takeItem(block);
    try {
      const entry = block.id === r.fn.entry ? instructions.filter((i) => i.op === 'py.local' || i.op === 'py.take_stack') : [];
      rewriteEntry(r, entry);
      for (const instruction of instructions) {
        if (entry.includes(instruction)) continue;
        r.startInstruction(instruction.frameState, instruction.origin, instruction);
        rewriteInstruction(r, instruction, this.#clears);
      }
      this.#rewriteTerminator(terminator);
    } catch (error) {
      if (!(error instanceof Uncompilable)) throw error;
      r.abandonInstruction();
      this.unsupported.push(error.reason);
      r.finishBlock(exitAt(CALLS_OUT_HERE.has(error.reason) ? 'deopt' : 'unsupported', error.reason, r.translate(r.state), r.place));
    }
  }

  /** The item of a loop over objects, wanted as a number, is unboxed by the body's first frame state. */
  #takeItem(block: Block): void {
    const [item] = block.params;
    if (item === undefined || this.#bodies.get(block.id) !== 'obj' || !isNumeric(this.#rewriter.inference.kind(item))) return;
    const object = this.#rewriter.fresh('obj');
    block.params[0] = object;
    this.#rewriter.defer(item, object);
  }

  /** What the loops hand to their bodies, by body; filled when the loop's terminator is rewritten. */
  readonly #bodies = new Map<BlockId, 'int' | 'obj'>();

  #rewriteTerminator(terminator: Terminator): void {
    const r = this.#rewriter;
    switch (terminator.kind) {
      case 'jump':
      case 'branch':
      case 'compare_branch':
        r.finishBlock(terminator);
        return;
      case 'for_iter':
        r.startInstruction(terminator.frameState, terminator.origin, terminator);
        this.#bodies.set(terminator.body.block, isIntIterator(r.inference.iteratorType(terminator)) ? 'int' : 'obj');
        rewriteForIter(r, terminator);
        return;
      case 'exit':
        r.startInstruction(terminator.frameState, terminator.origin);
        r.finishBlock(exitAt(terminator.exitKind, terminator.reason, r.translate(terminator.frameState), terminator));
        return;
      default: assertExhaustive(terminator, 'terminator');
    }
  }

  /** Boxes what a block takes as an object, in a block of its own; locals so boxed go home at once. */
  #convertEdge(e: Edge, paramsBefore: readonly ValueId[]): void {
    const r = this.#rewriter;
    const target = defined(r.fn.blocks.get(e.block), 'target');
    const needed = target.params.flatMap((param, n) => {
      const from = r.typeNow(e.args[n]!), to = r.typeNow(param);
      invariant(from === to || to === 'obj', `edge to block${e.block} passes ${from} for ${to}`);
      return from === to ? [] : [n];
    });
    if (needed.length === 0) return;
    const split = addBlock(r.fn);
    const args = [...e.args];
    r.startBlock(split);
    for (const n of needed) {
      const type = r.typeNow(e.args[n]!);
      invariant(type !== 'obj', 'an object needs no box');
      args[n] = r.box(e.args[n]!, type);
      for (const slot of this.#slotsOf(e.block, paramsBefore[n])) r.emit('home.store', [args[n]], [slot]);
    }
    r.finishBlock({ kind: 'jump', target: edge(e.block, args) });
    e.block = split.id;
    e.args = [];
  }

  /** Locals of the outer frame that a parameter is. */
  #slotsOf(block: BlockId, param: ValueId | undefined): number[] {
    let state = this.#states.get(block);
    while (state?.caller) state = state.caller;
    return (state?.locals ?? []).flatMap((v, slot) => (v === param ? [slot] : []));
  }
}

function firstState(fn: Fn, start: Block): FrameState | undefined {
  const seen = new Set<BlockId>();
  const work = [start];
  for (let block = work.shift(); block; block = work.shift()) {
    if (seen.has(block.id)) continue;
    seen.add(block.id);
    const state = block.instructions.find((i) => i.frameState)?.frameState;
    if (state) return state;
    if ('frameState' in block.terminator) return block.terminator.frameState;
    for (const e of edgesOf(block.terminator)) work.push(defined(fn.blocks.get(e.block), 'successor'));
  }
  return undefined;
}

function removeUnreachable(fn: Fn): void {
  const reachable = new Set(reversePostorder(fn).map((b) => b.id));
  for (const id of [...fn.blocks.keys()]) if (!reachable.has(id)) fn.blocks.delete(id);
}

/** Types of values that exist no more. */
function forgetPythonValues(fn: Fn): void {
  fn.types.deleteIf((_, type) => type === 'py');
}

