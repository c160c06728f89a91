/** The measurements as the table that `armature stencils ablate` prints and docs/stencils.md shows (Markdown is both). */
import { stepNumbers, type CodeSteps, type FurtherSteps } from '../4-emit/code-steps.ts';
import type { FurtherMeasurement, FurtherRow } from './measure-further.ts';
import type { Ablation, AblationRow } from './measure.ts';

const columns: readonly (readonly [title: string, of: (row: AblationRow) => number | undefined])[] = [
  ['table bytes', (r) => r.tableBytes], ['patch kinds', (r) => r.patchKinds], ['patches', (r) => r.patches],
  ['indirect calls', (r) => r.indirectCalls], ['trampoline bytes', (r) => r.trampolineBytes], ['code bytes', (r) => r.codeBytes],
  ['literal bytes', (r) => r.literalBytes], ['padding', (r) => r.padding], ['instructions', (r) => r.instructions],
];

const stepTexts: Readonly<Record<keyof CodeSteps, string>> = {
  trampolines: 'trampolines', literalTrampolines: '`ldr; br; .quad`', sharedTrampolines: 'one trampoline a target',
  farOnly: 'only for far targets', noTrailingJump: 'no trailing jump',
};

function rowTitle({ without }: AblationRow): string {
  if (without === 'everything') return 'no step';
  return without === 'nothing' ? 'all steps' : `without ${stepNumbers[without]}, ${stepTexts[without]}`;
}

/** The first column is text, the others are numbers. */
function alignedTable(cells: readonly (readonly string[])[]): string {
  const widths = cells[0]!.map((_, i) => Math.max(...cells.map((line) => line[i]!.length)));
  const lines = cells.map((line) => `| ${line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join(' | ')} |`);
  const rule = `|${widths.map((width, i) => (i === 0 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`;
  return [lines[0], rule, ...lines.slice(1)].join('\n');
}

const tableOf = (rows: readonly AblationRow[]): string =>
  alignedTable([['', ...columns.map(([title]) => title)], ...rows.map((row) => [rowTitle(row), ...columns.map(([, of]) => String(of(row) ?? 'not counted'))])]);

/** By how much each step alone shrinks code and executed instructions, in per cent of what it is without the step. */
function verdict(rows: readonly AblationRow[]): string[] {
  const all = rows.find(({ without }) => without === 'nothing')!;
  return rows.filter(({ without }) => without !== 'nothing' && without !== 'everything').map((row) => {
    const placed = (r: AblationRow): number => r.codeBytes + r.literalBytes + r.trampolineBytes + r.padding;
    const change = (of: (r: AblationRow) => number): string => {
      const share = of(row) === 0 ? 0 : (1 - of(all) / of(row)) * 100;
      return share === 0 ? 'none' : `${share.toFixed(2)} %`;
    };
    const executed = row.instructions === undefined ? '' : `, instructions ${change((r) => r.instructions ?? 0)}`;
    return `- ${rowTitle(row).replace('without ', '')} saves: arena bytes ${change(placed)}${executed}, table bytes ${change((r) => r.tableBytes)}, patches ${change((r) => r.patches)}`;
  });
}

const furtherTexts: Readonly<Record<keyof FurtherSteps, string>> = {
  pairs: 'pairs of loads and stores', rotatedLoops: 'loops with the test at the end', sharedLiterals: 'one slot for equal literals',
  constants: 'constants without literals', linkOnce: 'the link register saved once a unit', shortStubs: 'exit stubs of one instruction',
};

const furtherTitle = ({ without }: FurtherRow): string =>
  without === 'everything' ? 'none of these' : without === 'nothing' ? 'all of them' : `without ${furtherTexts[without]}`;

/** `+` where the code without the step is larger or longer. */
function difference(row: FurtherRow, all: FurtherRow, of: (row: FurtherRow) => number | undefined): string {
  const [own, base] = [of(row), of(all)];
  if (own === undefined || base === undefined) return 'not counted';
  return `${own >= base ? '+' : ''}${((own / base - 1) * 100).toFixed(2)} %`;
}

function furtherText({ rows, addresses }: FurtherMeasurement): string {
  const all = rows.find(({ without }) => without === 'nothing')!, bytes = (row: FurtherRow): number => row.codeBytes + row.literalBytes;
  const table = alignedTable([
    ['', 'code bytes', 'literal bytes', 'bytes', 'instructions', 'instructions executed'],
    ...rows.map((row) => [
      furtherTitle(row), String(row.codeBytes), String(row.literalBytes), difference(row, all, bytes), String(row.instructions ?? 'not counted'),
      difference(row, all, (r) => r.instructions),
    ]),
  ]);
  const { slots, usedOnce, uses } = addresses, saved = usedOnce * 4;
  return ['Beyond the five steps, the interpreter within reach', '', table, '',
    `Addresses of objects and C symbols take ${slots} literals, read at ${uses} places, ${usedOnce} of them at one place only. \`adrp; add\` would make`
    + ` those ${usedOnce} shorter by 4 bytes each (${saved} bytes, ${(saved / bytes(all) * 100).toFixed(2)} %), and each of their reads an instruction longer.`, ''].join('\n');
}

const rowsOf = (rows: readonly AblationRow[], arena: AblationRow['arena']): AblationRow[] => rows.filter((row) => row.arena === arena);

/** The five steps where the arena lies in the usual case: the table of README.md. */
export const usualCaseTable = ({ rows }: Ablation): string => tableOf(rowsOf(rows, 'near'));

export function ablationText({ rows, further }: Ablation): string {
  const part = (arena: AblationRow['arena'], title: string): string => {
    const own = rowsOf(rows, arena);
    const [first] = own;
    return [`${title} (${first?.calls ?? 0} calls of C functions in the code)`, '', tableOf(own), '', ...verdict(own), ''].join('\n');
  };
  return `${part('near', 'The interpreter within 128 MiB of the arena')}\n${part('far', 'The interpreter 4 GiB away')}\n${furtherText(further)}`;
}
