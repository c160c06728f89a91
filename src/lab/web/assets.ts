/** Style and script of the pages: one small file each, served by the lab itself. */

export const styleSheet = `:root {
  color-scheme: light dark;
  --text: light-dark(#1c2430, #e3e8ef); --faint: light-dark(#5a6675, #9aa7b8); --ground: light-dark(#fff, #12161c);
  --panel: light-dark(#f4f6f9, #1b212a); --rule: light-dark(#d5dbe3, #333d4a); --link: light-dark(#0b57a4, #7db8f5);
  --better: light-dark(#116632, #6fd08c); --worse: light-dark(#a3241c, #ff9b8f); --line: light-dark(#0b57a4, #7db8f5);
}
* { box-sizing: border-box; }
body { margin: 0; color: var(--text); background: var(--ground); font: 15px/1.5 system-ui, sans-serif; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip { position: absolute; left: -999px; }
.skip:focus { left: 8px; top: 8px; background: var(--ground); padding: 4px 8px; z-index: 1; }
header { background: var(--panel); border-bottom: 1px solid var(--rule); }
nav { display: flex; flex-wrap: wrap; gap: 4px 20px; align-items: center; padding: 8px 16px; max-width: 1200px; margin: auto; }
nav ul { display: flex; flex-wrap: wrap; gap: 4px 16px; list-style: none; margin: 0; padding: 0; }
nav a { text-decoration: none; padding: 6px 0; display: inline-block; }
nav a[aria-current] { color: var(--text); border-bottom: 2px solid var(--link); }
main, footer { max-width: 1200px; margin: auto; padding: 8px 16px; }
footer { color: var(--faint); border-top: 1px solid var(--rule); margin-top: 32px; }
h1 { font-size: 1.5rem; overflow-wrap: anywhere; } h2 { font-size: 1.15rem; margin-top: 28px; }
.scroll { overflow-x: auto; } pre { background: var(--panel); border: 1px solid var(--rule); padding: 8px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--faint); padding: 4px 0; }
th, td { text-align: left; padding: 5px 10px 5px 0; border-bottom: 1px solid var(--rule); vertical-align: top; font-weight: normal; }
thead th { position: sticky; top: 0; background: var(--ground); }
thead button { font: inherit; font-weight: 600; color: inherit; background: none; border: 0; padding: 4px 0; cursor: pointer; text-align: inherit; }
th[aria-sort="ascending"] button::after { content: " ↑"; } th[aria-sort="descending"] button::after { content: " ↓"; }
.figure { text-align: right; white-space: nowrap; }
.better { color: var(--better); } .worse { color: var(--worse); } .faint, .empty { color: var(--faint); }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(240px, 1fr)); gap: 12px; padding: 0; list-style: none; }
.tiles li { background: var(--panel); border: 1px solid var(--rule); border-radius: 6px; padding: 8px 10px; min-width: 0; content-visibility: auto; contain-intrinsic-size: auto 110px; }
.tiles a { display: block; overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
svg { width: 100%; height: auto; display: block; }
svg path { fill: none; stroke: var(--line); stroke-width: 1.5; } svg circle { fill: var(--line); }
svg circle.doubtful { fill: var(--ground); stroke: var(--line); stroke-width: 1.5; }
svg .epoch { stroke: var(--faint); stroke-dasharray: 3 3; } svg .error { stroke: var(--line); opacity: .5; }
.chart { margin: 0; background: var(--panel); border: 1px solid var(--rule); border-radius: 6px; padding: 8px; }
figcaption { display: flex; flex-wrap: wrap; gap: 0 24px; color: var(--faint); font-size: .87rem; }
form { display: flex; flex-wrap: wrap; gap: 8px 16px; align-items: end; margin: 12px 0; }
input, select, form button { font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--faint); border-radius: 4px; padding: 5px 8px; max-width: 100%; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 16px; } dt { color: var(--faint); } dd { margin: 0; overflow-wrap: anywhere; }
kbd { border: 1px solid var(--rule); border-radius: 3px; padding: 0 4px; } .keys { float: right; }
@media (max-width: 600px) { .keys { display: none; } dl { grid-template-columns: 1fr; } dd { margin-bottom: 6px; } th, td { padding-right: 14px; } }
`;

export const script = `'use strict';
const sections = ['/', '/timeline', '/compare', '/changes', '/machines', '/runs', '/jobs'];
const valueOf = (cell) => cell.dataset.order ?? cell.textContent.trim();
const compare = (a, b) => (a !== '' && b !== '' && !isNaN(a) && !isNaN(b) ? a - b : a.localeCompare(b));
for (const table of document.querySelectorAll('table.sortable')) {
  const body = table.tBodies[0], heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => head.querySelector('button').addEventListener('click', () => {
    const isAscending = head.getAttribute('aria-sort') !== 'ascending';
    for (const other of heads) other.removeAttribute('aria-sort');
    head.setAttribute('aria-sort', isAscending ? 'ascending' : 'descending');
    const rows = [...body.rows].sort((a, b) => compare(valueOf(a.cells[column]), valueOf(b.cells[column])));
    body.append(...(isAscending ? rows : rows.reverse()));
  }));
}
for (const field of document.querySelectorAll('input.filter')) {
  const apply = () => {
    const word = field.value.toLowerCase();
    for (const item of document.querySelectorAll('.tiles li, table.sortable tbody tr')) item.hidden = !item.textContent.toLowerCase().includes(word);
    const url = new URL(location);
    if (word === '') url.searchParams.delete('filter'); else url.searchParams.set('filter', field.value);
    history.replaceState(null, '', url);
  };
  field.value = new URLSearchParams(location.search).get('filter') ?? '';
  field.addEventListener('input', apply);
  if (field.value !== '') apply();
}
document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || /^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
  if (event.key === '/') {
    const field = document.querySelector('input.filter') ?? document.querySelector('input:not([type=hidden])');
    if (field === null) return;
    event.preventDefault();
    field.focus();
  } else if (sections[event.key - 1] !== undefined) location.href = sections[event.key - 1];
});
`;
