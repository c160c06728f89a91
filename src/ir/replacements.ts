/** Values that stand for others, and the rewriting of what uses them. */
import { assertExhaustive } from '#support/invariant.ts';
import { frameStateWith } from './frame-states.ts';
import type { Fn, FrameState, Instruction, Terminator, ValueId } from './types.ts';
import { edgesOf } from './visit.ts';

/** Chains are followed, so replacements may be recorded in any order. */
export class Replacements {
  readonly #map: (ValueId | undefined)[] = [];
  #size = 0;
  /** Grows with each change, so that what was rewritten before is not taken for rewritten. */
  #version = 0;
  /** Frame states are shared by many instructions, and still are after they were rewritten. */
  readonly #states = new Map<FrameState, { state: FrameState; version: number }>();

  set(from: ValueId, to: ValueId): void {
    // No holes: they would make every read of the array look further.
    while (this.#map.length <= from) this.#map.push(undefined);
    if (this.#map[from] === undefined) this.#size++;
    this.#map[from] = to;
    this.#version++;
  }

  get size(): number {
    return this.#size;
  }

  readonly resolve = (value: ValueId): ValueId => {
    let v = value;
    for (let next = this.#map[v]; next !== undefined; next = this.#map[v]) v = next;
    return v;
  };

  /** Rewrites the function; true when there was anything to replace. */
  apply(fn: Fn): boolean {
    if (this.#size === 0) return false;
    for (const block of fn.blocks.values()) {
      for (const instruction of block.instructions) this.rewriteInstruction(instruction);
      this.rewriteTerminator(block.terminator);
    }
    return true;
  }

  rewriteInstruction(instruction: Instruction): void {
    if (this.#size === 0) return;
    this.#rewriteList(instruction.args);
    if (instruction.frameState) instruction.frameState = this.#rewriteState(instruction.frameState);
    if (instruction.ownedAtExit) this.#rewriteList(instruction.ownedAtExit);
  }

  rewriteTerminator(terminator: Terminator): void {
    if (this.#size === 0) return;
    for (const edge of edgesOf(terminator)) this.#rewriteList(edge.args);
    switch (terminator.kind) {
      case 'jump': return;
      case 'branch':
        terminator.condition = this.resolve(terminator.condition);
        return;
      case 'compare_branch':
        this.#rewriteList(terminator.args);
        return;
      case 'for_iter':
        terminator.iterator = this.resolve(terminator.iterator);
        terminator.frameState = this.#rewriteState(terminator.frameState);
        return;
      case 'exit':
        terminator.frameState = this.#rewriteState(terminator.frameState);
        if (terminator.ownedAtExit) this.#rewriteList(terminator.ownedAtExit);
        return;
      default: assertExhaustive(terminator, 'terminator');
    }
  }

  #rewriteList(values: ValueId[]): void {
    for (let i = 0; i < values.length; i++) {
      const value = values[i]!;
      if (this.#map[value] !== undefined) values[i] = this.resolve(value);
    }
  }

  #rewriteState(state: FrameState): FrameState {
    const known = this.#states.get(state);
    if (known === undefined) {
      const made = this.#rewritten(state);
      this.#states.set(state, { state: made, version: this.#version });
      return made;
    }
    if (known.version !== this.#version) {
      known.state = this.#rewritten(known.state);
      known.version = this.#version;
    }
    return known.state;
  }

  /** The state itself when nothing changes. */
  #rewritten(state: FrameState): FrameState {
    const caller = state.caller && this.#rewriteState(state.caller);
    if (caller === state.caller && !this.#isReplaced(state)) return state;
    const { resolve } = this;
    return frameStateWith(state, {
      locals: state.locals.map((v) => (typeof v === 'number' ? resolve(v) : v)),
      stack: state.stack.map((v) => (typeof v === 'number' ? resolve(v) : v)),
      globals: state.globals.map(({ dict, name, value }) => ({ dict, name, value: resolve(value) })),
      caller,
    });
  }

  #isReplaced({ locals, stack, globals }: FrameState): boolean {
    for (const v of locals) if (typeof v === 'number' && this.#map[v] !== undefined) return true;
    for (const v of stack) if (typeof v === 'number' && this.#map[v] !== undefined) return true;
    for (const g of globals) if (this.#map[g.value] !== undefined) return true;
    return false;
  }
}
