/**
 * Shorter code for an immediate that is known to be small. Before and after, on AArch64:
 *
 *     movz w8, #0, lsl 16; movk w8, #1; adds x8, x23, w8, sxtw        adds x8, x23, #1
 *     cmp x22, #0; b.eq L                                              cbz x22, L
 *     movz w8, #0xffff, lsl 16; movk w8, #0xffff; sxtw x22, w8         mov x22, #-1
 */
import type { StencilFamily, StencilTable } from '#stencils/table.ts';
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
  const [value] = operands.immediates;
  if (value === undefined || operands.immediates.length > 1) return undefined;
  const form = (name: string | undefined, immediate?: number): Form | undefined => {
    const found = name === undefined ? undefined : table.family(name);
    return found && { family: found, operands: immediate === undefined ? NO_OPERANDS : immediateOperand(immediate) };
  };
  if (family === 'const.int32') return constantForm(value, form);
  if (value === 0 && againstZero.has(family)) return form(againstZero.get(family));
  if (value >= 0) return value <= MAX_IMM12 ? form(`${family}.small`, value) : undefined;
  const opposite = negated.get(family);
  return opposite !== undefined && value >= -MAX_IMM12 ? form(`${opposite}.small`, -value) : undefined;
}

function constantForm(value: number, form: (name: string, immediate?: number) => Form | undefined): Form | undefined {
  if (value === 0) return form('const.zero');
  if (value > 0) return value <= MAX_IMM16 ? form('const.small', value) : undefined;
  return ~value <= MAX_IMM16 ? form('const.inverted', ~value) : undefined;
}
