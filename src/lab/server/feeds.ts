import { Feed } from 'feed';
import type { Context } from 'hono';
import { Hono } from 'hono';
import type { Lab } from '#lab/store/open-lab.ts';
import type { ChangeRow } from '#lab/store/queries/changes.ts';
import { listChanges } from '#lab/store/queries/changes.ts';
import { readChangeFilter } from './api/parameters.ts';
import type { LabEnvironment } from './reader.ts';
import { scrubFor } from './scrub.ts';

/** Atom and RSS of changes, newest first; the parameters are those of /api/changes. */
export function feedRoutes(lab: Lab): Hono<LabEnvironment> {
  const routes = new Hono<LabEnvironment>();
  routes.get('/feeds/changes.atom', async (context) =>
    context.body((await changeFeed(lab, context)).atom1(), 200, { 'Content-Type': 'application/atom+xml; charset=utf-8' }));
  routes.get('/feeds/changes.rss', async (context) =>
    context.body((await changeFeed(lab, context)).rss2(), 200, { 'Content-Type': 'application/rss+xml; charset=utf-8' }));
  return routes;
}

async function changeFeed(lab: Lab, context: Context<LabEnvironment>): Promise<Feed> {
  const { origin } = new URL(context.req.url);
  const changes = scrubFor(context.get('token'), await listChanges(lab.database, readChangeFilter(context.req)));
  const groups = groupByRun(changes);
  const feed = new Feed({
    id: `${origin}/feeds/changes`, title: 'Changes of benchmarks', link: `${origin}/changes`, copyright: '',
    feedLinks: { atom: `${origin}/feeds/changes.atom`, rss: `${origin}/feeds/changes.rss` },
    updated: groups[0]?.[0]?.detectedAt ?? new Date(0),
  });
  for (const group of groups) addItem(feed, origin, group);
  return feed;
}

/** What began with one run is one item: twenty benchmarks that one commit changed are one piece of news. */
function groupByRun(changes: readonly ChangeRow[]): readonly (readonly ChangeRow[])[] {
  const groups = new Map<string, ChangeRow[]>();
  for (const change of changes) {
    const group = groups.get(change.run.key);
    if (group === undefined) groups.set(change.run.key, [change]);
    else group.push(change);
  }
  return [...groups.values()];
}

const namesInTitle = 3;

function addItem(feed: Feed, origin: string, group: readonly ChangeRow[]): void {
  const [first] = group;
  if (first === undefined) return;
  const { run, previousRun } = first;
  const [headline = '', ...more] = group.map(describeChange);
  const shown = more.slice(0, namesInTitle - 1);
  const rest = more.length - shown.length;
  const link = previousRun === null ? `${origin}/runs/${run.key}` : `${origin}/compare?base=${previousRun.key}&head=${run.key}`;
  feed.addItem({
    id: `${origin}/runs/${run.key}`, link, date: first.detectedAt, published: run.measuredAt,
    // Feeds hold HTML, in titles too.
    title: escapeHtml(`${run.machine}, ${run.variant}: ${[headline, ...shown].join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`),
    content: `<p>Since ${escapeHtml(run.title)}, measured ${run.measuredAt.toISOString()}:</p><ul>${
      group.map((change) => `<li>${escapeHtml(describeChange(change))}${change.detail === '' ? '' : `: ${escapeHtml(change.detail)}`} (${change.state})</li>`).join('')}</ul>`,
  });
}

/** `nbody 3.1 % slower`. */
export function describeChange({ kind, benchmark, ratio }: ChangeRow): string {
  const percent = `${(Math.abs(ratio - 1) * 100).toFixed(1)} %`;
  const direction = ratio > 1 ? 'more' : 'less';
  switch (kind) {
    case 'step': return `${benchmark ?? ''} ${percent} ${direction}`;
    case 'suite-shift': return `the whole suite ${percent} ${direction}`;
    case 'environment': return 'a run in a faulty environment';
    case 'epoch': return 'the environment changed';
    default: return kind satisfies never;
  }
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
