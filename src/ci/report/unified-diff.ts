import { structuredPatch } from 'diff';
import type { Mark, PortedFile } from '#ci/port.ts';
import type { Colours } from '#support/colours.ts';
import { noColours } from '#support/colours.ts';

export interface Hunk {
  readonly header: string;
  readonly lines: readonly string[];
  readonly reasons: readonly Omit<Mark, 'offset'>[];
}

const context = 3;

/** The hunks of a changed file, each with the reasons of the changes in it. */
export function hunksOf(file: PortedFile): readonly Hunk[] {
  const patch = structuredPatch(file.path, file.path, file.before, file.after, '', '', { context });
  const marks = file.marks.map((mark) => ({ ...mark, line: file.after.slice(0, mark.offset).split('\n').length }));
  return patch.hunks.map((hunk) => {
    const inside = marks.filter((mark) => mark.line >= hunk.newStart && mark.line <= hunk.newStart + hunk.newLines);
    const reasons = [...new Map(inside.map(({ rule, reason, link }) => [`${rule} ${reason}`, { rule, reason, link }])).values()];
    const range = `@@ -${span(hunk.oldStart, hunk.oldLines)} +${span(hunk.newStart, hunk.newLines)} @@`;
    return { header: range, lines: hunk.lines, reasons };
  });
}

const span = (start: number, count: number): string => (count === 1 ? String(start) : `${String(start)},${String(count)}`);

/**
 * A unified diff that `git apply` and `patch` take: text before a file and behind the second `@@` is a comment to them. Before each file
 * its reasons are listed, and each hunk has the numbers of its own.
 */
export function unifiedDiff(files: readonly PortedFile[], colours: Colours = noColours): string {
  let number = 0;
  return files.map((file) => {
    const hunks = hunksOf(file);
    const numbers = new Map<string, number>();
    const legend = hunks.flatMap(({ reasons }) => reasons).flatMap(({ reason, link }) => {
      if (numbers.has(reason)) return [];
      number += 1;
      numbers.set(reason, number);
      return [`[${String(number)}] ${reason}\n    ${colours.dim(`<${link}>`)}\n`];
    });
    const marksOf = ({ reasons }: Hunk): string => [...new Set(reasons.map(({ reason }) => ` [${String(numbers.get(reason))}]`))].join('');
    return [
      ...legend, colours.bold(`--- a/${file.path}`), '\n', colours.bold(`+++ b/${file.path}`), '\n',
      ...hunks.map((hunk) => `${colours.dim(hunk.header + marksOf(hunk))}\n${hunk.lines.map((line) => painted(line, colours)).join('\n')}\n`),
    ].join('');
  }).join('');
}

function painted(line: string, colours: Colours): string {
  return line.startsWith('+') ? colours.green(line) : line.startsWith('-') ? colours.red(line) : line;
}
