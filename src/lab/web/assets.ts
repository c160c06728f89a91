/** Style, script and picture of the pages: one small file each, served by the lab itself. */

export const styleSheet = `:root {
  color-scheme: light dark;
  --text: light-dark(#18212d, #e6ebf2); --faint: light-dark(#566273, #9fabbb); --ground: light-dark(#f6f8fb, #0e1217);
  --panel: light-dark(#fff, #171c24); --sunk: light-dark(#eef2f7, #1f2630); --rule: light-dark(#dfe5ed, #2b3440); --link: light-dark(#0a55b0, #82b9fa);
  --better: light-dark(#0a6235, #79d99d); --better-ground: light-dark(#e2f4e9, #12301f);
  --worse: light-dark(#9f221b, #ffa79d); --worse-ground: light-dark(#fdeae8, #3a1a18);
  --doubt: light-dark(#75500a, #e9c16c); --doubt-ground: light-dark(#fbf1da, #352a12);
  --line: light-dark(#1666c5, #6aaaf5); --area: light-dark(#1666c51a, #6aaaf51f);
  --beside1: light-dark(#b3540b, #f2a661); --beside2: light-dark(#7a3fb5, #c59bf0); --beside3: light-dark(#0c7a6f, #5fd0c3);
  --shadow: 0 1px 2px light-dark(#1b2b4214, #0000), 0 4px 16px light-dark(#1b2b420a, #0000);
}
* { box-sizing: border-box; } [hidden] { display: none !important; }
body { margin: 0; color: var(--text); background: var(--ground); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
a { color: var(--link); text-decoration-thickness: 1px; text-underline-offset: 3px; text-decoration-color: color-mix(in srgb, currentColor 35%, transparent); }
a:hover { text-decoration-color: currentColor; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; border-radius: 4px; }
code, kbd, pre { font: .92em ui-monospace, SFMono-Regular, Menlo, monospace; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 8px; top: 8px; background: var(--panel); padding: 4px 8px; z-index: 2; }
header { background: var(--panel); border-bottom: 1px solid var(--rule); }
nav { display: flex; flex-wrap: wrap; gap: 4px 24px; align-items: center; padding: 8px 20px; max-width: 1240px; margin: auto; }
.brand { display: flex; align-items: center; gap: 9px; color: var(--text); font-weight: 650; text-decoration: none; letter-spacing: -.01em; }
.brand svg { width: 24px; height: 24px; } .brand svg path { stroke: #fff; stroke-width: 2.4; }
nav ul { display: flex; gap: 2px; list-style: none; margin: 0; padding: 0; overflow-x: auto; }
nav li a { display: block; padding: 6px 11px; border-radius: 7px; color: var(--faint); text-decoration: none; white-space: nowrap; }
nav li a:hover { background: var(--sunk); color: var(--text); }
nav li a[aria-current] { background: var(--sunk); color: var(--text); font-weight: 600; }
main, footer { max-width: 1240px; margin: auto; padding: 8px 20px; }
footer { display: flex; flex-wrap: wrap; gap: 4px 20px; color: var(--faint); border-top: 1px solid var(--rule); margin-top: 40px; padding-block: 16px 32px; }
.keys { margin-left: auto; }
h1 { font-size: 1.6rem; line-height: 1.2; letter-spacing: -.02em; overflow-wrap: anywhere; margin: 20px 0 12px; }
h2 { font-size: 1.15rem; letter-spacing: -.01em; margin: 32px 0 10px; }
.tiles h2 { font-size: 1rem; font-weight: 600; margin: 0; overflow-wrap: anywhere; }
.card, .scroll, .chart, .tiles li { background: var(--panel); border: 1px solid var(--rule); border-radius: 10px; box-shadow: var(--shadow); }
.card { padding: 14px 18px; margin: 12px 0; } .card p { overflow-wrap: anywhere; } .card h2 { margin-top: 4px; } .card pre { white-space: pre-wrap; overflow-wrap: anywhere; background: var(--sunk); border-radius: 7px; }
.scroll { overflow-x: auto; }
pre { padding: 12px 16px; margin: 0; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--faint); padding: 10px 16px 2px; font-size: .9rem; }
th, td { text-align: left; padding: 7px 16px; border-top: 1px solid var(--rule); vertical-align: top; font-weight: normal; overflow-wrap: break-word; }
tbody tr:hover { background: color-mix(in srgb, var(--sunk) 55%, transparent); }
thead th { border: 0; white-space: nowrap; }
thead button { font: inherit; font-size: .82rem; font-weight: 600; color: var(--faint); background: none; border: 0; padding: 4px 0; cursor: pointer; text-align: inherit; }
thead button:hover { color: var(--text); }
th[aria-sort="ascending"] button::after { content: " ↑"; } th[aria-sort="descending"] button::after { content: " ↓"; }
.figure { text-align: right; white-space: nowrap; } td.date, th.date { white-space: nowrap; }
.sub { display: block; color: var(--faint); font-size: .87rem; } .faint, .empty { color: var(--faint); }
.better { color: var(--better); } .worse { color: var(--worse); } .doubt { color: var(--doubt); }
.pill, .badge { display: inline-block; border-radius: 99px; padding: 0 9px; background: var(--sunk); white-space: nowrap; font-size: .92em; }
.pill.better { background: var(--better-ground); } .pill.worse { background: var(--worse-ground); }
.badge { font-size: .84rem; line-height: 1.6; } .badge.confirmed, .badge.bad { background: var(--worse-ground); color: var(--worse); }
.badge.new, .badge.investigating, .badge.doubt { background: var(--doubt-ground); color: var(--doubt); }
.badge.fixed, .badge.accepted, .badge.good { background: var(--better-ground); color: var(--better); }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(245px, 1fr)); gap: 12px; padding: 0; margin: 12px 0; list-style: none; }
.tiles.wide { grid-template-columns: repeat(auto-fit, minmax(min(100%, 350px), 1fr)); gap: 16px; }
.tiles li { padding: 10px 14px 12px; min-width: 0; } .tiles.many li { content-visibility: auto; contain-intrinsic-size: auto 112px; }
.tiles li > a { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; } .tiles.wide li > a { white-space: normal; overflow-wrap: anywhere; }
.tiles .foot { font-size: .9rem; display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 2px 10px; font-variant-numeric: tabular-nums; }
.hero { font-size: 1.75rem; font-weight: 650; letter-spacing: -.02em; line-height: 1.25; }
.row { display: flex; flex-wrap: wrap; gap: 6px 28px; align-items: baseline; }
svg { display: block; max-width: 100%; } svg path, svg line { vector-effect: non-scaling-stroke; }
.spark { width: 100%; height: 48px; margin: 4px 0; } .spark.tall { height: 72px; }
svg path { fill: none; stroke: var(--line); stroke-width: 1.6; stroke-linejoin: round; } svg path.area { fill: var(--area); stroke: none; }
svg path.beside1 { stroke: var(--beside1); } svg path.beside2 { stroke: var(--beside2); } svg path.beside3 { stroke: var(--beside3); } svg circle { fill: var(--line); } svg circle.doubtful { fill: var(--panel); stroke: var(--line); stroke-width: 1.5; }
svg a:hover circle, svg a:focus circle { stroke: var(--link); stroke-width: 4; } svg .hit { fill: transparent; stroke: none; }
svg .epoch { stroke: var(--faint); stroke-dasharray: 3 4; stroke-width: 1; opacity: .8; } .spark .epoch { opacity: .45; } svg .error { stroke: var(--line); opacity: .45; stroke-width: 1.5; }
svg .grid { stroke: var(--rule); } svg text { fill: var(--faint); font-size: 12px; font-variant-numeric: tabular-nums; }
svg .change { stroke-width: 2; } svg .change.worse, .interval.worse line:not(.zero), .interval.worse circle { stroke: var(--worse); fill: var(--worse); }
svg .change.better, .interval.better line:not(.zero), .interval.better circle { stroke: var(--better); fill: var(--better); }
.chart { margin: 12px 0; padding: 14px 16px 10px; } .plot { display: flex; } .plot .axis { flex: 0 0 66px; width: 66px; height: 320px; } .plot .lines { flex: 1; min-width: 0; height: 320px; overflow: visible; }
.interval { width: 190px; height: 16px; margin-top: 4px; } .sub.wide { white-space: nowrap; } .interval rect { fill: var(--faint); opacity: .28; } .interval.better rect { fill: var(--better); } .interval.worse rect { fill: var(--worse); } .interval line, .interval circle { stroke: var(--faint); fill: var(--faint); stroke-width: 2; } .interval line.zero { stroke: var(--faint); stroke-width: 1; opacity: .5; }
.shares { width: 100%; height: 12px; border-radius: 6px; margin: 10px 0 6px; } .shares .better { fill: var(--better); } .shares .worse { fill: var(--worse); } .shares .same { fill: var(--faint); opacity: .45; } .shares .unsure { fill: var(--doubt); opacity: .55; }
.key { display: inline-block; width: 10px; height: 10px; margin-right: 6px; border-radius: 3px; background: var(--faint); opacity: .6; } .key.better { background: var(--better); opacity: 1; } .key.worse { background: var(--worse); opacity: 1; } .key.beside1 { background: var(--beside1); opacity: 1; } .key.beside2 { background: var(--beside2); opacity: 1; } .key.beside3 { background: var(--beside3); opacity: 1; } .key.unsure { background: var(--doubt); }
figcaption { display: flex; flex-wrap: wrap; gap: 0 24px; color: var(--faint); font-size: .87rem; padding-top: 6px; }
form { display: flex; flex-wrap: wrap; gap: 10px 16px; align-items: end; margin: 12px 0; } label { color: var(--faint); font-size: .9rem; } form label { min-width: 0; max-width: 100%; }
label input, label select { display: block; margin-top: 2px; }
input, select, form button { font: inherit; font-size: 15px; color: var(--text); background: var(--panel); border: 1px solid light-dark(#8793a3, #5c6878); border-radius: 7px; padding: 6px 10px; height: 37px; max-width: 100%; }
form button { cursor: pointer; font-weight: 600; background: var(--sunk); } form button:hover { border-color: var(--text); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 5px 22px; margin: 0; } dt { color: var(--faint); } dd { margin: 0; overflow-wrap: anywhere; }
kbd { border: 1px solid var(--rule); border-radius: 4px; padding: 0 5px; background: var(--panel); }
@media (max-width: 640px) {
  .keys, .sub.wide { display: none; } nav { padding: 8px 14px; } main, footer { padding-inline: 14px; } nav ul { flex-wrap: wrap; margin: 0 -9px; } nav li a { padding: 4px 9px; } form { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); } label input, label select { width: 100%; }
  dl { grid-template-columns: minmax(0, 1fr); gap: 0; } dd { margin-bottom: 8px; } .hero { font-size: 1.5rem; }
  .lines text:nth-of-type(even) { display: none; } .plot .axis, .plot .lines { height: 240px; } .plot .axis { flex-basis: 56px; width: 56px; } .tiles:not(.wide) { grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 8px; } .tiles:not(.wide) li { padding: 8px 10px; }
  table, caption, tbody, tbody tr, thead, thead tr { display: block; } thead tr { display: flex; flex-wrap: wrap; gap: 0 16px; padding: 0 14px; } thead th { padding: 0; } thead button { padding: 6px 0; }
  tbody tr { border-top: 1px solid var(--rule); padding: 9px 14px; } tbody th, tbody td { display: flex; justify-content: space-between; gap: 14px; padding: 2px 0; border: 0; text-align: right; white-space: normal; }
  tbody td::before { content: attr(data-label); color: var(--faint); font-size: .87rem; text-align: left; flex: none; } tbody td > div { min-width: 0; } tbody th, tbody td > div { overflow-wrap: anywhere; } tbody th { display: block; text-align: left; font-weight: 600; } tbody td.blank { display: none; } .sub { font-weight: 400; }
}
@media print { nav ul, form, footer { display: none; } body { background: none; } }
`;

/** The same mark as in the header: two levels, and the step between them. */
export const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="#1666c5"/><path d="M4 8h6v8h10" fill="none" stroke="#fff" stroke-width="2.4" stroke-linejoin="round" stroke-linecap="round"/></svg>`;

export const script = `'use strict';
const sections = ['/', '/timeline', '/compare', '/changes', '/machines', '/runs', '/jobs'];
const valueOf = (cell) => cell.dataset.order ?? cell.textContent.trim();
const compare = (a, b) => (a !== '' && b !== '' && !isNaN(a) && !isNaN(b) ? a - b : a.localeCompare(b));
const remember = (name, value) => {
  const url = new URL(location);
  if (value === '') url.searchParams.delete(name); else url.searchParams.set(name, value);
  history.replaceState(null, '', url);
};
const sort = (table, column, order) => {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  for (const head of heads) head.removeAttribute('aria-sort');
  heads[column].setAttribute('aria-sort', order);
  const rows = [...body.rows].sort((a, b) => compare(valueOf(a.cells[column]), valueOf(b.cells[column])));
  body.append(...(order === 'ascending' ? rows : rows.reverse()));
};
document.addEventListener('click', (event) => {
  const head = event.target.closest('table.sortable thead th');
  if (head !== null) sort(head.closest('table'), head.cellIndex, head.getAttribute('aria-sort') === 'ascending' ? 'descending' : 'ascending');
});
const filter = () => {
  for (const field of document.querySelectorAll('input.filter')) {
    const word = field.value.toLowerCase();
    for (const item of document.querySelectorAll('.tiles li, table.sortable tbody tr')) item.hidden = !item.textContent.toLowerCase().includes(word);
  }
};
for (const field of document.querySelectorAll('input.filter')) {
  field.value = new URLSearchParams(location.search).get('filter') ?? '';
  field.addEventListener('input', () => { filter(); remember('filter', field.value); });
  if (field.value !== '') filter();
}
/* What changes by itself is fetched again, and stays sorted and filtered; not under the hands of somebody who is in it. */
const keepUp = document.querySelector('input.keep-up');
const refresh = async () => {
  const live = document.querySelector('.live');
  if (!keepUp.checked || document.hidden || live.contains(document.activeElement) || live.contains(getSelection().anchorNode) && !getSelection().isCollapsed) return;
  const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
  const fresh = answer.ok ? new DOMParser().parseFromString(await answer.text(), 'text/html').querySelector('.live') : null;
  if (fresh === null) return;
  const orders = [...live.querySelectorAll('table.sortable')].map((table) => [...table.tHead.rows[0].cells].find((head) => head.hasAttribute('aria-sort')));
  live.replaceWith(fresh);
  [...fresh.querySelectorAll('table.sortable')].forEach((table, index) => { if (orders[index]) sort(table, orders[index].cellIndex, orders[index].getAttribute('aria-sort')); });
  filter();
};
if (keepUp !== null) setInterval(() => { refresh().catch(() => {}); }, keepUp.dataset.seconds * 1000);
for (const choice of document.querySelectorAll('select.order')) {
  const tiles = document.querySelector('.tiles.many'), items = [...tiles.children];
  const apply = () => {
    const key = choice.value;
    tiles.append(...(key === '' ? items : [...items].sort((a, b) => (key === 'slower' ? b.dataset.ratio - a.dataset.ratio : a.dataset.ratio - b.dataset.ratio))));
    remember('order', key);
  };
  choice.value = new URLSearchParams(location.search).get('order') ?? '';
  choice.addEventListener('input', apply);
  if (choice.value !== '') apply();
}
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  if (event.key === '/') {
    const field = document.querySelector('input.filter') ?? document.querySelector('main input:not([type=hidden])');
    if (field === null) return;
    event.preventDefault();
    field.focus();
  } else if (sections[event.key - 1] !== undefined) location.href = sections[event.key - 1];
});
`;
