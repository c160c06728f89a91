import { html } from 'hono/html';
import type { ChangeWithHistory } from '#lab/store/queries/changes.ts';
import { changeStates } from '#lab/store/queries/changes.ts';
import type { Token } from '#lab/store/tokens.ts';
import { changeKinds } from './changes-page.ts';
import { formatTime, link, pathOf, ratioPill } from './format.ts';
import type { Html } from './layout.ts';
import { page, table } from './layout.ts';
import { compareLink, runLink, seriesLink, timelineLink } from './series-links.ts';
import { signInLink } from './sign-in-page.ts';

/** One change: what it is, what was said of it, and for an administrator a form to say more. */
export function changePage(change: ChangeWithHistory, token: Token | undefined): Html {
  const { benchmark, run, previousRun } = change;
  const api = pathOf('/api/changes', change.key);
  return page({
    title: `${benchmark ?? 'The whole suite'}: ${changeKinds[change.kind]}`, section: '/changes', json: api, csv: link(api, { format: 'csv' }),
    body: html`<div class="card"><dl><dt>Series</dt><dd>${seriesLink(change)}</dd><dt>Timeline</dt><dd><a href="${timelineLink(change, benchmark ?? undefined)}">${benchmark ?? 'all benchmarks'}</a></dd>
${change.kind === 'step' || change.kind === 'suite-shift' ? html`<dt>By</dt><dd>${ratioPill(change.ratio)}</dd>` : ''}
<dt>First run</dt><dd>${runLink(run)}${previousRun === null ? '' : html`, <a href="${compareLink(previousRun.key, run.key)}">against the one before</a>`}</dd>
${change.detail === '' ? '' : html`<dt>Detail</dt><dd>${change.detail}</dd>`}<dt>State</dt><dd><span class="badge ${change.state}">${change.state}</span>${change.updatedBy === null && change.note !== '' ? ` by the lab itself: ${change.note}` : ''}</dd></dl></div>
${decisionForm(change, token)}
${change.history.length === 0 ? html`<p class="empty">Nobody has said anything of it yet.</p>` : table('What was said of it', [{ name: 'When' }, { name: 'State' }, { name: 'By' }, { name: 'Note' }], change.history.map(({ state, note, decidedBy, decidedAt }) =>
    [{ content: formatTime(decidedAt), order: decidedAt.toISOString() }, state, decidedBy, note]))}`,
  });
}

function decisionForm({ key, state }: ChangeWithHistory, token: Token | undefined): Html {
  const path = pathOf('/changes', key);
  if (token === undefined) return html`<p>${signInLink(path)} to say what it is.</p>`;
  if (token.scope !== 'administer') return html`<p class="faint">A token of scope <code>administer</code> may say what it is.</p>`;
  return html`<form method="post" action="${path}"><label>State <select name="state">${changeStates.map((one) =>
    html`<option${one === state ? html` selected` : ''}>${one}</option>`)}</select></label>
<label>Note <input name="note" maxlength="2000" autocomplete="off"></label><button>Say so</button></form>`;
}
