/**
 * Cheaper forms of integer ops with a constant operand: immediates, shifts for powers of two, masks for `mod`.
 *
 * Floor division and modulo by a positive power of two are exact as shift and mask for operands of either sign.
 */
import { immediateBigInt, immediateNumber } from '#ir/immediates.ts';
import type { Instruction } from '#ir/types.ts';
import type { Pass } from '../pass.ts';
import { become, constantInt, definitions } from './facts.ts';

export const strengthReduce: Pass = {
  name: 'strength-reduce',
  summary: 'uses immediate forms, shifts and masks for constant operands',
  run: (fn) => {
    const defs = definitions(fn);
    let changed = false;
    for (const block of fn.blocks.values()) {
      for (const i of block.instructions) changed = reduce(i, defs) || changed;
    }
    return changed;
  },
};

type Defs = readonly (Instruction | undefined)[];

const fits32 = (n: bigint): boolean => BigInt.asIntN(32, n) === n;
const fitsMask = (n: bigint): boolean => n >= 0n && n < 1n << 31n;

/** Exponent of a power of two in i64, -1 for everything else. */
function exponent(n: bigint): number {
  return n > 0n && (n & (n - 1n)) === 0n ? n.toString(2).length - 1 : -1;
}

function reduce(i: Instruction, defs: Defs): boolean {
  switch (i.op) {
    case 'int.add':
    case 'int.add_wrap':
    case 'int.sub':
    case 'int.sub_wrap': return reduceAddition(i, defs);
    case 'int.mul': return reduceMultiplication(i, defs);
    case 'int.mul_imm': {
      const shift = exponent(immediateBigInt(i));
      return shift > 0 && replace(i, 'int.shl_imm', shift);
    }
    case 'int.and': {
      const constant = constantOperand(i, defs);
      return constant !== undefined && fitsMask(constant.value) && replace(i, 'int.and_imm', Number(constant.value), constant.other);
    }
    case 'int.and_imm': return joinMasks(i, defs);
    case 'int.shl': return reduceShift(i, defs, 'int.shl_imm', 62n);
    case 'int.shr':
    case 'int.floordiv':
    case 'int.udiv':
    case 'int.mod':
    case 'int.umod': return reduceDivision(i, defs);
    default: return false;
  }
}

function replace(i: Instruction, op: Instruction['op'], immediate: number, operand = 0): true {
  become(i, op, [i.args[operand]!], [immediate]);
  return true;
}

/** The constant operand of a commutative op, and the position of the other one. */
function constantOperand(i: Instruction, defs: Defs): { value: bigint; other: number } | undefined {
  for (const n of [1, 0]) {
    const value = constantInt(defs, i.args[n]!);
    if (value !== undefined) return { value, other: 1 - n };
  }
  return undefined;
}

function reduceAddition(i: Instruction, defs: Defs): boolean {
  const op = i.op.endsWith('_wrap') ? 'int.add_imm_wrap' : 'int.add_imm';
  if (i.op.startsWith('int.sub')) {
    const value = constantInt(defs, i.args[1]!);
    return value !== undefined && fits32(-value) && replace(i, op, Number(-value));
  }
  const constant = constantOperand(i, defs);
  return constant !== undefined && fits32(constant.value) && replace(i, op, Number(constant.value), constant.other);
}

function reduceMultiplication(i: Instruction, defs: Defs): boolean {
  const constant = constantOperand(i, defs);
  if (!constant) return false;
  const shift = exponent(constant.value);
  if (shift > 0 && shift <= 62) return replace(i, 'int.shl_imm', shift, constant.other);
  return fits32(constant.value) && replace(i, 'int.mul_imm', Number(constant.value), constant.other);
}

function reduceShift(i: Instruction, defs: Defs, op: Instruction['op'], max: bigint): boolean {
  const count = constantInt(defs, i.args[1]!);
  return count !== undefined && count >= 0n && count <= max && replace(i, op, Number(count));
}

function reduceDivision(i: Instruction, defs: Defs): boolean {
  const constant = constantInt(defs, i.args[1]!);
  if (constant === undefined) return false;
  if (i.op === 'int.shr') return constant >= 0n && replace(i, 'int.shr_imm', Number(constant > 63n ? 63n : constant));
  const shift = exponent(constant);
  if (shift < 0) return false;
  if (i.op === 'int.floordiv' || i.op === 'int.udiv') return replace(i, 'int.shr_imm', shift);
  return fitsMask(constant - 1n) && replace(i, 'int.and_imm', Number(constant - 1n));
}

/** `(a & m) & n` is `a & (m & n)`. */
function joinMasks(i: Instruction, defs: Defs): boolean {
  const inner = defs[i.args[0]!];
  if (inner?.op !== 'int.and_imm') return false;
  const mask = immediateNumber(i) & immediateNumber(inner);
  become(i, 'int.and_imm', inner.args, [mask]);
  return true;
}
