import { html } from 'hono/html';
import type { Timeline, TimelineSeries } from '#lab/store/queries/timeline.ts';
import type { SeriesName } from '#lab/store/queries/rows.ts';
import type { ChangeRow } from '#lab/store/queries/changes.ts';
import type { ChartMark, ChartPoint } from './chart.ts';
import { lineChart, mostBeside, sparkline } from './chart.ts';
import { formatDay, formatRatio, formatValue, link, pathOf, ratioClass, ratioPill, shortCommit } from './format.ts';
import type { Html } from './layout.ts';
import { filterInput, noResults, page, table } from './layout.ts';
import { runLink, seriesLink, timelineLink } from './series-links.ts';

export interface TimelineQuery {
  readonly since?: string | undefined;
  readonly before?: string | undefined;
  /** Other series that are drawn too, as `besideName` has them. */
  readonly beside?: readonly string[];
}

export const besideName = ({ machine, variant }: SeriesName): string => `${machine}/${variant}`;

/** Without a series: which there are. */
export function timelineChoice(series: readonly SeriesName[]): Html {
  return page({
    title: 'Timeline', section: '/timeline', json: '/api/overview',
    body: series.length === 0 ? noResults : html`<ul class="tiles">${series.map((one) => html`<li>${seriesLink(one)}</li>`)}</ul>`,
  });
}

export interface TimelineShown {
  readonly timeline: Timeline;
  /** Others with the same benchmark, to be drawn beside it. */
  readonly beside: readonly Timeline[];
  /** Of the one benchmark that is shown. */
  readonly changes: readonly ChangeRow[];
  /** All there are. */
  readonly series: readonly SeriesName[];
}

export function timelinePage({ timeline, beside, changes, series }: TimelineShown, query: TimelineQuery, only: string | undefined): Html {
  const { machine, variant } = timeline;
  const { since, before } = query;
  const api = { machine, variant, benchmark: only, since, before };
  return page({
    title: only === undefined ? `${variant} on ${machine}` : `${only}: ${variant} on ${machine}`, section: '/timeline',
    json: link('/api/series', api), csv: link('/api/series', { ...api, format: 'csv' }),
    body: html`<form method="get"><input type="hidden" name="machine" value="${machine}"><input type="hidden" name="variant" value="${variant}">
${only === undefined ? '' : html`<input type="hidden" name="benchmark" value="${only}">`}
<label>Since <input type="date" name="since" value="${query.since ?? ''}"></label><label>Before <input type="date" name="before" value="${query.before ?? ''}"></label><button>Show</button></form>
${otherSeries(series, timeline, query, only)}
${only === undefined ? allSeries(timeline) : oneSeries({ timeline, beside, changes }, only)}`,
  });
}

/** Links to the other series; of one benchmark they are drawn beside it, or no more. */
function otherSeries(series: readonly SeriesName[], { machine, variant }: SeriesName, { since, before, beside = [] }: TimelineQuery, only: string | undefined): Html | string {
  const others = series.filter((one) => one.machine !== machine || one.variant !== variant);
  if (others.length === 0) return '';
  const linkTo = (one: SeriesName): string => {
    if (only === undefined) return timelineLink(one);
    const name = besideName(one);
    return link('/timeline', { machine, variant, benchmark: only, since, before, beside: beside.includes(name) ? beside.filter((shown) => shown !== name) : [...beside, name].slice(-mostBeside) });
  };
  const wordsOf = (one: SeriesName): string => {
    const name = `${one.variant} on ${one.machine}`;
    if (only === undefined) return name;
    return beside.includes(besideName(one)) ? `leave out ${name}` : `draw ${name} beside it`;
  };
  return html`<p class="faint">${only === undefined ? 'Other series: ' : ''}${others.map((one, index) => html`${index > 0 ? ', ' : ''}<a href="${linkTo(one)}">${wordsOf(one)}</a>`)}</p>`;
}

function pointsOf(timeline: Timeline, series: TimelineSeries): readonly ChartPoint[] {
  return timeline.runs.map((run, index) => ({
    at: run.measuredAt, value: series.means[index] ?? null, error: series.errors[index] ?? null, isDoubtful: run.quality === 'quarantined',
    beginsEpoch: index > 0 && run.environment !== timeline.runs[index - 1]?.environment, label: shortCommit(run.commitId), href: pathOf('/runs', run.key),
  }));
}

interface Ends {
  readonly last: number | null;
  readonly ratio: number | null;
}

/** The last value, and against the first one; runs in doubt do not count, unless there are no others. */
function endsOf(timeline: Timeline, series: TimelineSeries): Ends {
  const all = series.means.filter((mean) => mean !== null);
  const sound = series.means.filter((mean, index) => mean !== null && timeline.runs[index]?.quality !== 'quarantined') as number[];
  const values = sound.length === 0 ? all : sound;
  const [first, last] = [values[0], values.at(-1)];
  return { last: last ?? null, ratio: first === undefined || last === undefined || values.length < 2 ? null : last / first };
}

function allSeries(timeline: Timeline): Html {
  const { runs, series } = timeline;
  if (series.length === 0) return html`<p class="empty">No runs in this time.</p>`;
  return html`<p class="faint">${series.length} benchmarks, ${runs.length} runs, ${formatDay(runs[0]?.measuredAt ?? null)} to ${formatDay(runs.at(-1)?.measuredAt ?? null)}.
Percentages: the last run against the first, without runs in doubt.</p>
<form>${filterInput('Filter benchmarks')}<label>Order <select class="order"><option value="">by name</option><option value="faster">what became faster first</option><option value="slower">what became slower first</option></select></label></form>
<ul class="tiles many">${series.map((one) => {
  const { last, ratio } = endsOf(timeline, one);
  const worth = one.lessIsBetter ? ratio ?? 1 : 1 / (ratio ?? 1);
  return html`<li data-ratio="${worth.toFixed(4)}"><a href="${timelineLink(timeline, one.benchmark)}">${one.benchmark}</a>${sparkline({ name: one.benchmark, points: pointsOf(timeline, one) })}<div class="foot"><span>${formatValue(last, one.unit)}</span>${ratioPill(ratio, one.lessIsBetter)}</div></li>
`;
})}</ul>`;
}

function marksOf(changes: readonly ChangeRow[], timeline: Timeline, lessIsBetter: boolean): readonly ChartMark[] {
  const shown = new Set(timeline.runs.map(({ key }) => key));
  return changes.filter(({ kind, state, run }) => kind === 'step' && state !== 'invalid' && shown.has(run.key)).map(({ key, ratio, run, state }) => ({
    at: run.measuredAt, href: pathOf('/changes', key), className: ratioClass(ratio, lessIsBetter), title: `${formatDay(run.measuredAt)}: ${formatRatio(ratio, lessIsBetter)} from here on (${state})`,
  }));
}

function oneSeries({ timeline, beside, changes }: Pick<TimelineShown, 'timeline' | 'beside' | 'changes'>, only: string): Html {
  const series = timeline.series.find(({ benchmark }) => benchmark === only);
  if (series === undefined) return html`<p class="empty">No run in this time has this benchmark.</p>`;
  const rows = timeline.runs.flatMap((run, index) => {
    const mean = series.means[index] ?? null;
    if (mean === null) return [];
    const before = series.means.slice(0, index).findLast((value) => value !== null) ?? null;
    const ratio = before === null ? null : mean / before;
    return [[
      { content: runLink(run), order: run.measuredAt.toISOString(), className: 'date' }, run.pythonVersion,
      { content: formatValue(mean, series.unit), order: mean },
      { content: formatValue(series.errors[index] ?? null, series.unit), order: series.errors[index] ?? '' },
      { content: ratioPill(ratio, series.lessIsBetter), order: ratio ?? '' }, run.qualityReasons.join('; '),
    ]];
  });
  const lines = beside.flatMap((other) => other.series.filter(({ benchmark }) => benchmark === only).map((one) =>
    ({ name: `${other.variant} on ${other.machine}`, href: timelineLink(other, only), points: pointsOf(other, one) })));
  return html`${lineChart({ name: only, beside: lines, unit: series.unit, points: pointsOf(timeline, series), marks: marksOf(changes, timeline, series.lessIsBetter) })}
<p><a href="${timelineLink(timeline)}">All benchmarks of this series</a></p>
${table('Every run', [{ name: 'Run' }, { name: 'Python' }, { name: 'Mean', isFigure: true }, { name: 'Standard error', isFigure: true },
  { name: 'Against the run before', isFigure: true }, { name: 'Doubts' }], rows.reverse())}`;
}
