/** Unary, binary, comparison, identity, membership. */
import type { BytecodeInstruction } from '#compiler/1-decode/decode.ts';
import type { ValueId } from '#ir/types.ts';
import { Bailout } from '#support/bailout.ts';
import type { Frame, Handler } from './frame.ts';
import { tryBinary, tryCompare, trySpecial } from './operators.ts';
import { appendToLocal } from './text.ts';

/** In the order of CPython's NB_ constants. */
const BINARY = ['add', 'and', 'floordiv', 'lshift', 'matmul', 'mul', 'mod', 'or', 'pow', 'rshift', 'sub', 'truediv', 'xor'];
const NB_SUBSCR = 26;
const COMPARE = ['lt', 'le', 'eq', 'ne', 'gt', 'ge'];
/** In 3.14: the result of the comparison goes through bool(). */
const COMPARE_TO_BOOL = 16;
const COMPARE_SHIFT = 5;

export const arithmetic = (dispatch: Handler): Readonly<Record<string, Handler>> => ({
  UNARY_POSITIVE: (f) => unary(f, 'pos'),
  UNARY_NEGATIVE: (f) => {
    const value = f.pop();
    if (!trySpecial(f, '__neg__', [value], dispatch)) f.push(f.value('py.unary', [value], ['neg']));
  },
  UNARY_NOT: (f) => unary(f, 'not'),
  UNARY_INVERT: (f) => unary(f, 'invert'),
  TO_BOOL: (f) => f.push(f.truth(f.pop())),
  BINARY_OP: (f, i) => binary(f, i, dispatch),
  COMPARE_OP: (f, i) => compare(f, i, dispatch),
  IS_OP: (f, i) => negatable(f, i, 'py.is'),
  CONTAINS_OP: (f, i) => negatable(f, i, 'py.contains'),
});

function unary(f: Frame, operator: string): void {
  f.push(f.value('py.unary', [f.pop()], [operator]));
}

function binary(f: Frame, i: BytecodeInstruction, dispatch: Handler): void {
  const [a, b] = f.popMany(2) as [ValueId, ValueId];
  if (i.arg === NB_SUBSCR) return subscript(f, a, b, dispatch);
  const name = BINARY[i.arg % BINARY.length];
  if (name === undefined || i.arg >= 2 * BINARY.length) throw new Bailout('malformed-code', 'operator of BINARY_OP');
  if (name === 'add' && i.arg >= BINARY.length && appendToLocal(f, i, a, b)) return;
  if (tryBinary(f, name, i.arg >= BINARY.length, [a, b], dispatch)) return;
  f.push(f.value('py.binary', [a, b], [i.arg >= BINARY.length ? `i${name}` : name]));
}

export function subscript(f: Frame, container: ValueId, key: ValueId, dispatch: Handler): void {
  if (!trySpecial(f, '__getitem__', [container, key], dispatch)) f.push(f.value('py.subscript', [container, key]));
}

function compare(f: Frame, i: BytecodeInstruction, dispatch: Handler): void {
  const [a, b] = f.popMany(2) as [ValueId, ValueId];
  const is314 = f.code.layout === 314;
  const operator = COMPARE[is314 ? i.arg >> COMPARE_SHIFT : i.arg];
  if (operator === undefined) throw new Bailout('malformed-code', 'operator of COMPARE_OP');
  const isTruth = is314 && (i.arg & COMPARE_TO_BOOL) !== 0;
  if (!tryCompare(f, operator, isTruth, [a, b], dispatch)) f.push(f.value(isTruth ? 'py.compare_truth' : 'py.compare', [a, b], [operator]));
}

function negatable(f: Frame, i: BytecodeInstruction, op: 'py.is' | 'py.contains'): void {
  const [a, b] = f.popMany(2) as [ValueId, ValueId];
  const isNegated = (i.arg & 1) === 1;
  const made = f.value(op, op === 'py.is' ? [a, b] : [b, a]);
  const result = isNegated ? f.value('py.unary', [made], ['not']) : made;
  const areSame = op === 'py.is' ? f.unit.areSame(a, b) : undefined;
  if (areSame !== undefined) f.unit.decided.set(result, areSame !== isNegated);
  f.push(result);
}
