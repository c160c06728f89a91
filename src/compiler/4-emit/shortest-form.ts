/**
 * Shorter code for an immediate that is known to be small. Before and after, on AArch64:
 *
 *     movz w8, #0, lsl 16; movk w8, #1; adds x8, x23, w8, sxtw        adds x8, x23, #1
 *     cmp x22, #0; b.eq L                                              cbz x22, L
 *     movz w8, #0xffff, lsl 16; movk w8, #0xffff; sxtw x22, w8         mov x22, #-1
 */
import type { StencilFamily, StencilTable } from '#stencils/table.ts';
import { encodeFloat8, encodeLogical, integerForm } from './aarch64-constants.ts';
import { immediateOperand, NO_OPERANDS, type FamilyUse } from './stencil-operands.ts';

export interface Form {
  readonly family: StencilFamily;
  readonly operands: FamilyUse['operands'];
}

/** What the field of an addition, subtraction or comparison holds. */
const MAX_IMM12 = 0xfff;
const MAX_IMM16 = 0xffff;

/** x + -n is x - n, and overflows when that does. */
const negated: ReadonlyMap<string, string> = new Map([
  ['int.add_imm', 'int.sub_imm'], ['int.sub_imm', 'int.add_imm'],
  ['int.add_imm_wrap', 'int.sub_imm_wrap'], ['int.sub_imm_wrap', 'int.add_imm_wrap'],
]);

const againstZero: ReadonlyMap<string, string> = new Map([['branch_imm.int.eq', 'branch.false'], ['branch_imm.int.ne', 'branch.true']]);

/** Undefined: the table has no shorter form for this value. */
export function shortestForm(table: StencilTable, { family, operands }: FamilyUse): Form | undefined {
  const [literal] = operands.literals;
  if (literal !== undefined) return literal.kind === 'bits' ? literalForm(table, family, literal.bits) : undefined;
  const [value] = operands.immediates;
  if (value === undefined || operands.immediates.length > 1) return undefined;
  if (family === 'const.int32') return constantForm(table, value);
  if (family === 'int.and_imm') return logicalImmediate(table, 'int.and', BigInt(value));
  if (value === 0 && againstZero.has(family)) return formOf(table, againstZero.get(family));
  if (value >= 0) return value <= MAX_IMM12 ? formOf(table, `${family}.small`, [value]) : undefined;
  const opposite = negated.get(family);
  return opposite !== undefined && value >= -MAX_IMM12 ? formOf(table, `${opposite}.small`, [-value]) : undefined;
}

function formOf(table: StencilTable, name: string | undefined, immediates?: readonly number[]): Form | undefined {
  const family = name === undefined ? undefined : table.family(name);
  return family && { family, operands: immediates === undefined ? NO_OPERANDS : { ...NO_OPERANDS, immediates } };
}

const logicalOps: ReadonlySet<string> = new Set(['int.and', 'int.or', 'int.xor']);

/** Whether an immediate may take the place of the second operand. */
export const hasLogicalForm = (table: StencilTable, op: string): boolean => logicalOps.has(op) && table.family(`${op}.logical`) !== undefined;

/** `op` with a logical immediate instead of its second operand. */
export function logicalImmediate(table: StencilTable, op: string, value: bigint): Form | undefined {
  const family = table.family(`${op}.logical`), field = family && encodeLogical(value);
  return family && field !== undefined ? { family, operands: immediateOperand(field) } : undefined;
}

function constantForm(table: StencilTable, value: number): Form | undefined {
  if (value === 0) return formOf(table, 'const.zero');
  if (value > 0 && value <= MAX_IMM16) return formOf(table, 'const.small', [value]);
  return (value < 0 && ~value <= MAX_IMM16 ? formOf(table, 'const.inverted', [~value]) : undefined) ?? instructionsFor(table, BigInt(value));
}

function literalForm(table: StencilTable, family: string, bits: bigint): Form | undefined {
  if (family === 'const.int') return instructionsFor(table, bits);
  const field = family === 'const.float' ? encodeFloat8(bits) : undefined;
  return field === undefined ? undefined : formOf(table, 'const.float_imm', [field]);
}

function instructionsFor(table: StencilTable, value: bigint): Form | undefined {
  if (table.family('const.wide') === undefined) return undefined;
  const made = integerForm(value);
  return made && formOf(table, made.family, made.fields);
}
