import type { Colours } from '#support/colours.ts';
import { printable } from '#support/printable.ts';
import type { Cell, Outcome, ProjectAnswer, Row } from '../answer/model.ts';
import type { Finding } from './findings.ts';
import { pythonRanges, rowTitle } from './findings.ts';

export const outcomeWords: Readonly<Record<Outcome, string>> = {
  'wheel': 'wheel', 'source': 'source', 'cannot-install': 'NONE', 'not-needed': '-', 'unknown': '?',
};

/** `wheel`, or `wheel 3.10-3.12, source 3.13` where Pythons differ. */
export function cellText(cells: readonly Cell[], columns: readonly string[]): string {
  const groups = new Map<Outcome, string[]>();
  for (const { answer, interpreter } of cells) groups.set(answer.outcome, [...(groups.get(answer.outcome) ?? []), interpreter.id]);
  const [only] = groups.keys();
  if (only !== undefined && groups.size === 1) return outcomeWords[only];
  return [...groups].map(([outcome, pythons]) => `${outcomeWords[outcome]} ${pythonRanges(pythons, columns)}`).join('; ');
}

function rank(row: Row): number {
  const outcomes = new Set(row.cells.map(({ answer }) => answer.outcome));
  return outcomes.has('cannot-install') ? 0 : outcomes.has('unknown') ? 1 : outcomes.has('source') ? 2 : 3;
}

/** Rows with gaps first, worst first. */
export function sortedRows(answer: ProjectAnswer): readonly Row[] {
  return [...answer.rows].sort((left, right) => rank(left) - rank(right) || left.dependency.name.localeCompare(right.dependency.name));
}

export function hasGap(row: Row): boolean {
  return rank(row) < 3;
}

function paint(text: string, colours: Colours): string {
  if (text.includes('NONE')) return colours.red(text);
  if (text.includes('source') || text.includes('?')) return colours.yellow(text);
  return text === '-' ? colours.dim(text) : colours.green(text);
}

/** The packages with gaps (or all), then the findings, then what else is worth knowing. */
export function tableText(answer: ProjectAnswer, findings: readonly Finding[], showsAll: boolean, colours: Colours): string {
  const columns = answer.interpreters.map(({ id }) => id);
  const rows = sortedRows(answer).filter((row) => showsAll || hasGap(row));
  const lines = [colours.bold(`${answer.file}: ${summary(answer)}`)];
  if (rows.length > 0) {
    const head = ['package', ...answer.targets.map(({ label }) => label)];
    const body = rows.flatMap((row) => inLines([printable(rowTitle(row)), ...answer.targets.map((target) => cellText(row.cells.filter((cell) => cell.target === target), columns))]));
    const widths = head.map((title, index) => Math.max(title.length, ...body.map((cells) => cells[index]?.length ?? 0)));
    // Blanks stay outside of the colour, so that those at the end of a line can be cut.
    const line = (cells: readonly string[], colour: (text: string, index: number) => string): string =>
      `  ${cells.map((text, index) => colour(text, index) + ' '.repeat((widths[index] ?? 0) - text.length)).join('  ')}`.trimEnd();
    lines.push('', line(head, colours.dim), ...body.map((cells) => line(cells, (text, index) => (index === 0 ? text : paint(text, colours)))));
  }
  lines.push(...findingLines(findings, colours), ...noteLines(answer, colours));
  return `${lines.join('\n')}\n`;
}

/** A row in as many lines as its longest cell has parts: columns stay narrow. */
function inLines(cells: readonly string[]): readonly (readonly string[])[] {
  const parts = cells.map((cell) => cell.split('; '));
  return Array.from({ length: Math.max(...parts.map(({ length }) => length)) }, (_, line) => parts.map((each) => each[line] ?? ''));
}

/** What is the same on several systems is told once. */
function forAllTargets(findings: readonly Finding[]): readonly Finding[] {
  const merged = new Map<string, { finding: Finding; before: string; targets: string[]; after: string }>();
  for (const [index, finding] of findings.entries()) {
    const [, before = '', target = '', after = ''] = /^(.*? (?:on|for) )([^:]+? \(\w+\))( with Python .*)$/s.exec(finding.message) ?? [];
    const key = target === '' ? String(index) : JSON.stringify([finding.place, finding.code, before, after, finding.advice]);
    const known = merged.get(key);
    if (known === undefined) merged.set(key, { finding, before, targets: [target], after });
    else known.targets.push(target);
  }
  return [...merged.values()].map(({ finding, before, targets, after }) => {
    if (targets.length < 2) return finding;
    return { ...finding, message: `${before}${targets.slice(0, -1).join('; ')} and ${targets.at(-1) ?? ''}${after}` };
  });
}

function summary({ rows, interpreters, targets, installer }: ProjectAnswer): string {
  const gaps = rows.filter(hasGap).length;
  const pythons = pythonRanges(interpreters.map(({ id }) => id), interpreters.map(({ id }) => id));
  const state = rows.length === 0 ? 'no packages' : gaps === 0 ? 'every one has a wheel wherever it is needed' : `${gaps} with gaps`;
  const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;
  return `${count(rows.length, 'package')}, ${count(targets.length, 'target')}, Python ${pythons || 'none'}, ${installer}'s order: ${state}`;
}

function findingLines(findings: readonly Finding[], colours: Colours): readonly string[] {
  const lines: string[] = [];
  for (const { place, level, message, advice, code } of forAllTargets(findings)) {
    const mark = level === 'error' ? colours.red(level) : level === 'warning' ? colours.yellow(level) : level;
    const where = place.file === 'command line' ? place.file : `${place.file}:${place.line}:${place.column}`;
    lines.push(`${printable(where)}: ${mark}: ${printable(message)} [${code}]`, ...advice.map((text) => `    ${printable(text)}`));
  }
  return lines.length === 0 ? [] : ['', ...lines];
}

function noteLines({ rows }: ProjectAnswer, colours: Colours): readonly string[] {
  const notes = new Map<string, string[]>();
  for (const row of rows) for (const note of row.notes) notes.set(note, [...(notes.get(note) ?? []), row.dependency.name]);
  const lines = [...notes].map(([note, names]) => `note: ${names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')}: ${note}`);
  return lines.length === 0 ? [] : ['', ...lines.map((line) => colours.dim(printable(line)))];
}
