/** Opcode tables of the supported versions behind one interface. */
import type { Layout } from '#protocol/request.ts';
import { assertExhaustive } from '#support/invariant.ts';
import { opcodes311 } from './opcodes-311.ts';
import { opcodes314 } from './opcodes-314.ts';

/** Number, name, inline cache entries, instruction it stands for (left out when that is itself). */
export type OpcodeRow = readonly [number: number, name: string, caches: number, base?: string];

export interface Opcode {
  /** Name as it stands in adaptive code: `BINARY_OP_ADD_INT`. */
  readonly form: string;
  /** Name of the unspecialised instruction: `BINARY_OP`. */
  readonly base: string;
  readonly caches: number;
}

export type OpcodeTable = readonly (Opcode | undefined)[];

export function opcodeTable(layout: Layout): OpcodeTable {
  switch (layout) {
    case 311: return indexed(opcodes311);
    case 314: return indexed(opcodes314);
    default: return assertExhaustive(layout, 'layout');
  }
}

function indexed(rows: readonly OpcodeRow[]): OpcodeTable {
  const table = new Array<Opcode | undefined>(256).fill(undefined);
  for (const [number, form, caches, base] of rows) table[number] = { form, base: base ?? form, caches };
  return table;
}
