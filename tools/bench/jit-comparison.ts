/** Our machine code beside that of CPython's own JIT: one row a kernel and processor, and what they come to together. */
import { geometricMean } from './pairs.ts';
import type { MachineArch } from '../pythons/targets.ts';

/** One of the two JITs. */
export interface Side {
  /** Machine code that it made for the program. */
  readonly bytes: number;
  /** Of those, the bytes that are executed at least once in a thousand iterations of the program's loops. */
  readonly hotBytes: number;
  /** Instructions of the whole process in an iteration, C functions included. */
  readonly instructions: number;
  /** Of those, the ones in machine code that the JIT made. */
  readonly made: number;
}

export interface ComparisonRow {
  readonly program: string;
  readonly arch: MachineArch;
  readonly theirs: Side;
  readonly ours: Side;
}

const measures = ['bytes', 'hotBytes', 'instructions', 'made'] as const satisfies readonly (keyof Side)[];

const head = ['kernel', ...['code', 'hot', 'instructions', 'in code'].flatMap((title) => [`${title}: theirs`, 'ours', 'ratio'])];

const number = (value: number): string => (value < 1000 ? String(Number(value.toPrecision(3))) : value.toFixed(0));

const ratio = (row: ComparisonRow, of: keyof Side): number => row.ours[of] / row.theirs[of];

function line({ cells }: { readonly cells: readonly string[] }): string {
  return `| ${cells.join(' | ')} |`;
}

export function comparisonTable(rows: readonly ComparisonRow[]): string {
  const body = rows.map((row) => line({ cells: [row.program, ...measures.flatMap((of) => [number(row.theirs[of]), number(row.ours[of]), ratio(row, of).toFixed(2)])] }));
  const means = measures.flatMap((of) => ['', '', geometricMean(rows.map((row) => ratio(row, of))).toFixed(2)]);
  return [line({ cells: head }), `|---|${'--:|'.repeat(head.length - 1)}`, ...body, line({ cells: ['geometric mean', ...means] })].join('\n');
}

/** Aimed at: half the bytes, a third of the instructions. */
export function verdict(rows: readonly ComparisonRow[]): string {
  const mean = (of: keyof Side): string => geometricMean(rows.map((row) => ratio(row, of))).toFixed(2);
  return `Geometric means: ${mean('bytes')} of the bytes of machine code (${mean('hotBytes')} of those that are executed in the hot loops), `
    + `${mean('instructions')} of the instructions (${mean('made')} of those outside of C functions).`;
}
