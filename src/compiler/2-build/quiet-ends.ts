/**
 * Ends of life while module-level names are in registers: nobody may run Python code then.
 *
 *   state = 0            nothing is stored yet
 *   kept = make()        the old list dies, and the finaliser of its item adds 1 to `state`
 *
 * What is about to lose a reference is asked first (py.guard_quiet): where Python code would run, the interpreter does the
 * instruction. Once that has happened, the names are stored before the instruction and loaded again after it.
 */
import type { BytecodeInstruction } from '#compiler/1-decode/decode.ts';
import type { ValueId } from '#ir/types.ts';
import { defined } from '#support/invariant.ts';
import type { Frame } from './frame.ts';
import { isHeldElsewhere, lifetimeOf, NOISY, release } from './lifetimes.ts';
import { ENDS_UNNOTICED, endedNoisily } from './may-run-python.ts';
import type { StackSlot } from './state.ts';

/**
 * For mayRunPython: the type of a value that is about to die, or None where a guard sees to it that its end is quiet.
 * `dropped`: references that go away besides those of compiled code itself.
 */
export function typeEnding(f: Frame, value: ValueId, type: string | undefined, dropped: number): string | undefined {
  if (!f.unit.keepsNames || f.restart || f.unit.placeholders.has(value)) return type;
  if (f.unit.constant(value) !== undefined) return 'NoneType';
  if (endedNoisily({ failures: f.unit.profile.failed(f.origin) })) return NOISY;
  f.emit('py.guard_quiet', [value], [dropped]);
  return 'NoneType';
}

/**
 * Operands that nothing holds once the instruction is through with them: places on the stack, 1 for the top.
 * `unpack`, what builds a container and what stores pass references on. Arithmetic guards for numbers and texts where it does not call.
 */
const ENDING: Readonly<Record<string, readonly number[]>> = {
  POP_TOP: [1], POP_ITER: [1], END_FOR: [1], LOAD_ATTR: [1], STORE_ATTR: [1], BINARY_SUBSCR: [1, 2], STORE_SUBSCR: [1, 2],
  BINARY_SLICE: [3], STORE_SLICE: [3], CONTAINS_OP: [1, 2], IS_OP: [1, 2], MATCH_CLASS: [3],
};
/** By form: where a method in Python was called instead, these end too. */
const ENDING_AFTER_CALL: Readonly<Record<string, readonly number[]>> = { STORE_ATTR: [1, 2], STORE_SUBSCR: [1, 2, 3], DELETE_SUBSCR: [1, 2] };
const SUBSCRIPT = 26;

/** They die only where they were known to be containers. */
const ARITHMETIC = /^(BINARY_OP|COMPARE_OP|UNARY_|TO_BOOL|POP_JUMP)/;

function placesEnding(f: Frame, i: BytecodeInstruction): readonly number[] {
  // 3.14: the receiver of a method stays.
  if (i.name === 'LOAD_ATTR' && f.code.layout === 314 && (i.arg & 1) === 1) return [];
  if (ARITHMETIC.test(i.name)) return i.name.startsWith('BINARY') || i.name.startsWith('COMPARE') ? [1, 2] : [1];
  return ENDING[i.name] ?? [];
}

/**
 * Operands, bottom first, in the order in which the interpreter lets them go. 3.11 begins with the first. So do operators of 3.14;
 * everything else there begins with the last, as do the arguments of `__getitem__`, which is a frame of its own.
 */
export function inOrderOfEnds<T>(f: Frame, operands: readonly T[]): readonly T[] {
  const { name, form } = f.code.at(f.origin.offset)!;
  const isFirstFirst = f.code.layout === 311 || (name === 'BINARY_OP' && form !== 'BINARY_OP_SUBSCR_GETITEM');
  return isFirstFirst ? operands : [...operands].reverse();
}

/** An operand that dies with the instruction, and may run Python code when it does. */
export interface Ending {
  readonly value: ValueId;
  /** Nothing else sees to it. The end of others is part of the instruction where that runs Python code. */
  readonly isLoose: boolean;
}

/** Guards for what dies with the instruction about to be translated. What may end noisily all the same is returned, for `releaseEnding`. */
export function guardOperands(f: Frame, i: BytecodeInstruction): readonly Ending[] {
  if (f.restart) return [];
  const isArithmetic = ARITHMETIC.test(i.name) && !(i.name === 'BINARY_OP' && i.arg === SUBSCRIPT);
  const places = placesEnding(f, i);
  const endings: Ending[] = [];
  for (const place of ENDING_AFTER_CALL[i.form] ?? places) {
    const value: StackSlot | undefined = f.state.stack.at(-place);
    if (typeof value !== 'number' || !endsHere(f, value)) continue;
    const type = f.unit.typeOf(value);
    // What is probably known of a type is relied upon only where nothing is in registers.
    if (!f.unit.keepsNames && ENDS_UNNOTICED.has(type ?? '')) continue;
    const isPartOfIt = !places.includes(place) || (isArithmetic && type === undefined);
    if (isPartOfIt || typeEnding(f, value, f.unit.keepsNames ? type : NOISY, 0) === NOISY) endings.unshift({ value, isLoose: !isPartOfIt });
  }
  return inOrderOfEnds(f, endings);
}

/**
 * The ends of operands. Where the instruction runs Python code, which without names in registers may turn out later, compiled code would
 * end what is left in any order.
 *
 *   Loud(1) < Loud(2)     3.14 calls Loud.__del__ of 2 first
 */
export function releaseEnding(f: Frame, endings: readonly Ending[], hasCalled: boolean): void {
  const isOrdered = endings.length > 1 && (hasCalled || !f.unit.keepsNames);
  releaseAfter(f, endings.filter((e) => e.isLoose || isOrdered).map((e) => e.value));
}

const endsHere = (f: Frame, value: ValueId): boolean => lifetimeOf(f.unit, value) === undefined && !isHeldElsewhere(f, value);

/** What the instruction has let die, where that cannot be asked before or has been seen to run Python code. */
export function releaseAfter(f: Frame, values: readonly ValueId[]): void {
  for (const value of values) release(f, value, f.unit.keepsNames ? NOISY : undefined);
}

/** They take what may be of any type; the others guard for numbers and texts. */
const TAKES_ANYTHING = new Set(['len', 'isinstance', 'id']);
const KEEPS_ITS_ARGUMENT = new Set(['append', 'insert']);

/** Arguments of a builtin that runs no Python code itself. */
export function releaseArguments(f: Frame, callee: ValueId, args: readonly ValueId[]): void {
  const { unit } = f;
  if (f.restart) return;
  const info = unit.object(defined(unit.constant(callee), 'a known callee'));
  const isOpen = info.kind === 'method_descriptor' || (info.kind === 'builtin' && TAKES_ANYTHING.has(info.name));
  const losing = info.kind === 'method_descriptor' && KEEPS_ITS_ARGUMENT.has(info.name) ? args.slice(0, 1) : args;
  releaseAfter(f, [...new Set(inOrderOfEnds(f, losing))].filter((v) => {
    const type = unit.typeOf(v);
    return endsHere(f, v) && !ENDS_UNNOTICED.has(type ?? '') && (isOpen || type !== undefined);
  }));
}
