/** Checked integer ops and their counterparts modulo 2^64. */
import { makeInstruction } from '#ir/builder.ts';
import { immediateBigInt } from '#ir/immediates.ts';
import type { OpName } from '#ir/ops.ts';
import type { Fn, Instruction, ValueId } from '#ir/types.ts';
import { become } from './facts.ts';

const WRAPPED: Partial<Record<OpName, OpName>> = {
  'int.add': 'int.add_wrap', 'int.sub': 'int.sub_wrap', 'int.mul': 'int.mul_wrap', 'int.add_imm': 'int.add_imm_wrap',
  'int.mul_imm': 'int.mul_wrap', 'int.shl_imm': 'int.mul_wrap', 'int.neg': 'int.sub_wrap',
};

/** The op modulo 2^64 in place of a checked one; constants it needs go to `before`. */
export function becomeWrapped(fn: Fn, i: Instruction, before: Instruction[]): boolean {
  const op = WRAPPED[i.op];
  if (!op) return false;
  const constant = (value: bigint): ValueId => {
    const made = makeInstruction(fn, 'const.int', [], { immediates: [value], origin: i.origin });
    before.push(made);
    return made.result!;
  };
  const [a] = i.args as [ValueId];
  switch (i.op) {
    case 'int.mul_imm': become(i, op, [a, constant(immediateBigInt(i))]); break;
    case 'int.shl_imm': become(i, op, [a, constant(1n << immediateBigInt(i))]); break;
    case 'int.neg': become(i, op, [constant(0n), a]); break;
    default: become(i, op, i.args, i.immediates);
  }
  return true;
}
