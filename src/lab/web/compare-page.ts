import { html } from 'hono/html';
import type { BenchmarkComparison, Comparison as Verdicts } from '#lab/analysis/compare.ts';
import { compareMeasurements } from '#lab/analysis/compare.ts';
import type { Measurement } from '#lab/analysis/measurement.ts';
import { verdictText } from '#lab/analysis/verdict-text.ts';
import type { Comparison, ComparisonRow, Preset, Side } from '#lab/store/queries/comparison.ts';
import type { RunSummary } from '#lab/store/queries/rows.ts';
import { intervalMark } from './chart.ts';
import { formatRatio, formatValue, link, ratioClass, ratioPill } from './format.ts';
import type { Html } from './layout.ts';
import { filterField, noResults, page, table } from './layout.ts';
import { presetTile } from './preset-tile.ts';
import { compareLink, runLink, seriesLink, timelineLink } from './series-links.ts';

const presetTitles: Readonly<Record<Preset['kind'], string>> = {
  variants: 'JIT or other builds against the interpreter, at one commit', machines: 'Machine against machine, at one commit',
  versions: 'Version against version', previous: 'Latest run against the one before',
};

/** The newest run is offered with the one before it: a run compared with itself says nothing. */
export function compareChoice(presets: readonly Preset[], runs: readonly RunSummary[], given: { readonly base?: string | undefined; readonly head?: string | undefined } = {}): Html {
  const kinds = Object.keys(presetTitles) as Preset['kind'][];
  const head = given.head ?? runs.find(({ key }) => key !== given.base)?.key;
  const base = given.base ?? baseFor(head, runs);
  const options = (chosen: string | undefined): readonly Html[] => runs.map((run) => html`<option value="${run.key}"${run.key === chosen ? html` selected` : ''}>${run.measuredAt.toISOString().slice(0, 10)} ${run.variant} on ${run.machine} ${run.commitId ?? ''}</option>`);
  return page({
    title: 'Compare', section: '/compare', json: '/api/comparison/presets', csv: '/api/comparison/presets?format=csv',
    body: runs.length === 0 ? noResults : html`<form method="get"><label>Base <select name="base">${options(base)}</select></label><label>Head <select name="head">${options(head)}</select></label><button>Compare</button></form>
${kinds.map((kind) => {
  const chosen = presets.filter((preset) => preset.kind === kind);
  return chosen.length === 0 ? '' : html`<h2>${presetTitles[kind]}</h2><ul class="tiles wide">${chosen.map((preset) => presetTile(preset))}</ul>`;
})}`,
  });
}

/** The run before it of the same series, else any other. */
function baseFor(head: string | undefined, runs: readonly RunSummary[]): string | undefined {
  const index = runs.findIndex(({ key }) => key === head);
  const chosen = runs[index];
  return (runs.slice(index + 1).find(({ machine, variant }) => machine === chosen?.machine && variant === chosen.variant) ?? runs.find(({ key }) => key !== head))?.key;
}

/** Only what says of each process what it measured can be judged. */
function measurementsOf(comparison: Comparison, side: 'base' | 'head'): ReadonlyMap<string, Measurement> {
  return new Map(comparison.rows.flatMap((row): [string, Measurement][] => {
    const found = row[side];
    if (found === null || found.processMeans.length === 0) return [];
    const { processMeans } = found;
    return [[row.benchmark, { name: row.benchmark, unit: row.unit, processMeans, values: processMeans, shape: `${processMeans.length}x1`, load: undefined }]];
  }));
}

export function comparePage(comparison: Comparison): Html {
  const { base, head, rows } = comparison;
  const judged = compareMeasurements(measurementsOf(comparison, 'base'), measurementsOf(comparison, 'head'), { draws: 0 });
  const byName = new Map(judged.benchmarks.map((benchmark) => [benchmark.name, benchmark]));
  const api = { base: base.key, head: head.key };
  const reach = reachOf(judged.benchmarks);
  return page({
    title: 'Comparison', section: '/compare', json: link('/api/comparison', api), csv: link('/api/comparison', { ...api, format: 'csv' }),
    body: html`<div class="card">${summaryOf(judged)}
<dl><dt>Head</dt><dd>${runLink(head)} ${seriesLink(head)}, Python ${head.pythonVersion}</dd>
<dt>Base</dt><dd>${runLink(base)} ${seriesLink(base)}, Python ${base.pythonVersion}</dd></dl>
<p><a href="${compareLink(head.key, base.key)}">The other way round</a></p></div>
${filterField('Filter benchmarks')}
${table('Head against base', [{ name: 'Benchmark' }, { name: 'Base', isFigure: true }, { name: 'Head', isFigure: true }, { name: 'Head is', isFigure: true },
  { name: 'Interval (95 %)', isFigure: true }, { name: 'Faster | slower' }, { name: 'Verdict' }], [...rows].sort((left, right) => worthOf(left) - worthOf(right)).map((row) => {
  const ratio = ratioOf(row);
  const verdict = byName.get(row.benchmark);
  return [
    html`<a href="${timelineLink(head, row.benchmark)}">${row.benchmark}</a>`, sideCell(row.base, row.unit), sideCell(row.head, row.unit),
    { content: ratioPill(ratio, row.lessIsBetter), order: ratio ?? '' }, intervalOf(verdict), { content: markOf(verdict, reach), order: ratio ?? '' }, verdictOf(verdict),
  ];
}))}
<p class="faint">What is at the edge of the drawing is ${formatRatio(Math.exp(reach))} or more. Verdicts: Welch's test on the means of processes, adjusted for the number of benchmarks (Benjamini and Hochberg, 5 %); changes below 1 % count as none.</p>`,
  });
}

function summaryOf(judged: Verdicts): Html {
  const mean = judged.geometricMean;
  if (mean === undefined) return html`<p class="hero">nothing in common</p>`;
  const { faster, slower, same, inconclusive } = judged.counts;
  const parts = [['better', faster, 'faster'], ['same', same, 'the same'], ['unsure', inconclusive, 'inconclusive'], ['worse', slower, 'slower']] as const;
  let left = 0;
  const bars = parts.map(([className, count]) => {
    const width = (100 * count) / Math.max(1, judged.benchmarks.length);
    left += width;
    return html`<rect class="${className}" x="${(left - width).toFixed(2)}%" width="${width.toFixed(2)}%" height="12"/>`;
  });
  return html`<div class="row"><span class="hero ${ratioClass(mean.ratio)}">${formatRatio(mean.ratio)}</span><span class="faint">geometric mean of ${judged.benchmarks.length} benchmarks</span></div>
<svg class="shares" aria-hidden="true">${bars}</svg><p class="row">${parts.map(([className, count, name]) => html`<span><span class="key ${className}"></span>${count} ${name}</span>`)}</p>`;
}

const ratioOf = ({ base, head }: ComparisonRow): number | null => (base === null || head === null ? null : head.mean / base.mean);

/** What became faster most comes first, what only one side has last. */
function worthOf(row: ComparisonRow): number {
  const ratio = ratioOf(row);
  return ratio === null ? Infinity : row.lessIsBetter ? ratio : 1 / ratio;
}

/** Nearly all intervals are within it, as a logarithm: one benchmark that is ten times faster must not flatten the others. */
function reachOf(benchmarks: readonly BenchmarkComparison[]): number {
  const sizes = benchmarks.map(({ ratio, interval }) => Math.max(...[ratio, interval?.low ?? ratio, interval?.high ?? ratio].map((one) => Math.abs(Math.log(one))))).sort((left, right) => left - right);
  return Math.max(0.02, sizes[Math.floor(sizes.length * 0.97)] ?? 0);
}

function markOf(verdict: BenchmarkComparison | undefined, reach: number): Html | string {
  if (verdict?.interval === undefined) return '';
  const className = { faster: 'better', slower: 'worse', same: '', inconclusive: '' }[verdict.verdict];
  return intervalMark({ ...verdict.interval, middle: verdict.ratio, reach, className });
}

const sideCell = (side: Side | null, unit: string): { content: string; order: number | string } =>
  ({ content: formatValue(side?.mean ?? null, unit), order: side?.mean ?? '' });

function intervalOf(verdict: BenchmarkComparison | undefined): string {
  if (verdict?.interval === undefined) return '–';
  const percent = (ratio: number): string => `${ratio >= 1 ? '+' : '−'}${Math.abs((ratio - 1) * 100).toFixed(1)} %`;
  return `${percent(verdict.interval.low)} to ${percent(verdict.interval.high)}`;
}

const verdictOf = (verdict: BenchmarkComparison | undefined): string => (verdict === undefined ? 'not comparable' : verdictText(verdict));
