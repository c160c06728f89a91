/** Local variables, cells, and moves on the operand stack. */
import type { BytecodeInstruction } from '#compiler/1-decode/decode.ts';
import type { ValueId } from '#ir/types.ts';
import { Bailout } from '#support/bailout.ts';
import { defined } from '#support/invariant.ts';
import type { Frame, Handler } from './frame.ts';
import { lifetimeOf, release } from './lifetimes.ts';
import { mayRunFinaliser } from './may-run-python.ts';
import { typeEnding } from './quiet-ends.ts';
import type { LocalSlot, StackSlot } from './state.ts';

const load: Handler = (f, i) => loadLocal(f, i.arg);
const loadTwo: Handler = (f, i) => {
  if (loadLocal(f, i.arg >> 4)) loadLocal(f, i.arg & 15);
};

export const locals: Readonly<Record<string, Handler>> = {
  LOAD_FAST: load,
  LOAD_FAST_BORROW: load,
  LOAD_FAST_CHECK: load,
  LOAD_CLOSURE: load,
  LOAD_FAST_LOAD_FAST: loadTwo,
  LOAD_FAST_BORROW_LOAD_FAST_BORROW: loadTwo,
  STORE_FAST: (f, i) => storeLocal(f, i.arg),
  STORE_FAST_STORE_FAST: storeTwo,
  STORE_FAST_LOAD_FAST: (f, i) => {
    storeLocal(f, i.arg >> 4);
    loadLocal(f, i.arg & 15);
  },
  LOAD_FAST_AND_CLEAR: loadAndClear,
  DELETE_FAST: (f, i) => {
    if (typeof localAt(f, i.arg) !== 'number') return f.leave('maybe-unbound');
    clearLocal(f, i.arg);
  },
  LOAD_DEREF: loadCell,
  STORE_DEREF: (f, i) => {
    const cell = localAt(f, i.arg);
    if (typeof cell !== 'number') return f.leave('maybe-unbound');
    f.emit('py.store_cell', [cell, f.pop()]);
  },
  POP_TOP: (f) => void f.popSlot(),
  POP_ITER: (f) => void f.popSlot(),
  END_FOR: (f) => void f.popSlot(),
  PUSH_NULL: (f) => f.push('null'),
  COPY: (f, i) => f.push(peek(f, i.arg)),
  SWAP: swap,
};

function loadCell(f: Frame, i: BytecodeInstruction): void {
  const cell = localAt(f, i.arg);
  if (typeof cell !== 'number') return f.leave('maybe-unbound');
  const { unit } = f;
  const value = f.value('py.load_cell', [cell]);
  const object = unit.constant(cell) ?? unit.hints.get(cell)?.object;
  const info = object === undefined ? undefined : unit.object(object);
  if (info?.kind === 'cell' && info.content >= 0) unit.hints.set(value, { type: unit.profile.typeName(info.content), object: info.content });
  f.push(value);
}

function localAt(f: Frame, slot: number): LocalSlot {
  const value = f.state.locals[slot];
  if (value === undefined) throw new Bailout('malformed-code', `local ${slot}`);
  return value;
}

/** False when it left instead. */
function loadLocal(f: Frame, slot: number): boolean {
  const value = localAt(f, slot);
  if (typeof value === 'number') f.push(value);
  else f.leave('maybe-unbound');
  return typeof value === 'number';
}

function storeLocal(f: Frame, slot: number, oldType = typeDying(f, slot)): void {
  const value = f.popSlot();
  if (value === 'null') return clearLocal(f, slot);
  const old = localAt(f, slot);
  if (!f.isInlined) f.emit('py.set_local', [value], [slot], oldType);
  else if (typeof old === 'number' && !f.restart) release(f, old, oldType);
  f.state.locals[slot] = value;
}

/**
 * What dies with the first store may run Python code, and then there is no way out before the second. Mostly it does not die:
 *
 *   for shape, surface in self.objects: …
 */
function storeTwo(f: Frame, i: BytecodeInstruction): void {
  const [first, second] = [i.arg >> 4, i.arg & 15];
  const types = [typeDying(f, first), typeDying(f, second)] as const;
  const dying = localAt(f, first);
  const mayDie = !f.isInlined && mayRunFinaliser(types[0]);
  if (mayDie && (f.unit.keepsNames || typeof dying !== 'number' || f.unit.profile.failed(f.origin).length > 0)) return f.leave('finaliser-between-stores');
  if (mayDie && typeof dying === 'number') f.emit('py.guard_quiet', [dying], [0]);
  storeLocal(f, first, mayDie ? 'NoneType' : types[0]);
  storeLocal(f, second, first === second ? 'NoneType' : types[1]);
}

function clearLocal(f: Frame, slot: number): void {
  const old = localAt(f, slot);
  if (typeof old === 'number') {
    const oldType = typeDying(f, slot);
    if (f.restart) { /* What dies there does so at the end of the instruction. */ } else if (f.isInlined) release(f, old, oldType);
    else f.emit('py.clear_local', [], [slot], oldType);
  } else if (old === 'home') f.emit('py.clear_local', [], [slot]);
  f.state.locals[slot] = 'null';
}

/** Saves a local that a comprehension hides; it may be unbound. */
function loadAndClear(f: Frame, i: BytecodeInstruction): void {
  const value = localAt(f, i.arg);
  if (value === 'home') return f.leave('maybe-unbound');
  f.push(value);
  clearLocal(f, i.arg);
}

function peek(f: Frame, depth: number): StackSlot {
  const value = f.state.stack.at(-depth);
  if (depth < 1 || value === undefined) throw new Bailout('malformed-code', 'operand stack underflow');
  return value;
}

function swap(f: Frame, i: BytecodeInstruction): void {
  const { stack } = f.state;
  const other = peek(f, i.arg);
  stack[stack.length - i.arg] = defined(stack.at(-1), 'top of stack');
  stack[stack.length - 1] = other;
}

/** Locals that an instruction overwrites or deletes. */
export function storedLocals(i: BytecodeInstruction): number[] {
  switch (i.name) {
    case 'STORE_FAST':
    case 'DELETE_FAST':
    case 'LOAD_FAST_AND_CLEAR': return [i.arg];
    case 'STORE_FAST_LOAD_FAST': return [i.arg >> 4];
    case 'STORE_FAST_STORE_FAST': return [i.arg >> 4, i.arg & 15];
    default: return [];
  }
}

/** Type of the value that a local is about to lose; None when somebody else surely keeps it alive, or its end goes unnoticed. */
function typeDying(f: Frame, slot: number): string | undefined {
  const value = localAt(f, slot);
  if (typeof value !== 'number') return undefined;
  if (f.keptAlive.has(slot) || lifetimeOf(f.unit, value) !== undefined || isInTwoPlaces(f, value)) return 'NoneType';
  return typeEnding(f, value, f.unit.typeOf(value), 0);
}

/** Only asked where names are in registers: then the end of each of the others is looked at in its turn. */
const isInTwoPlaces = ({ state, unit }: Frame, value: ValueId): boolean =>
  unit.keepsNames && (state.stack.includes(value) || state.locals.filter((v) => v === value).length > 1);

/** The end of an inlined frame; 3.14 begins with the last local. */
export function releaseLocals(f: Frame): void {
  if (f.restart) return;
  const ending = f.state.locals.flatMap((value, slot) => (typeof value === 'number' ? [[value, typeDying(f, slot)] as const] : []));
  if (f.code.layout === 314) ending.reverse();
  for (const [value, type] of ending) release(f, value, type);
}
