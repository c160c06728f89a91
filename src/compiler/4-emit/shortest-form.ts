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
  const form = (name: string | undefined, ...immediates: readonly number[]): Form | undefined => {
    const found = name === undefined ? undefined : table.family(name);
    return found && { family: found, operands: immediates.length === 0 ? NO_OPERANDS : { ...NO_OPERANDS, immediates } };
  };
  const [literal] = operands.literals;
  if (literal?.kind === 'bits') return literalForm(family, literal.bits, form);
  const [value] = operands.immediates;
  if (value === undefined || operands.immediates.length > 1) return undefined;
  if (family === 'const.int32') return constantForm(value, form);
  if (family === 'int.and_imm') return logicalForm('int.and', BigInt(value), form);
  if (value === 0 && againstZero.has(family)) return form(againstZero.get(family));
  if (value >= 0) return value <= MAX_IMM12 ? form(`${family}.small`, value) : undefined;
  const opposite = negated.get(family);
  return opposite !== undefined && value >= -MAX_IMM12 ? form(`${opposite}.small`, -value) : undefined;
}

type MakeForm = (name: string, ...immediates: readonly number[]) => Form | undefined;

const logicalOps: ReadonlySet<string> = new Set(['int.and', 'int.or', 'int.xor']);

/** Whether an immediate may take the place of the second operand. */
export const hasLogicalForm = (table: StencilTable, op: string): boolean => logicalOps.has(op) && table.family(`${op}.logical`) !== undefined;

/** `op` with a logical immediate instead of its second operand. */
export function logicalImmediate(table: StencilTable, op: string, value: bigint): Form | undefined {
  const family = table.family(`${op}.logical`);
  return family && logicalForm(op, value, (_, field) => ({ family, operands: immediateOperand(field!) }));
}

function logicalForm(op: string, value: bigint, form: MakeForm): Form | undefined {
  const field = encodeLogical(value);
  return field === undefined ? undefined : form(`${op}.logical`, field);
}

function constantForm(value: number, form: MakeForm): Form | undefined {
  if (value === 0) return form('const.zero');
  const short = value > 0 ? (value <= MAX_IMM16 ? form('const.small', value) : undefined) : ~value <= MAX_IMM16 ? form('const.inverted', ~value) : undefined;
  return short ?? instructionsFor(BigInt(value), form);
}

function literalForm(family: string, bits: bigint, form: MakeForm): Form | undefined {
  if (family === 'const.int') return instructionsFor(bits, form);
  const field = family === 'const.float' ? encodeFloat8(bits) : undefined;
  return field === undefined ? undefined : form('const.float_imm', field);
}

function instructionsFor(value: bigint, form: MakeForm): Form | undefined {
  const made = integerForm(value);
  return made && form(made.family, ...made.fields);
}
