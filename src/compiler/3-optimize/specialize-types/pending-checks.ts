/**
 * Checks that wait for a frame state after what they look for: Python code that ran in between may have begun to trace, or
 * have written the locals of the running frame.
 *
 *   x = f(a)          after the call: check.tracing, which sees writes too
 *   pairs[i] = None   the old item dies and may have a finaliser: check.written
 *
 * The interpreter repeats nothing: a check belongs to the first state of a later instruction, never to one that would run the
 * call again.
 */
import type { BlockId, Edge, FrameState, Terminator, ValueId } from '#ir/types.ts';
import { edgesOf } from '#ir/visit.ts';
import { DIES_ALONE } from './builtins.ts';
import type { TypeInference } from './infer-types.ts';

export type CheckOp = 'check.tracing' | 'check.written';

/** The values that exist before an instruction: how control came to a block. */
type Alive = ReadonlySet<ValueId>;

export class PendingChecks {
  readonly #inference: TypeInference;
  /** Before 3.13 nobody can write the locals of a frame. */
  readonly #areLocalsWritable: boolean;
  /** Python code has run since; from which state. */
  #called: FrameState | 'edge' | undefined;
  /** What a container, attribute or name held has been released; from which state. */
  #released: FrameState | undefined;
  /** The last state in this block. */
  #last: FrameState | undefined;
  /** What existed at the ends of blocks that lead here, as far as they have been rewritten. */
  #arrivals: readonly Alive[] = [];
  readonly #alive = new Map<FrameState, Alive>();
  readonly #edges = new Map<BlockId, Alive[]>();
  readonly #calledBefore = new Set<BlockId>();

  constructor(inference: TypeInference) {
    this.#inference = inference;
    this.#areLocalsWritable = inference.profile.layout !== 311;
  }

  startBlock(block: BlockId): void {
    this.#called = this.#calledBefore.has(block) ? 'edge' : undefined;
    this.#released = undefined;
    this.#last = undefined;
    this.#arrivals = this.#edges.get(block) ?? [];
  }

  /** `state`: of the instruction that calls. */
  afterCall(state: FrameState): void {
    this.#called = state;
  }

  /** `state`: of the instruction that puts something else into its place. */
  afterRelease(state: FrameState): void {
    this.#released = state;
  }

  /** For a call that ends its block. */
  afterCallOnEdges(edges: readonly Edge[]): void {
    for (const e of edges) this.#calledBefore.add(e.block);
  }

  /** The check to make where this is the state. */
  arrive(state: FrameState): CheckOp | undefined {
    const before = this.#last ? [this.#aliveIn(this.#last)] : this.#arrivals;
    this.#last = state;
    if (this.#called !== undefined && (this.#called === 'edge' || !isSamePlace(this.#called, state))) {
      this.#called = this.#released = undefined;
      return 'check.tracing';
    }
    if (!this.#areLocalsWritable) return undefined;
    if (this.#released !== undefined && !isSamePlace(this.#released, state)) {
      this.#released = undefined;
      return 'check.written';
    }
    const now = this.#aliveIn(state);
    return before.some((values) => [...values].some((v) => !now.has(v) && this.#mayRunFinaliser(v))) ? 'check.written' : undefined;
  }

  leave(terminator: Terminator): void {
    if (!this.#areLocalsWritable) return;
    const alive = this.#last ? [this.#aliveIn(this.#last)] : this.#arrivals;
    for (const e of edgesOf(terminator)) {
      const known = this.#edges.get(e.block) ?? [];
      // What is handed over goes on under another name.
      known.push(...alive.map((values) => new Set([...values].filter((v) => !e.args.includes(v)))));
      this.#edges.set(e.block, known);
    }
  }

  #aliveIn(state: FrameState): Alive {
    let values = this.#alive.get(state);
    if (values === undefined) {
      values = new Set(valuesOf(state));
      this.#alive.set(state, values);
    }
    return values;
  }

  #mayRunFinaliser(value: ValueId): boolean {
    const inference = this.#inference;
    if (inference.representation(value) !== 'obj' || inference.kind(value) === 'null' || inference.constantObject(value) !== undefined) return false;
    return !DIES_ALONE.has(inference.typeOf(value) ?? '');
  }
}

function valuesOf(state: FrameState): ValueId[] {
  const own = [...state.locals, ...state.stack].filter((v) => typeof v === 'number');
  return state.caller ? [...own, ...valuesOf(state.caller)] : own;
}

function isSamePlace(a: FrameState, b: FrameState): boolean {
  if (a.code !== b.code || a.offset !== b.offset) return false;
  return a.caller && b.caller ? isSamePlace(a.caller, b.caller) : a.caller === b.caller;
}
