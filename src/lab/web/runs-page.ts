import { html } from 'hono/html';
import type { Benchmark } from '#lab/format/pyperf.ts';
import { samplesInOrder } from '#lab/server/samples.ts';
import type { RunDetails, RunFilter } from '#lab/store/queries/runs.ts';
import { usualRuns } from '#lab/store/queries/runs.ts';
import type { RunSummary } from '#lab/store/queries/rows.ts';
import { countOf, formatNumber, formatRatio, formatSample, formatTime, formatValue, link, pathOf, shortCommit } from './format.ts';
import type { Html } from './layout.ts';
import { filterField, page, table } from './layout.ts';
import { listCaption, olderLink, pageOf } from './older.ts';
import { machineLink, runLink, seriesLink, timelineLink } from './series-links.ts';

export function runsPage(runs: readonly RunSummary[], filter: RunFilter): Html {
  const query = { machine: filter.machine, variant: filter.variant, commit: filter.commit, ...pageOf(filter) };
  const older = olderLink('/runs', query, runs.length >= (filter.limit ?? usualRuns) ? runs.at(-1)?.measuredAt : undefined, 'Older runs');
  return page({
    title: 'Runs', section: '/runs', json: link('/api/runs', query), csv: link('/api/runs', { ...query, format: 'csv' }),
    body: html`<form method="get">${(['machine', 'variant', 'commit'] as const).map((name) =>
      html`<label>${name[0]?.toUpperCase()}${name.slice(1)} <input name="${name}" value="${filter[name] ?? ''}"></label>`)}<button>Show</button></form>
${filterField('Filter')}
${table(listCaption(countOf(runs.length, 'run'), older !== undefined, filter.before), [{ name: 'Run' }, { name: 'Series' }, { name: 'Python' }, { name: 'Load', isFigure: true }, { name: 'Quality' }], runs.map((run) => [
  { content: runLink(run), order: run.measuredAt.toISOString(), className: 'date' }, { content: seriesLink(run), className: 'date' }, run.pythonVersion,
  { content: run.loadAverage === null ? '–' : formatNumber(run.loadAverage), order: run.loadAverage ?? '' }, qualityOf(run),
]))}${older ?? ''}`,
  });
}

const qualityClasses: Readonly<Record<RunSummary['quality'], string>> = { ok: 'good', suspect: 'doubt', quarantined: 'bad' };

function qualityOf({ quality, qualityReasons, suiteRatio }: RunSummary): Html {
  const reasons = quality === 'suspect' && suiteRatio !== null ? [`the whole suite was ${formatRatio(suiteRatio)} than in the nights before`, ...qualityReasons] : qualityReasons;
  return html`<span class="badge ${qualityClasses[quality]}">${quality}</span>${reasons.length === 0 ? '' : html` <span class="sub">${reasons.join('; ')}</span>`}`;
}

export function runPage(run: RunDetails): Html {
  return page({
    title: run.title, section: '/runs', json: pathOf('/api/runs', run.key), csv: link(pathOf('/api/runs', run.key), { format: 'csv' }),
    body: html`<div class="card"><dl><dt>Series</dt><dd>${seriesLink(run)}</dd><dt>Machine</dt><dd>${machineLink(run.machine)} ${run.architecture === '' ? '' : `(${run.architecture})`}</dd>
<dt>Python</dt><dd>${run.pythonVersion}</dd><dt>Commit</dt><dd>${shortCommit(run.commitId)} ${branchOf(run)} ${run.commitDate === null ? '' : formatTime(run.commitDate)}</dd>
<dt>Measured</dt><dd>${formatTime(run.measuredAt)}</dd><dt>Quality</dt><dd>${qualityOf(run)}</dd></dl></div>
${filterField('Filter benchmarks')}
${table('What was measured', [{ name: 'Benchmark' }, { name: 'Mean', isFigure: true }, { name: 'Deviation', isFigure: true }, { name: 'Median', isFigure: true },
    { name: 'Fastest', isFigure: true }, { name: 'Slowest', isFigure: true }, { name: 'Processes × values' }, { name: 'Timeline' }], run.measurements.map((measured) => {
    const figure = (value: number | null): { content: string; order: number | string } => ({ content: formatValue(value, measured.unit), order: value ?? '' });
    return [
      html`<a href="${samplesPath(run.key, measured.benchmark)}">${measured.benchmark}</a>`, figure(measured.mean), figure(measured.standardDeviation), figure(measured.median),
      figure(measured.minimum), figure(measured.maximum), measured.shape.replace('x', ' × '), html`<a href="${timelineLink(run, measured.benchmark)}">timeline</a>`,
    ];
  }))}
${metadataList('Environment', run.environment)}${metadataList('Metadata', run.metadata)}`,
  });
}

/** bench_runner writes the commit for a branch. */
const branchOf = ({ commitBranch }: RunDetails): string => (commitBranch === null || /^[0-9a-f]{40}$/.test(commitBranch) ? '' : commitBranch);

const samplesPath = (run: string, benchmark: string): string => link(pathOf('/runs', run), { benchmark });

function metadataList(title: string, entries: Readonly<Record<string, unknown>>): Html {
  const names = Object.keys(entries).sort();
  if (names.length === 0) return html``;
  return html`<h2>${title}</h2><dl class="card">${names.map((name) => html`<dt>${name}</dt><dd>${textOf(entries[name])}</dd>
`)}</dl>`;
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Every sample of one benchmark of a run, process by process, as the file has them. */
export function samplesPage(run: RunDetails, benchmark: Benchmark): Html {
  const rows = samplesInOrder(benchmark).map(({ process, kind, position, loops, value }) => [
    { content: `process ${process}`, order: process }, `${kind} ${position}${loops === undefined ? '' : ` (${countOf(loops, 'loop')})`}`, { content: formatSample(value, benchmark.unit), order: value },
  ]);
  const api = `${pathOf('/api/runs', run.key)}/samples`;
  return page({
    title: `${benchmark.name}: every sample`, section: '/runs', json: link(api, { benchmark: benchmark.name }), csv: link(api, { benchmark: benchmark.name, format: 'csv' }),
    body: html`<p>${runLink(run)} ${seriesLink(run)}; <a href="${timelineLink(run, benchmark.name)}">timeline</a></p>
${table(`${benchmark.runs.length} processes`, [{ name: 'Process' }, { name: 'Sample' }, { name: 'Value', isFigure: true }], rows)}
${metadataList('Metadata', benchmark.metadata)}`,
  });
}
