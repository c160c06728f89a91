import type { Colours } from '#support/colours.ts';
import { printable } from '#support/printable.ts';
import type { Answer, Cell, ProjectAnswer, Row } from '../answer/model.ts';
import { placeText } from '../answer/model.ts';
import { adviceLines, pythonRanges, rowTitle } from './findings.ts';

function answerLine(answer: Answer): string {
  switch (answer.outcome) {
    case 'wheel': return `wheel ${answer.file}${answer.note === undefined ? '' : ` (${answer.note})`}`;
    case 'source': return `built from source: ${answer.file}`;
    case 'cannot-install': return `cannot be installed${answer.version === undefined ? '' : ` (${answer.version})`}: ${answer.reason}`;
    case 'not-needed': return `not needed: ${answer.reason}`;
    case 'unknown': return `unknown: ${answer.reason}`;
  }
}

/** Cells of one target with the same answer and the same rejections, told once. */
function grouped(cells: readonly Cell[]): readonly (readonly Cell[])[] {
  const groups = new Map<string, Cell[]>();
  for (const cell of cells) {
    const key = answerLine(cell.answer);
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()];
}

const mostShown = 12;

function rejectedLines(answer: Answer, interpreter: string): readonly string[] {
  if (!('rejected' in answer) || answer.rejected.length === 0) return [];
  const shown = answer.rejected.slice(0, mostShown).map(({ filename, reason }) => `      ${filename} ${reason}`);
  const more = answer.rejected.length - shown.length;
  return [`    files that Python ${interpreter} does not take:`, ...shown, ...(more > 0 ? [`      and ${more} more`] : [])];
}

function rowText(row: Row, answer: ProjectAnswer, colours: Colours): readonly string[] {
  const { dependency } = row;
  const columns = answer.interpreters.map(({ id }) => id);
  const origin = row.neededBy.length === 0 ? `${dependency.group}, ${placeText(dependency.place)}` : `needed by ${row.neededBy.join(', ')}`;
  const lines: string[] = [];
  for (const target of answer.targets) {
    lines.push(`  ${target.label} (${target.id})`);
    for (const cells of grouped(row.cells.filter((cell) => cell.target === target))) {
      const newest = cells.at(-1)!;
      lines.push(`    Python ${pythonRanges(cells.map(({ interpreter }) => interpreter.id), columns)}: ${answerLine(newest.answer)}`);
      lines.push(...rejectedLines(newest.answer, newest.interpreter.id));
    }
    const advice = row.advice.find((each) => each.target === target);
    if (advice !== undefined) lines.push(...adviceLines(advice, rowTitle(row)).map((line) => `    what to do: ${line}`));
  }
  lines.push(...row.notes.map((note) => `  note: ${note}`));
  return [colours.bold(printable(`${rowTitle(row)} (${origin})`)), ...lines.map(printable)];
}

/** Everything that is known about the rows of one package. */
export function explainText(rows: readonly Row[], answer: ProjectAnswer, colours: Colours): string {
  return `${rows.flatMap((row) => rowText(row, answer, colours)).join('\n')}\n`;
}
