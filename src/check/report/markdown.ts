import type { ProjectAnswer } from '../answer/model.ts';
import type { Finding } from './findings.ts';
import { rowTitle } from './findings.ts';
import { cellText, hasGap, sortedRows } from './table.ts';

/** Names and reasons come from files and indexes: nothing of them may be markup. */
function escape(text: string): string {
  return text.replace(/[\\`*_{}[\]<>()#+!|~&]/g, (character) => `&#${character.charCodeAt(0)};`).replace(/\s+/g, ' ');
}

function projectSection(answer: ProjectAnswer): readonly string[] {
  const columns = answer.interpreters.map(({ id }) => id);
  const rows = sortedRows(answer).filter(hasGap);
  const head = `### ${escape(answer.file)}`;
  if (rows.length === 0) return [head, '', `All ${answer.rows.length} packages have wheels wherever they are needed.`, ''];
  return [
    head, '', `${rows.length} of ${answer.rows.length} packages have gaps.`, '',
    `| package | ${answer.targets.map(({ label }) => escape(label)).join(' | ')} |`,
    `|---|${answer.targets.map(() => '---|').join('')}`,
    ...rows.map((row) => `| ${escape(rowTitle(row))} | ${answer.targets.map((target) => escape(cellText(row.cells.filter((cell) => cell.target === target), columns))).join(' | ')} |`),
    '',
  ];
}

/** For the summary of a job. */
export function markdownReport(answers: readonly ProjectAnswer[], findings: readonly Finding[]): string {
  const lines = ['## Python packages on Arm', '', ...answers.flatMap(projectSection)];
  if (findings.length > 0) {
    lines.push('<details><summary>Findings</summary>', '', ...findings.map(({ level, message, advice, place }) =>
      `- **${level}** ${escape(place.file)}:${place.line}: ${escape([message, ...advice].join('. '))}`), '', '</details>', '');
  }
  return lines.join('\n');
}
