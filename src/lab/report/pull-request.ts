import type { BenchmarkComparison, Comparison, Verdict } from '#lab/analysis/compare.ts';
import { verdictText } from '#lab/analysis/verdict-text.ts';
import { codeOf, quantityOf } from '#lab/report/markdown.ts';
import type { Interval } from '#lab/statistics/bootstrap.ts';

export interface ReportOptions {
  /** What the two sides are called: commits, or builds. */
  readonly reference: string;
  readonly changed: string;
  /** Marks the comment, so that the next report of this kind replaces it and no other. Letters, digits and dashes. */
  readonly marker: string;
  /** What was wrong while it was measured. Then nothing is blamed on the change. */
  readonly faults?: readonly string[];
  /** Where all figures are, if a server has them. */
  readonly link?: string;
}

export interface PullRequestReport {
  readonly markdown: string;
  /** One line, for the title of a check. */
  readonly title: string;
  /** Of a GitHub check. `neutral`: nothing is known to be slower, but not everything is known. */
  readonly conclusion: 'success' | 'failure' | 'neutral';
}

/** GitHub takes 65,535 characters for a check and 65,536 for a comment; counted in bytes of UTF-8, to be sure. */
export const markdownLimit = 65_000;

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;

function signed(ratio: number): string {
  const change = (100 * (ratio - 1)).toFixed(1);
  // Nothing has no direction.
  if (Number(change) === 0) return '0.0 %';
  return `${change.startsWith('-') ? `−${change.slice(1)}` : `+${change}`} %`;
}

const interval = (range: Interval | undefined): string => (range === undefined ? 'unknown' : `${signed(range.low)} to ${signed(range.high)}`);

function row(benchmark: BenchmarkComparison): string {
  const { name, unit, reference, changed, ratio, pyperf } = benchmark;
  return `| ${[codeOf(name), quantityOf(reference.mean, unit), quantityOf(changed.mean, unit), signed(ratio), interval(benchmark.interval),
    verdictText(benchmark), pyperf.significant ? pyperf.text : 'not significant'].join(' | ')} |`;
}

const sizeOf = (text: string): number => Buffer.byteLength(text);
const distance = ({ ratio }: BenchmarkComparison): number => Math.abs(Math.log(ratio));

/** As many rows as there is room for, the largest changes first; the rest is counted. */
function table(benchmarks: readonly BenchmarkComparison[], { reference, changed }: ReportOptions, room: number): string {
  const head = [`| benchmark | ${codeOf(reference)} | ${codeOf(changed)} | change | 95 % interval | verdict | pyperf says |`, '|---|--:|--:|--:|--:|---|---|'];
  const rows = [...benchmarks].sort((left, right) => distance(right) - distance(left)).map(row);
  // Room for the line that counts the rest.
  let left = room - sizeOf(head.join('\n')) - 40;
  const fits = rows.findIndex((text) => (left -= sizeOf(text) + 1) < 0);
  const shown = fits < 0 ? rows : rows.slice(0, fits);
  return [...head, ...shown, ...(shown.length < rows.length ? ['', `… and ${rows.length - shown.length} more`] : [])].join('\n');
}

function titleOf({ counts, geometricMean }: Comparison, faults: readonly string[]): string {
  if (faults.length > 0) return 'Measured in a faulty environment: no verdict';
  const parts = (['slower', 'faster', 'inconclusive', 'same'] as const).filter((verdict) => counts[verdict] > 0).map((verdict) => `${counts[verdict]} ${verdict}`);
  if (parts.length === 0) return 'No benchmark in common';
  return `${parts.join(', ')}${geometricMean === undefined ? '' : `; geometric mean ${signed(geometricMean.ratio)}`}`;
}

function conclusionOf({ counts, benchmarks }: Comparison, faults: readonly string[]): PullRequestReport['conclusion'] {
  if (faults.length > 0 || benchmarks.length === 0) return 'neutral';
  if (counts.slower > 0) return 'failure';
  return counts.inconclusive > 0 ? 'neutral' : 'success';
}

function headOf(comparison: Comparison, options: ReportOptions, title: string): string {
  const { geometricMean, options: { alpha, minimumEffect } } = comparison;
  const lines = [`<!-- armature-lab:${options.marker.replace(/[^\w-]/g, '')} -->`, `### ${title}`, ''];
  const faults = options.faults ?? [];
  for (const fault of faults) lines.push(`- **${codeOf(fault)}**`);
  // Without an empty line, what follows is a part of the last of them.
  if (faults.length > 0) lines.push('', 'What is called changed below may be the doing of the environment: measure again.', '');
  lines.push(`${codeOf(options.changed)} against ${codeOf(options.reference)}. Less is better. A benchmark is called changed when the change is at least ${percent(minimumEffect)} `
    + `and at most ${percent(alpha)} of such calls are expected to be wrong; the unit is the process.`);
  if (geometricMean?.interval !== undefined) lines.push('', `Geometric mean: ${signed(geometricMean.ratio)} (95 % interval ${interval(geometricMean.interval)}).`);
  if (options.link !== undefined) lines.push('', `[All figures](${encodeURI(options.link).replace(/[()]/g, encodeURIComponent)})`);
  return lines.join('\n');
}

function footOf({ onlyReference, onlyChanged, differentUnits }: Comparison): string {
  const listed = (names: readonly string[], where: string): string[] => {
    if (names.length === 0) return [];
    return ['', `${where}: ${names.slice(0, 20).map((name) => codeOf(name.slice(0, 100))).join(', ')}${names.length > 20 ? ` and ${names.length - 20} more` : ''}`];
  };
  return [
    ...listed(onlyReference, 'Only in the reference'), ...listed(onlyChanged, 'Only in the change'),
    ...listed(differentUnits.map(({ name }) => name), 'Not compared, since the units differ'),
  ].join('\n');
}

const sections: readonly (readonly [title: string, verdicts: readonly Verdict[], open: boolean])[] = [
  ['Changed', ['slower', 'faster'], true], ['Inconclusive', ['inconclusive'], false], ['Same', ['same'], false],
];

export function pullRequestReport(comparison: Comparison, options: ReportOptions): PullRequestReport {
  const faults = options.faults ?? [];
  const title = titleOf(comparison, faults);
  const foot = footOf(comparison);
  let markdown = headOf(comparison, options, title);
  for (const [name, verdicts, open] of sections) {
    const benchmarks = comparison.benchmarks.filter(({ verdict }) => verdicts.includes(verdict));
    if (benchmarks.length === 0) continue;
    const [before, after] = open ? [`\n\n#### ${name}\n\n`, ''] : [`\n\n<details><summary>${name} (${benchmarks.length})</summary>\n\n`, '\n\n</details>'];
    const room = markdownLimit - sizeOf(markdown) - sizeOf(before) - sizeOf(after) - sizeOf(foot);
    // Less than a few rows are not worth a section.
    if (room < 2000) continue;
    markdown += `${before}${table(benchmarks, options, room)}${after}`;
  }
  return { markdown: `${markdown}${foot === '' ? '' : `\n${foot}`}\n`, title, conclusion: conclusionOf(comparison, faults) };
}
