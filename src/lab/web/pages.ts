/** The pages: HTML made on the server from the queries that the API answers with too. */
import type { Context } from 'hono';
import { Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { readChangeFilter, readRunFilter, readTimelineFilter } from '#lab/server/api/parameters.ts';
import { HttpError } from '#lab/server/http-error.ts';
import type { LabEnvironment } from '#lab/server/reader.ts';
import { samplesOf } from '#lab/server/samples.ts';
import { scrubFor } from '#lab/server/scrub.ts';
import { isBenchmark } from '#lab/store/queries/benchmarks.ts';
import { listChanges } from '#lab/store/queries/changes.ts';
import { comparison, comparisonPresets } from '#lab/store/queries/comparison.ts';
import { findMachine, listMachines } from '#lab/store/queries/machines.ts';
import { noiseOfMachine } from '#lab/store/queries/noise.ts';
import { listSeriesNames, overview } from '#lab/store/queries/overview.ts';
import { findRun, listRuns } from '#lab/store/queries/runs.ts';
import { timeline } from '#lab/store/queries/timeline.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import { icon, script, styleSheet } from './assets.ts';
import { changesPage } from './changes-page.ts';
import { compareChoice, comparePage } from './compare-page.ts';
import type { Refusal } from './error-page.ts';
import { errorPage } from './error-page.ts';
import type { Html } from './layout.ts';
import { machinePage, machinesPage } from './machines-page.ts';
import { overviewPage } from './overview-page.ts';
import { runPage, runsPage, samplesPage } from './runs-page.ts';
import { mostBeside } from './chart.ts';
import { besideName, timelineChoice, timelinePage } from './timeline-page.ts';

type PageContext = Context<LabEnvironment>;

/** Nothing but what the lab serves itself, and no script in the page: markup in a name could do no harm even unescaped. */
export const contentPolicy = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const latestChanges = 15;

export function showError(context: PageContext, refusal: Refusal & { readonly status: ContentfulStatusCode }): Response | Promise<Response> {
  context.header('Content-Security-Policy', contentPolicy);
  return context.html(errorPage(refusal), refusal.status);
}

export function createPages(lab: Lab): Hono<LabEnvironment> {
  const pages = new Hono<LabEnvironment>();
  const { database } = lab;
  const show = (path: string, make: (context: PageContext) => Promise<Html>): void => {
    pages.get(path, async (context) => {
      context.header('Content-Security-Policy', contentPolicy);
      return context.html(await make(context));
    });
  };
  const seen = <T>(context: PageContext, value: T): T => scrubFor(context.get('token'), value);
  pages.get('/assets/lab.css', (context) => asset(context, styleSheet, 'text/css'));
  pages.get('/assets/lab.svg', (context) => asset(context, icon, 'image/svg+xml'));
  pages.get('/assets/lab.js', (context) => asset(context, script, 'text/javascript'));
  show('/', async (context) => overviewPage(seen(context, {
    overview: await overview(database), pairs: await comparisonPresets(database, ['variants', 'machines']), changes: await listChanges(database, { limit: latestChanges }),
  })));
  show('/timeline', (context) => showTimeline(lab, context));
  show('/compare', (context) => showComparison(lab, context));
  show('/changes', async (context) => {
    const filter = readChangeFilter(given(context));
    return changesPage(seen(context, await listChanges(database, filter)), filter);
  });
  show('/machines', async (context) => machinesPage(seen(context, await listMachines(database))));
  show('/machines/:name', (context) => showMachine(lab, context));
  show('/runs', async (context) => {
    const filter = readRunFilter(given(context));
    return runsPage(seen(context, await listRuns(database, filter)), filter);
  });
  show('/runs/:key', (context) => showRun(lab, context));
  return pages;
}

function asset(context: PageContext, text: string, type: string): Response {
  return context.body(text, 200, { 'Content-Type': `${type}; charset=utf-8`, 'Cache-Control': 'max-age=300' });
}

/** The parameters of a form: a field left empty is not given. */
function given(context: PageContext): PageContext['req'] {
  const { req } = context;
  return Object.assign(Object.create(req) as PageContext['req'], { query: (name: string) => (req.query(name) === '' ? undefined : req.query(name)) });
}

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new HttpError(404, 'not-found', `There is no such ${what}.`);
  return value;
}

async function showTimeline({ database }: Lab, context: PageContext): Promise<Html> {
  const request = given(context);
  if (request.query('machine') === undefined || request.query('variant') === undefined) return timelineChoice(await listSeriesNames(database));
  const query = { since: request.query('since'), before: request.query('before'), beside: (context.req.queries('beside') ?? []).slice(0, mostBeside) };
  const filter = readTimelineFilter(request);
  const [only] = filter.benchmarks ?? [];
  const changes = only === undefined ? [] : await listChanges(database, { machine: filter.machine, variant: filter.variant, benchmark: only, limit: 1000 });
  const series = await listSeriesNames(database);
  found(series.find((one) => one.machine === filter.machine && one.variant === filter.variant), 'machine with this variant');
  if (only !== undefined && !(await isBenchmark(database, only))) throw new HttpError(404, 'not-found', 'There is no such benchmark.');
  const others = only === undefined ? [] : series.filter((one) => query.beside.includes(besideName(one)));
  const beside = await Promise.all(others.map((one) => timeline(database, { ...filter, ...one })));
  return timelinePage(scrubFor(context.get('token'), { timeline: await timeline(database, filter), beside, changes, series }), query, only);
}

async function showComparison({ database }: Lab, context: PageContext): Promise<Html> {
  const [base, head] = [context.req.query('base'), context.req.query('head')];
  const token = context.get('token');
  if (!base || !head) return compareChoice(scrubFor(token, await comparisonPresets(database)), scrubFor(token, await listRuns(database, { limit: 200 })), { base, head });
  return comparePage(scrubFor(token, found(await comparison(database, base, head), 'run')));
}

async function showMachine({ database }: Lab, context: PageContext): Promise<Html> {
  const machine = found(await findMachine(database, context.req.param('name') ?? ''), 'machine');
  return machinePage(scrubFor(context.get('token'), machine), await noiseOfMachine(database, machine.name));
}

async function showRun(lab: Lab, context: PageContext): Promise<Html> {
  const token = context.get('token');
  const run = found(await findRun(lab.database, context.req.param('key') ?? ''), 'run');
  const benchmark = context.req.query('benchmark');
  if (benchmark === undefined) return runPage(scrubFor(token, run));
  return samplesPage(scrubFor(token, run), scrubFor(token, found(await samplesOf(lab, run, benchmark), 'benchmark in the files of this run')));
}
