import { html } from 'hono/html';
import type { ChangeRow } from '#lab/store/queries/changes.ts';
import type { Preset } from '#lab/store/queries/comparison.ts';
import type { Overview, OverviewSeries, SuiteRatio } from '#lab/store/queries/overview.ts';
import { newDays } from '#lab/store/queries/overview.ts';
import { changesTable } from './changes-page.ts';
import { sparkline } from './chart.ts';
import { countOf, formatRatio, link, ratioClass } from './format.ts';
import type { Html } from './layout.ts';
import { noResults, page } from './layout.ts';
import { presetTile } from './preset-tile.ts';
import { compareLink, machineLink, runLink, seriesLink } from './series-links.ts';

export interface OverviewShown {
  readonly overview: Overview;
  /** Builds and machines against each other at one commit. */
  readonly pairs: readonly Preset[];
  readonly changes: readonly ChangeRow[];
}

/** Is it faster than last month, is this build faster than that one, and what changed last? */
export function overviewPage({ overview, pairs, changes }: OverviewShown): Html {
  const { runs, benchmarks, machines, measurements, series } = overview;
  return page({
    title: 'Overview', section: '/', json: '/api/overview', csv: '/api/overview?format=csv',
    body: runs === 0 ? noResults : html`<p class="faint">${countOf(measurements, 'result')}: ${countOf(runs, 'run')} of ${countOf(benchmarks, 'benchmark')} on ${countOf(machines, 'machine')}. The lines are the time of the whole suite: lower is faster.</p>
<ul class="tiles wide">${[...series].sort(byName).map(seriesTile)}${pairs.slice(0, pairsShown).map((pair) => presetTile(pair, 'At one commit'))}</ul>
${pairs.length > pairsShown ? html`<p><a href="/compare">All comparisons</a></p>` : ''}
<h2>Latest changes</h2>
${changesTable('Newest first', changes)}
<p><a href="/changes">All changes</a></p>`,
  });
}

/** The rest is on the page of comparisons. */
const pairsShown = 6;

const byName = (left: OverviewSeries, right: OverviewSeries): number => left.machine.localeCompare(right.machine) || left.variant.localeCompare(right.variant);

function seriesTile(series: OverviewSeries): Html {
  const { latest, newChanges, history, monthAgo, previous } = series;
  const [main, beside] = monthAgo === null ? [previous, null] : [monthAgo, previous];
  const when = monthAgo === null ? 'than the run before' : 'than a month ago';
  return html`<li><h2>${seriesLink(series)}</h2>
<div class="row"><span class="hero ${ratioClass(main?.ratio ?? null)}">${main === null ? 'first run' : formatRatio(main.ratio)}</span>${main === null ? '' : html`<span class="faint">${against(main, latest.key, main.ratio, when)}</span>`}</div>
${sparkline({ name: `All benchmarks of ${series.variant} on ${series.machine}`, isTall: true, points: history.map(({ measuredAt, ratio }) => ({ at: measuredAt, value: ratio, isDoubtful: false })) })}
<div class="foot">${beside === null ? '' : html`<span>${formatRatio(beside.ratio)} ${against(beside, latest.key, beside.ratio, 'than before')}</span>`}
<a href="${link('/changes', { machine: series.machine, variant: series.variant, state: 'new', since: daysBefore(latest.measuredAt, newDays) })}" title="in the last ${newDays} days">${countOf(newChanges, 'new change')}</a></div>
<div class="foot faint"><span>${runLink(latest)}</span><span>${countOf(series.runs, 'run')} on ${machineLink(series.machine)}</span></div></li>
`;
}

const daysBefore = (time: Date, days: number): string => new Date(time.getTime() - days * 86_400_000).toISOString().slice(0, 10);

/** `the same as`, but `faster than`. */
function against({ run, benchmarks }: SuiteRatio, head: string, ratio: number, when: string): Html {
  const words = formatRatio(ratio) === 'the same' ? when.replace('than', 'as') : when;
  return html`<a href="${compareLink(run, head)}" title="geometric mean of ${benchmarks} benchmarks">${words}</a>`;
}
