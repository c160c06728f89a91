/** Jumps, branches, returns. */
import type { BytecodeInstruction } from '#compiler/1-decode/decode.ts';
import { isBackwardJump } from '#compiler/1-decode/jumps.ts';
import { edge } from '#ir/builder.ts';
import type { Edge, ValueId } from '#ir/types.ts';
import { defined } from '#support/invariant.ts';
import type { Frame, Handler } from './frame.ts';
import { boundLocals } from './locals.ts';
import { copyState } from './state.ts';

const nothing: Handler = () => undefined;

export const control: Readonly<Record<string, Handler>> = {
  NOP: nothing,
  NOT_TAKEN: nothing,
  RESUME: nothing,
  JUMP_FORWARD: (f, i) => f.jumpTo(target(i)),
  JUMP_BACKWARD_NO_INTERRUPT: (f, i) => f.jumpTo(target(i)),
  JUMP_BACKWARD: (f, i) => {
    safepoint(f, i);
    f.jumpTo(target(i));
  },
  ...conditional('IF_TRUE', (f) => truthOf(f), true),
  ...conditional('IF_FALSE', (f) => truthOf(f), false),
  ...conditional('IF_NONE', isNone, true),
  ...conditional('IF_NOT_NONE', isNone, false),
  JUMP_IF_TRUE_OR_POP: (f, i) => jumpOrPop(f, i, true),
  JUMP_IF_FALSE_OR_POP: (f, i) => jumpOrPop(f, i, false),
  RETURN_VALUE: returnValue,
};

type Condition = (f: Frame) => ValueId | undefined;

/** The 3.14 name and the two of 3.11. */
function conditional(suffix: string, condition: Condition, jumpIf: boolean): Record<string, Handler> {
  const handler: Handler = (f, i) => {
    const value = condition(f);
    if (value === undefined) return f.leave('none-not-in-table');
    branch(f, value, jumpIf, takenEdge(f, i), f.edgeTo(i.end));
  };
  return Object.fromEntries(['POP_JUMP', 'POP_JUMP_FORWARD', 'POP_JUMP_BACKWARD'].map((p) => [`${p}_${suffix}`, handler]));
}

const target = (i: BytecodeInstruction): number => defined(i.target, `target of ${i.name}`);

const truthOf = (f: Frame): ValueId => f.truth(f.pop());

function isNone(f: Frame): ValueId | undefined {
  const none = f.unit.findObject((o) => o.kind === 'none');
  return none === undefined ? undefined : f.truth(f.value('py.is', [f.pop(), f.constant(none)]));
}

function branch(f: Frame, condition: ValueId, jumpIf: boolean, taken: Edge, fallThrough: Edge): void {
  f.unit.builder.branch(condition, jumpIf ? taken : fallThrough, jumpIf ? fallThrough : taken);
  f.end();
}

/** A backward branch gets a block of its own for the safepoint. */
function takenEdge(f: Frame, i: BytecodeInstruction): Edge {
  if (!isBackwardJump(i.name)) return f.edgeTo(target(i));
  const { builder } = f.unit;
  const from = builder.block;
  const block = builder.createBlock();
  builder.switchTo(block);
  safepoint(f, i);
  const { block: header, args } = f.edgeTo(target(i));
  builder.jump(header, args);
  builder.switchTo(from);
  return edge(block.id);
}

/** Where CPython looks at its eval breaker: the interpreter goes on at the loop header. */
function safepoint(f: Frame, i: BytecodeInstruction): void {
  const { unit, origin } = f;
  if (!f.isInlined && target(i) === unit.request.offset) unit.backEdges++;
  unit.builder.emit('py.safepoint', [], { frameState: f.stateAt(target(i)), origin });
}

function jumpOrPop(f: Frame, i: BytecodeInstruction, jumpIf: boolean): void {
  const value = f.pop();
  const condition = f.truth(value);
  const popped = copyState(f.state);
  f.push(value);
  const taken = f.edgeTo(target(i));
  f.state = popped;
  branch(f, condition, jumpIf, taken, f.edgeTo(i.end));
}

function returnValue(f: Frame): void {
  if (!f.isInlined) return f.leave('return', 'return');
  const value = f.pop();
  for (const local of boundLocals(f)) f.emit('py.release', [local], [], f.unit.typeOf(local));
  f.returns.push({ block: f.unit.builder.block, value, state: copyState(f.state) });
  f.end();
}
