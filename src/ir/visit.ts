/** Walking and rewriting the values that instructions, frame states and terminators use. */
import { assertExhaustive } from '#support/invariant.ts';
import { frameStateWith } from './frame-states.ts';
import type { Block, Edge, FrameState, Instruction, Terminator, ValueId } from './types.ts';

type Visit = (value: ValueId) => void;
export type Rewrite = (value: ValueId) => ValueId;

export function forEachFrameStateValue(state: FrameState, visit: Visit): void {
  for (let s: FrameState | undefined = state; s; s = s.caller) {
    for (const v of s.locals) if (typeof v === 'number') visit(v);
    for (const v of s.stack) if (typeof v === 'number') visit(v);
    for (const g of s.globals) visit(g.value);
  }
}

/** Values used by an instruction: operands, frame state, references owned at its exit. */
export function forEachUse(instruction: Instruction, visit: Visit): void {
  for (const v of instruction.args) visit(v);
  forEachExitUse(instruction, visit);
}

/** Values an instruction needs only to leave compiled code. */
export function forEachExitUse(instruction: Instruction, visit: Visit): void {
  if (instruction.frameState) forEachFrameStateValue(instruction.frameState, visit);
  if (instruction.ownedAtExit) for (const v of instruction.ownedAtExit) visit(v);
}

export function edgesOf(terminator: Terminator): Edge[] {
  switch (terminator.kind) {
    case 'jump': return [terminator.target];
    case 'branch':
    case 'compare_branch': return [terminator.then, terminator.else];
    case 'for_iter': return [terminator.body, terminator.exhausted];
    case 'exit': return [];
    default: return assertExhaustive(terminator, 'terminator');
  }
}

/** Operands of a terminator, without edge arguments and frame state. */
export function terminatorArgs(terminator: Terminator): readonly ValueId[] {
  switch (terminator.kind) {
    case 'jump':
    case 'exit': return [];
    case 'branch': return [terminator.condition];
    case 'compare_branch': return terminator.args;
    case 'for_iter': return [terminator.iterator];
    default: return assertExhaustive(terminator, 'terminator');
  }
}

export function forEachTerminatorUse(terminator: Terminator, visit: Visit): void {
  for (const v of terminatorArgs(terminator)) visit(v);
  for (const edge of edgesOf(terminator)) for (const v of edge.args) visit(v);
  if (terminator.kind === 'exit' || terminator.kind === 'for_iter') forEachFrameStateValue(terminator.frameState, visit);
  if (terminator.kind === 'exit' && terminator.ownedAtExit) for (const v of terminator.ownedAtExit) visit(v);
}

export function forEachBlockUse(block: Block, visit: Visit): void {
  for (const instruction of block.instructions) forEachUse(instruction, visit);
  forEachTerminatorUse(block.terminator, visit);
}

/** A copy with every value rewritten; the caller chain included. */
export function mapFrameState(state: FrameState, rewrite: Rewrite): FrameState {
  return frameStateWith(state, {
    locals: state.locals.map((v) => (typeof v === 'number' ? rewrite(v) : v)),
    stack: state.stack.map((v) => (typeof v === 'number' ? rewrite(v) : v)),
    globals: state.globals.map(({ dict, name, value }) => ({ dict, name, value: rewrite(value) })),
    caller: state.caller && mapFrameState(state.caller, rewrite),
  });
}
