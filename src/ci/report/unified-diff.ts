import { structuredPatch } from 'diff';
import type { Mark, PortedFile } from '#ci/port.ts';

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
 * A unified diff that `git apply` and `patch` take: what stands behind the second `@@` is a comment to them, and there each hunk
 * has its reasons.
 */
export function unifiedDiff(files: readonly PortedFile[]): string {
  return files.map((file) => [
    `--- a/${file.path}\n+++ b/${file.path}\n`,
    ...hunksOf(file).map((hunk) => `${hunk.header} ${hunk.reasons.map(({ reason, link }) => `${reason} <${link}>`).join('; ')}\n${hunk.lines.join('\n')}\n`),
  ].join('')).join('');
}
