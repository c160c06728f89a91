/** Jumps, branches, returns. */
import type { BytecodeInstruction } from '#compiler/1-decode/decode.ts';
import { isBackwardJump } from '#compiler/1-decode/jumps.ts';
import type { Edge, ValueId } from '#ir/types.ts';
import { defined } from '#support/invariant.ts';
import type { Frame, Handler } from './frame.ts';
import { releaseLocals } from './locals.ts';
import { copyState } from './state.ts';

const nothing: Handler = () => undefined;

export const control: Readonly<Record<string, Handler>> = {
  NOP: nothing,
  NOT_TAKEN: nothing,
  RESUME: nothing,
  JUMP_FORWARD: (f, i) => f.jumpTo(target(i)),
  JUMP_BACKWARD_NO_INTERRUPT: (f, i) => f.jumpTo(target(i)),
  JUMP_BACKWARD: (f, i) => {
    countBackEdge(f, i);
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

/** A boolean: it is always so. */
type Condition = (f: Frame) => ValueId | boolean | undefined;

/** The 3.14 name and the two of 3.11. */
function conditional(suffix: string, condition: Condition, jumpIf: boolean): Record<string, Handler> {
  const handler: Handler = (f, i) => {
    const value = condition(f);
    if (value === undefined) return f.leave('none-not-in-table');
    if (typeof value === 'boolean') return goOn(f, i, value === jumpIf);
    const to = f.endOperands() ? (offset: number) => f.edgeAfterCall(offset) : (offset: number) => f.edgeTo(offset);
    if (isBackwardJump(i.name)) countBackEdge(f, i);
    branch(f, value, jumpIf, to(target(i)), to(i.end));
  };
  return Object.fromEntries(['POP_JUMP', 'POP_JUMP_FORWARD', 'POP_JUMP_BACKWARD'].map((p) => [`${p}_${suffix}`, handler]));
}

const target = (i: BytecodeInstruction): number => defined(i.target, `target of ${i.name}`);

function truthOf(f: Frame): ValueId | boolean {
  const value = f.pop();
  return f.unit.decided.get(value) ?? f.truth(value);
}

/** The other way is not translated. */
function goOn(f: Frame, i: BytecodeInstruction, jumps: boolean): void {
  f.endOperands();
  if (jumps && isBackwardJump(i.name)) countBackEdge(f, i);
  f.jumpTo(jumps ? target(i) : i.end);
}

function isNone(f: Frame): ValueId | undefined {
  const none = f.unit.findObject((o) => o.kind === 'none');
  return none === undefined ? undefined : f.truth(f.value('py.is', [f.pop(), f.constant(none)]));
}

function branch(f: Frame, condition: ValueId, jumpIf: boolean, taken: Edge, fallThrough: Edge): void {
  f.unit.builder.branch(condition, jumpIf ? taken : fallThrough, jumpIf ? fallThrough : taken);
  f.end();
}

function countBackEdge(f: Frame, i: BytecodeInstruction): void {
  if (!f.isInlined && target(i) === f.unit.request.offset) f.unit.backEdges++;
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
  releaseLocals(f);
  f.returns.push({ block: f.unit.builder.block, value, state: copyState(f.state) });
  f.end();
}
