/** Intervals of i64 and what ops do to them. Bounds are exact bigints; results are clipped to i64, as a guard or its proof does. */
import { immediateBigInt } from '#ir/immediates.ts';
import type { Instruction } from '#ir/types.ts';
import { floorDivide } from '#ir/interpret-ops.ts';

export interface Range {
  readonly lo: bigint;
  readonly hi: bigint;
}

export const MIN = -(1n << 63n);
export const MAX = (1n << 63n) - 1n;
export const FULL: Range = { lo: MIN, hi: MAX };
/** Sequences of pointers cannot be longer. */
const LENGTH: Range = { lo: 0n, hi: 1n << 60n };

const min = (a: bigint, b: bigint): bigint => (b < a ? b : a);
const max = (a: bigint, b: bigint): bigint => (b > a ? b : a);

export const contains = (outer: Range, inner: Range): boolean => outer.lo <= inner.lo && inner.hi <= outer.hi;
export const fitsWord = (r: Range): boolean => contains(FULL, r);
export const join = (a: Range, b: Range): Range => ({ lo: min(a.lo, b.lo), hi: max(a.hi, b.hi) });
export const single = (n: bigint): Range => ({ lo: n, hi: n });

/** The part both share, or `a` when there is none: then the code is not reached. */
export function intersect(a: Range, b: Range): Range {
  const r = { lo: max(a.lo, b.lo), hi: min(a.hi, b.hi) };
  return r.lo <= r.hi ? r : a;
}

/** Smallest interval that holds these. */
const hull = (a: bigint, b: bigint, c = a, d = b): Range => ({ lo: min(min(a, b), min(c, d)), hi: max(max(a, b), max(c, d)) });

/** Result before it is clipped to a word: outside i64 the checked op may leave. Undefined for other ops. */
export function exactRange(i: Instruction, args: readonly Range[]): Range | undefined {
  const [a = FULL, b = FULL] = args;
  switch (i.op) {
    case 'int.add':
    case 'int.add_wrap': return { lo: a.lo + b.lo, hi: a.hi + b.hi };
    case 'int.sub':
    case 'int.sub_wrap': return { lo: a.lo - b.hi, hi: a.hi - b.lo };
    case 'int.mul':
    case 'int.mul_wrap': return hull(a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi);
    case 'int.add_imm':
    case 'int.add_imm_wrap': return { lo: a.lo + immediateBigInt(i), hi: a.hi + immediateBigInt(i) };
    case 'int.mul_imm': return hull(a.lo * immediateBigInt(i), a.hi * immediateBigInt(i));
    case 'int.shl_imm': return { lo: a.lo << immediateBigInt(i), hi: a.hi << immediateBigInt(i) };
    case 'int.neg': return { lo: -a.hi, hi: -a.lo };
    case 'int.abs': return { lo: a.lo >= 0n ? a.lo : a.hi <= 0n ? -a.hi : 0n, hi: max(a.hi, -a.lo) };
    default: return undefined;
  }
}

/** Range of an `int` result. */
export function resultRange(i: Instruction, args: readonly Range[]): Range {
  const exact = exactRange(i, args);
  if (exact) return fitsWord(exact) ? exact : i.op.endsWith('_wrap') ? FULL : intersect(FULL, exact);
  return divisionRange(i, args) ?? bitRange(i, args) ?? otherRange(i, args);
}

function divisionRange(i: Instruction, [a = FULL, b = FULL]: readonly Range[]): Range | undefined {
  switch (i.op) {
    case 'int.mod':
    case 'int.umod':
      if (b.lo > 0n) return a.lo >= 0n && a.hi < b.lo ? a : { lo: 0n, hi: b.hi - 1n };
      return b.hi < 0n ? { lo: b.lo + 1n, hi: 0n } : FULL;
    case 'int.floordiv':
    case 'int.udiv':
      if (b.lo <= 0n) return FULL;
      return hull(floorDivide(a.lo, b.lo), floorDivide(a.lo, b.hi), floorDivide(a.hi, b.lo), floorDivide(a.hi, b.hi));
    default: return undefined;
  }
}

function bitRange(i: Instruction, [a = FULL, b = FULL]: readonly Range[]): Range | undefined {
  switch (i.op) {
    case 'int.and': return andRange(a, b);
    case 'int.and_imm': return { lo: 0n, hi: immediateBigInt(i) };
    case 'int.or':
    case 'int.xor':
      return a.lo >= 0n && b.lo >= 0n ? { lo: 0n, hi: (1n << BigInt(max(a.hi, b.hi).toString(2).length)) - 1n } : FULL;
    case 'int.invert': return { lo: ~a.hi, hi: ~a.lo };
    case 'int.shr':
      return b.lo === b.hi && b.lo >= 0n ? shiftRight(a, min(b.lo, 63n)) : { lo: min(a.lo, 0n), hi: max(a.hi, -1n) };
    case 'int.shr_imm': return shiftRight(a, immediateBigInt(i));
    case 'int.shl':
      return b.lo === b.hi && b.lo >= 0n && b.lo <= 62n ? intersect(FULL, { lo: a.lo << b.lo, hi: a.hi << b.lo }) : FULL;
    case 'int.ushr_wrap': return a.lo >= 0n ? { lo: 0n, hi: a.hi } : FULL;
    default: return undefined;
  }
}

const shiftRight = (a: Range, count: bigint): Range => ({ lo: a.lo >> count, hi: a.hi >> count });

/**
 * A constant mask alone bounds the result. The other operand's range is left out of it on purpose: its overflow check may be
 * removed because the mask drops the bits that matter.
 */
function andRange(a: Range, b: Range): Range {
  if (b.lo === b.hi && b.lo >= 0n) return { lo: 0n, hi: b.lo };
  if (a.lo === a.hi && a.lo >= 0n) return { lo: 0n, hi: a.lo };
  if (a.lo >= 0n && b.lo >= 0n) return { lo: 0n, hi: min(a.hi, b.hi) };
  if (a.lo >= 0n) return { lo: 0n, hi: a.hi };
  return b.lo >= 0n ? { lo: 0n, hi: b.hi } : FULL;
}

function otherRange(i: Instruction, [a = FULL, b = FULL]: readonly Range[]): Range {
  switch (i.op) {
    case 'const.int': return single(immediateBigInt(i));
    case 'int.min': return { lo: min(a.lo, b.lo), hi: min(a.hi, b.hi) };
    case 'int.max': return { lo: max(a.lo, b.lo), hi: max(a.hi, b.hi) };
    case 'int.from_bool': return { lo: 0n, hi: 1n };
    case 'list.length':
    case 'tuple.length':
    case 'dict.length': return LENGTH;
    case 'bytes.length':
    case 'bytearray.length':
    case 'str.length': return { lo: 0n, hi: MAX };
    case 'bytes.item':
    case 'bytearray.item': return { lo: 0n, hi: 255n };
    default: return FULL;
  }
}

/** What both operands can be when the comparison holds. */
export function refine(operator: string, a: Range, b: Range): [Range, Range] {
  switch (operator) {
    case 'lt': return [intersect(a, { lo: MIN, hi: b.hi - 1n }), intersect(b, { lo: a.lo + 1n, hi: MAX })];
    case 'le': return [intersect(a, { lo: MIN, hi: b.hi }), intersect(b, { lo: a.lo, hi: MAX })];
    case 'eq': return [intersect(a, b), intersect(b, a)];
    case 'ne': return [without(a, b), without(b, a)];
    case 'gt': return swap(refine('lt', b, a));
    case 'ge': return swap(refine('le', b, a));
    default: return [a, b];
  }
}

const swap = ([a, b]: [Range, Range]): [Range, Range] => [b, a];

function without(a: Range, b: Range): Range {
  if (b.lo !== b.hi || a.lo === a.hi) return a;
  if (a.lo === b.lo) return { lo: a.lo + 1n, hi: a.hi };
  return a.hi === b.lo ? { lo: a.lo, hi: a.hi - 1n } : a;
}

/** True or false when the ranges decide the comparison. */
export function decide(operator: string, a: Range, b: Range): boolean | undefined {
  switch (operator) {
    case 'lt': return a.hi < b.lo ? true : a.lo >= b.hi ? false : undefined;
    case 'le': return a.hi <= b.lo ? true : a.lo > b.hi ? false : undefined;
    case 'gt': return decide('lt', b, a);
    case 'ge': return decide('le', b, a);
    case 'eq': return a.hi < b.lo || b.hi < a.lo ? false : a.lo === a.hi && b.lo === b.hi ? true : undefined;
    case 'ne': {
      const equal = decide('eq', a, b);
      return equal === undefined ? undefined : !equal;
    }
    default: return undefined;
  }
}

export const INVERSE: Readonly<Record<string, string>> = { lt: 'ge', le: 'gt', eq: 'ne', ne: 'eq', gt: 'le', ge: 'lt' };
