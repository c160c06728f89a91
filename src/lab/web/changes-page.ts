import { html } from 'hono/html';
import type { ChangeFilter, ChangeRow } from '#lab/store/queries/changes.ts';
import { changeStates, usualChanges } from '#lab/store/queries/changes.ts';
import { countOf, link, pathOf, ratioPill } from './format.ts';
import type { Html } from './layout.ts';
import { filterField, page, table } from './layout.ts';
import { listCaption, olderLink, pageOf } from './older.ts';
import { runLink, timelineLink } from './series-links.ts';

export const changeKinds: Readonly<Record<ChangeRow['kind'], string>> = {
  'step': 'benchmark changed', 'suite-shift': 'whole suite moved', 'environment': 'environment at fault', 'epoch': 'another environment begins',
};

export function changesTable(caption: string, changes: readonly ChangeRow[]): Html {
  return table(caption, [{ name: 'What' }, { name: 'Became' }, { name: 'First run' }, { name: 'State' }, { name: 'Detail' }],
    changes.map((change) => [
      html`<a href="${timelineLink(change, change.benchmark ?? undefined)}">${change.benchmark ?? 'the whole suite'}</a> <span class="sub">${change.variant} on ${change.machine}</span>`,
      change.kind === 'step' || change.kind === 'suite-shift'
        ? { content: html`${ratioPill(change.ratio)}<span class="sub wide">${changeKinds[change.kind]}</span>`, order: change.ratio }
        : { content: html`<span class="badge doubt">${changeKinds[change.kind]}</span>`, order: '' },
      { content: runLink(change.run), order: change.run.measuredAt.toISOString(), className: 'date' },
      { content: html`<a href="${pathOf('/changes', change.key)}"><span class="badge ${change.state}">${change.state}</span></a>`, order: change.state },
      change.detail === '' && change.note === '' ? '' : html`${change.detail}${change.note === '' ? '' : html` <em>${change.note}</em>`}`,
    ]));
}

export function changesPage(changes: readonly ChangeRow[], filter: ChangeFilter): Html {
  const query = { machine: filter.machine, variant: filter.variant, benchmark: filter.benchmark, state: filter.state, ...pageOf(filter) };
  const older = olderLink('/changes', query, changes.length >= (filter.limit ?? usualChanges) ? changes.at(-1)?.run.measuredAt : undefined, 'Older changes');
  return page({
    title: 'Changes', section: '/changes', json: link('/api/changes', query), csv: link('/api/changes', { ...query, format: 'csv' }),
    body: html`<form method="get"><label>State <select name="state"><option value="">all</option>${changeStates.map((state) =>
      html`<option${state === filter.state ? html` selected` : ''}>${state}</option>`)}</select></label>
${(['machine', 'variant', 'benchmark'] as const).map((name) =>
  html`<label>${name[0]?.toUpperCase()}${name.slice(1)} <input name="${name}" value="${filter[name] ?? ''}"></label>`)}<label>Since <input type="date" name="since" value="${filter.since?.toISOString().slice(0, 10) ?? ''}"></label><button>Show</button></form>
${filterField('Filter')}
${changesTable(listCaption(countOf(changes.length, 'change'), older !== undefined, filter.before), changes)}${older ?? ''}
<p class="faint">The state of a change leads to what was said of it; <a href="/sign-in?next=/changes">with a token of scope <code>administer</code></a> you can say more.</p>`,
  });
}
