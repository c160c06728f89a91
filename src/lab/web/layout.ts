/** What all pages have around them. */
import { html, raw } from 'hono/html';
import { icon } from './assets.ts';

/** What the `html` tag gives: text in which every value was escaped. */
export type Html = ReturnType<typeof html>;

/** What a new lab says on the pages that live from runs. */
export const noResults = html`<div class="card"><h2>No results yet</h2>
<p>Stop the lab and bring in a directory of pyperf or bench_runner files:</p>
<pre><code>armature lab import results/</code></pre>
<p>Or make a token, also while it is stopped, and send files to the running lab:</p>
<pre><code>armature lab token create nightly --scope submit --machine NAME
curl --data-binary @night.json -H "Authorization: Bearer TOKEN" '…/api/results?name=night.json'</code></pre></div>`;

/** The pages of the navigation, in order. */
export const sections = [
  ['/', 'Overview'], ['/timeline', 'Timeline'], ['/compare', 'Compare'], ['/changes', 'Changes'], ['/machines', 'Machines'], ['/runs', 'Runs'], ['/jobs', 'Jobs'],
] as const;

export interface PageOptions {
  readonly title: string;
  /** The section it belongs to; an error belongs to none. */
  readonly section: (typeof sections)[number][0] | undefined;
  readonly body: Html | readonly Html[];
  /** The same figures for programs. */
  readonly json?: string;
  readonly csv?: string;
}

export function page({ title, section, body, json, csv }: PageOptions): Html {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} · Armature lab</title>
<link rel="stylesheet" href="/assets/lab.css">
<link rel="icon" type="image/svg+xml" href="/assets/lab.svg">
<link rel="alternate" type="application/atom+xml" title="Changes" href="/feeds/changes.atom">
<link rel="alternate" type="application/rss+xml" title="Changes" href="/feeds/changes.rss">
<script src="/assets/lab.js" defer></script>
</head>
<body>
<a class="skip" href="#main">Skip to the content</a>
<header><nav aria-label="Pages"><a class="brand" href="/">${raw(icon.replace('<svg', '<svg aria-hidden="true"'))}Armature lab</a><ul>
${sections.map(([path, name]) => html`<li><a href="${path}"${path === section ? html` aria-current="page"` : ''}>${name}</a></li>`)}
</ul></nav></header>
<main id="main">
<h1>${title}</h1>
${body}
</main>
<footer>${json === undefined ? '' : html`<a href="${json}">JSON</a> `}${csv === undefined ? '' : html`<a href="${csv}">CSV</a> `}<a href="/feeds/changes.atom">Feed of changes</a> <a href="/sign-in">Sign in or out</a>
<span class="keys"><kbd>/</kbd> filter, <kbd>1</kbd>–<kbd>7</kbd> pages</span></footer>
</body>
</html>`;
}

export interface Column {
  readonly name: string;
  /** Figures are aligned at the right and sorted by their value. */
  readonly isFigure?: true;
}

export interface Cell {
  readonly content: Html | string;
  /** What it is sorted by; without it, its text. */
  readonly order?: number | string | undefined;
  readonly className?: string;
}

/**
 * A table whose columns sort when their headers are pressed. On a phone each row is a card and each cell has the name of its column beside it;
 * the roles say that it is a table all the same.
 */
export function table(caption: string, columns: readonly Column[], rows: readonly (readonly (Cell | Html | string)[])[]): Html {
  if (rows.length === 0) return html`<p class="empty">Nothing to show yet.</p>`;
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table class="sortable" role="table">
<caption>${caption}</caption>
<thead role="rowgroup"><tr role="row">${columns.map(({ name, isFigure }) => html`<th scope="col" role="columnheader"${isFigure ? html` class="figure"` : ''}><button type="button">${name}</button></th>`)}</tr></thead>
<tbody role="rowgroup">
${rows.map((row) => html`<tr role="row">${row.map((cell, index) => renderCell(cell, columns[index], index === 0))}</tr>
`)}</tbody></table></div>`;
}

const isCell = (cell: Cell | Html | string): cell is Cell => typeof cell === 'object' && 'content' in cell;

function renderCell(given: Cell | Html | string, column: Column | undefined, isFirst: boolean): Html {
  const cell: Cell = isCell(given) ? given : { content: given };
  const classes = [column?.isFigure ? 'figure' : '', cell.content === '' ? 'blank' : '', cell.className ?? ''].filter((name) => name !== '').join(' ');
  const order = cell.order === undefined ? '' : html` data-order="${String(cell.order)}"`;
  const attributes = html`${classes === '' ? '' : html` class="${classes}"`}${order}`;
  if (isFirst) return html`<th scope="row" role="rowheader"${attributes}>${cell.content}</th>`;
  // One child, so that what a phone puts beside the name of the column stays together.
  return html`<td role="cell" data-label="${column?.name ?? ''}"${attributes}><div>${cell.content}</div></td>`;
}

const refreshSeconds = 5;

/** What changes by itself: with a script it is fetched again every few seconds, until the reader says otherwise. One on a page. */
export const live = (content: Html): Html => html`<p><label><input type="checkbox" class="keep-up" data-seconds="${refreshSeconds}" checked> Keep up to date</label></p>
<div class="live">
${content}
</div>`;

/** The field that filters what is on the page. */
export const filterField = (label: string): Html => html`<p>${filterInput(label)}</p>`;

export const filterInput = (label: string): Html =>
  html`<label>${label} <input type="search" class="filter" autocomplete="off" spellcheck="false"></label>`;
