/** Locals of the outer frame: loads at entry, stores into their homes. */
import { emptyFrameState } from '#ir/frame-states.ts';
import { immediateNumber } from '#ir/immediates.ts';
import type { Graph } from '#ir/graph.ts';
import type { Block, Fn, FrameState, Instruction, ValueId } from '#ir/types.ts';
import { PLAIN_TYPES } from './builtins.ts';
import type { TypeInference } from './infer-types.ts';
import { invariant } from '#support/invariant.ts';
import { isNumeric } from './kinds.ts';
import type { Profile } from './profile-interface.ts';
import type { Rewriter } from './rewriter.ts';

/** Loads everything the unit takes over, then guards: an exit of a guard finds all of it. */
export function rewriteEntry(r: Rewriter, instructions: readonly Instruction[]): void {
  const objects = instructions.map((i) => {
    r.startInstruction(undefined, i.origin);
    const object = r.value(i.op === 'py.local' ? 'home.load' : 'stack.take', [], [...i.immediates]);
    if (isNumeric(r.inference.kind(i.result!))) r.defer(i.result!, object);
    else r.define(i.result, object);
    return object;
  });
  const first = instructions[0];
  if (!first) return;
  const state = entryState(r.profile, instructions);
  // Before any of them is unboxed: a local that had a number when the unit was asked for may be unbound in a later call.
  instructions.forEach((i, n) => {
    if (i.op === 'py.local' && isNumeric(r.inference.kind(i.result!))) r.emit('guard.bound', [objects[n]!], [], r.translate(state));
  });
  r.startInstruction(state, first.origin);
  instructions.forEach((i, n) => {
    if (i.op !== 'py.local' || isNumeric(r.inference.kind(i.result!))) return;
    const object = objects[n]!;
    if (r.inference.kind(i.result!) === 'null') r.emit('guard.true', [r.value('obj.is_null', [object])]);
    // The reference counts of a local need to know that there is one.
    else if (r.profile.initialType('local', immediateNumber(i)) !== undefined) r.emit('guard.bound', [object]);
  });
}

/** At entry every local is where the frame has it. */
function entryState(profile: Profile, taken: readonly Instruction[]): FrameState {
  const values = new Map(taken.filter((i) => i.op === 'py.take_stack').map((i) => [immediateNumber(i), i.result!]));
  const stack: (ValueId | 'null')[] = [];
  for (let n = 0; values.has(n) || profile.initialType('stack', n) === 'NULL'; n++) stack.push(values.get(n) ?? 'null');
  invariant(stack.filter((v) => v !== 'null').length === values.size, 'the whole operand stack is taken over');
  return { ...emptyFrameState(), offset: profile.entryOffset, stack };
}

export function rewriteSetLocal(r: Rewriter, i: Instruction, clears: ReadonlySet<Instruction>): void {
  const slot = immediateNumber(i);
  const value = i.args[0]!;
  r.forgetHome(slot);
  if (r.representation(value) === 'obj') r.emit('home.store', [r.obj(value)], [slot]);
  else if (clears.has(i)) r.emit('home.clear', [], [slot]);
}

export function rewriteClearLocal(r: Rewriter, i: Instruction): void {
  r.forgetHome(immediateNumber(i));
  r.emit('home.clear', [], [immediateNumber(i)]);
}

/**
 * The set_local instructions of unboxed values over a home that may hold an object whose end of life can be observed:
 * those clear the home, so that the object dies when Python says so.
 */
export function findHomeClears(fn: Fn, graph: Graph, inference: TypeInference): Set<Instruction> {
  const slots = new Set<number>();
  for (const block of fn.blocks.values()) {
    for (const i of block.instructions) if (i.op === 'py.set_local') slots.add(immediateNumber(i));
  }
  const clears = new Set<Instruction>();
  const out = new Map<Block, Set<number>>();
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of graph.order) {
      const objects = block.id === fn.entry ? new Set(slots) : new Set<number>();
      for (const p of graph.predecessors(block.id)) for (const slot of out.get(p.block) ?? []) objects.add(slot);
      for (const i of block.instructions) stepHomes(i, objects, inference, clears);
      if (out.get(block)?.size !== objects.size) changed = true;
      out.set(block, objects);
    }
  }
  return clears;
}

/** `objects`: slots whose home may hold something else than a number, None or str. It only grows from round to round. */
function stepHomes(i: Instruction, objects: Set<number>, inference: TypeInference, clears: Set<Instruction>): void {
  if (i.op !== 'py.local' && i.op !== 'py.set_local' && i.op !== 'py.clear_local') return;
  const slot = immediateNumber(i);
  const value = i.op === 'py.local' ? i.result : i.args[0];
  if (value === undefined) {
    objects.delete(slot);
    return;
  }
  const kind = inference.kind(value);
  const plain = isNumeric(kind) || kind === 'null' || PLAIN_TYPES.has(inference.typeOf(value) ?? '');
  if (i.op === 'py.set_local' && isNumeric(kind) && objects.has(slot)) clears.add(i);
  if (plain) objects.delete(slot);
  else if (i.op === 'py.set_local') objects.add(slot);
}
