/** Immediates as numbers: the same integer may arrive as number or bigint, depending on who made the instruction. */
import { invariant } from '#support/invariant.ts';
import type { Immediate, Instruction } from './types.ts';

export function immediateNumber(instruction: Instruction, index = 0): number {
  const value = immediateAt(instruction, index);
  invariant(typeof value !== 'string', 'an immediate is not a number:', instruction.op);
  return Number(value);
}

export function immediateBigInt(instruction: Instruction, index = 0): bigint {
  const value = immediateAt(instruction, index);
  invariant(typeof value !== 'string', 'an immediate is not a number:', instruction.op);
  return BigInt(value);
}

export function immediateAt(instruction: Instruction, index: number): Immediate {
  const value = instruction.immediates[index];
  invariant(value !== undefined, 'an immediate is missing:', instruction.op);
  return value;
}

/** Text that tells apart what differs in meaning: -0 from 0; but not 1 from 1n. */
export function immediateKey(value: Immediate): string {
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value);
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
