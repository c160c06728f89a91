import { html } from 'hono/html';
import type { Overview, SuiteRatio } from '#lab/store/queries/overview.ts';
import type { ChangeRow } from '#lab/store/queries/changes.ts';
import { changesTable } from './changes-page.ts';
import { formatRatio, link, ratioClass } from './format.ts';
import type { Cell, Html } from './layout.ts';
import { page, table } from './layout.ts';
import { compareLink, machineLink, runLink, seriesLink } from './series-links.ts';

/** Is it faster than last month, and what changed last? */
export function overviewPage(overview: Overview, changes: readonly ChangeRow[]): Html {
  const rows = overview.series.map((series) => [
    seriesLink(series), machineLink(series.machine), { content: runLink(series.latest), order: series.latest.measuredAt.toISOString() },
    ratioCell(series.previous, series.latest.key), ratioCell(series.monthAgo, series.latest.key),
    { content: html`<a href="${link('/changes', { machine: series.machine, variant: series.variant, state: 'new' })}">${series.newChanges}</a>`, order: series.newChanges },
    { content: String(series.runs), order: series.runs },
  ]);
  return page({
    title: 'Overview', section: '/', json: '/api/overview',
    body: html`<p class="faint">${overview.runs} runs of ${overview.benchmarks} benchmarks on ${overview.machines} machines; ${overview.measurements} measurements.</p>
${table('The latest run of each series, against the one before and against a month ago (geometric mean)',
  [{ name: 'Series' }, { name: 'Machine' }, { name: 'Latest run' }, { name: 'Run before', isFigure: true }, { name: 'Month ago', isFigure: true },
    { name: 'New changes', isFigure: true }, { name: 'Runs', isFigure: true }], rows)}
${overview.runs === 0 ? html`<p>Bring results in: <code>armature lab import DIRECTORY</code>, or upload with a token (<code>armature lab token create</code>).</p>` : ''}
<h2>Latest changes</h2>
${changesTable('Newest first', changes)}`,
  });
}

function ratioCell(ratio: SuiteRatio | null, head: string): Cell {
  if (ratio === null) return { content: '–', order: '' };
  return {
    content: html`<a href="${compareLink(ratio.run, head)}" title="${ratio.benchmarks} benchmarks">${formatRatio(ratio.ratio)}</a>`,
    order: ratio.ratio, className: ratioClass(ratio.ratio),
  };
}
