import { Hono } from 'hono';
import { HttpError } from '#lab/server/http-error.ts';
import type { LabEnvironment } from '#lab/server/reader.ts';
import { samplesInOrder, samplesOf } from '#lab/server/samples.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import { listBenchmarks } from '#lab/store/queries/benchmarks.ts';
import { findChangeWithHistory, listChanges } from '#lab/store/queries/changes.ts';
import { comparison, comparisonPresets } from '#lab/store/queries/comparison.ts';
import { findMachine, listMachines } from '#lab/store/queries/machines.ts';
import { noiseOfMachine } from '#lab/store/queries/noise.ts';
import { overview } from '#lab/store/queries/overview.ts';
import { findRun, listRuns } from '#lab/store/queries/runs.ts';
import { timeline } from '#lab/store/queries/timeline.ts';
import { readChangeFilter, readRunFilter, readTimelineFilter, required } from './parameters.ts';
import { answer } from './answer.ts';
import { changeRow, epochRow, overviewRow } from './csv-rows.ts';

/** Everything the pages show, as JSON; lists also as CSV with `?format=csv`. */
export function readRoutes(lab: Lab): Hono<LabEnvironment> {
  const routes = new Hono<LabEnvironment>();
  const { database } = lab;
  routes.get('/overview', async (context) => {
    const found = await overview(database);
    return answer(context, found, found.series.map(overviewRow));
  });
  routes.get('/machines', async (context) => answer(context, await listMachines(database)));
  routes.get('/machines/:name', async (context) => {
    const machine = found(await findMachine(database, context.req.param('name')), 'machine');
    return answer(context, { ...machine, noise: await noiseOfMachine(database, machine.name) }, machine.epochs.map(epochRow));
  });
  routes.get('/benchmarks', async (context) => answer(context, await listBenchmarks(database)));
  routes.get('/runs', async (context) => answer(context, await listRuns(database, readRunFilter(context.req))));
  routes.get('/runs/:key', async (context) => {
    const run = found(await findRun(database, context.req.param('key')), 'run');
    return answer(context, run, run.measurements);
  });
  routes.get('/runs/:key/samples', async (context) => {
    const run = found(await findRun(database, context.req.param('key')), 'run');
    const benchmark = found(await samplesOf(lab, run, required(context.req, 'benchmark')), 'benchmark in the files of this run');
    return answer(context, benchmark, samplesInOrder(benchmark));
  });
  routes.get('/series', async (context) => {
    const found = await timeline(database, readTimelineFilter(context.req));
    const rows = found.runs.flatMap((run, index) => found.series.map(({ benchmark, unit, means, errors }) =>
      ({ run: run.key, measuredAt: run.measuredAt, commitId: run.commitId, benchmark, unit, mean: means[index] ?? null, error: errors[index] ?? null })));
    return answer(context, found, rows);
  });
  routes.get('/comparison', async (context) => {
    const pair = found(await comparison(database, required(context.req, 'base'), required(context.req, 'head')), 'run');
    const rows = pair.rows.map(({ base, head, ...row }) =>
      ({ ...row, base: base?.mean ?? null, head: head?.mean ?? null, ratio: base === null || head === null ? null : head.mean / base.mean }));
    return answer(context, pair, rows);
  });
  routes.get('/comparison/presets', async (context) => answer(context, await comparisonPresets(database)));
  routes.get('/changes', async (context) => {
    const changes = await listChanges(database, readChangeFilter(context.req));
    return answer(context, changes, changes.map(changeRow));
  });
  routes.get('/changes/:key', async (context) => {
    const change = found(await findChangeWithHistory(database, context.req.param('key')), 'change');
    return answer(context, change, change.history);
  });
  return routes;
}

function found<T>(value: T | undefined, what: string): T {
  if (value === undefined) throw new HttpError(404, 'not-found', `There is no such ${what}.`);
  return value;
}
