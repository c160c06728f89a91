import type { Colours } from '#support/colours.ts';
import type { BenchmarkComparison, Comparison } from '#lab/analysis/compare.ts';
import { verdictText } from '#lab/analysis/verdict-text.ts';
import type { Interval } from '#lab/statistics/bootstrap.ts';
import { formatValue, textTable } from '#lab/bench/text-table.ts';

/** What the two sides are called, and what stands over their columns. */
export interface ComparisonNames {
  readonly reference: string;
  readonly changed: string;
  readonly heads: readonly [reference: string, changed: string];
}

/** How often the changed side fits into the time of the reference: more than 1 is faster. */
function speedUp(ratio: number, digits = 2): string {
  const times = 1 / ratio;
  return times.toFixed(times < 9.995 ? digits : times < 99.95 ? 1 : 0);
}

/** A narrow one has a digit more: `0.95 to 0.95` says nothing, and whether a change is within 1 % is not seen in hundredths. */
function digitsOf(interval: Interval | undefined): number {
  return interval !== undefined && interval.high / interval.low < 1.1 ? 3 : 2;
}

function formatInterval(interval: Interval | undefined): string {
  if (interval === undefined) return '';
  const digits = digitsOf(interval);
  return `${speedUp(interval.high, digits)} to ${speedUp(interval.low, digits)}`;
}

/** What `pyperf compare_to` would print. */
export function pyperfText({ pyperf }: BenchmarkComparison): string {
  if (!pyperf.significant) return 'not significant';
  return pyperf.t === undefined ? `${pyperf.text} (untested)` : pyperf.text;
}

function summary({ geometricMean, counts, options }: Comparison): string {
  const verdicts = `${counts.faster} faster, ${counts.slower} slower, ${counts.same} no change, ${counts.inconclusive} inconclusive`;
  const change = `changes of at least ${options.minimumEffect * 100} % count`;
  if (geometricMean === undefined) return `${verdicts}; ${change}.`;
  const interval = formatInterval(geometricMean.interval);
  return `Geometric mean ${speedUp(geometricMean.ratio, digitsOf(geometricMean.interval))}x${interval === '' ? '' : ` (${interval})`}; ${verdicts}; ${change}.`;
}

/** What stands in both files, or in one, and not in the table. */
function leftOut({ onlyReference, onlyChanged, differentUnits }: Comparison, names: ComparisonNames): readonly string[] {
  return [
    ...(onlyReference.length > 0 ? [`Only in ${names.reference}: ${onlyReference.join(', ')}`] : []),
    ...(onlyChanged.length > 0 ? [`Only in ${names.changed}: ${onlyChanged.join(', ')}`] : []),
    ...differentUnits.map(({ name, reference, changed }) => `Not compared: ${name} has the unit ${reference} in ${names.reference} and ${changed} in ${names.changed}`),
  ];
}

/** One table: a row for each benchmark, and what they say together. */
export function comparisonText(comparison: Comparison, names: ComparisonNames, colours: Colours, withPyperf: boolean): string {
  const confidence = Math.round((1 - comparison.options.alpha) * 100);
  const head = ['benchmark', ...names.heads, 'speed-up', `${confidence} % interval`, 'verdict', ...(withPyperf ? ['pyperf says'] : [])];
  const rows = comparison.benchmarks.map((row) => [
    row.name, formatValue(row.reference.mean, row.unit), formatValue(row.changed.mean, row.unit), `${speedUp(row.ratio, digitsOf(row.interval))}x`, formatInterval(row.interval), verdictText(row),
    ...(withPyperf ? [pyperfText(row)] : []),
  ]);
  const [headLine = '', ...lines] = textTable([head, ...rows], ['left', 'right', 'right', 'right', 'left', 'left', 'left']);
  const coloured = lines.map((line, index) => {
    const verdict = comparison.benchmarks[index]?.verdict;
    if (verdict === 'faster') return colours.green(line);
    if (verdict === 'slower') return colours.red(line);
    return verdict === 'inconclusive' ? colours.dim(line) : line;
  });
  const pyperfMean = withPyperf && comparison.pyperfGeometricMean !== undefined ? [`pyperf's geometric mean: ${comparison.pyperfGeometricMean}.`] : [];
  const title = `${colours.bold(names.changed)} against ${colours.bold(names.reference)}`;
  return `${[title, colours.bold(headLine), ...coloured, summary(comparison), ...pyperfMean, ...leftOut(comparison, names)].join('\n')}\n`;
}
