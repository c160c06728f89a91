import type { Context } from 'hono';
import { Hono } from 'hono';
import type { CodespeedItem } from '#lab/ingest/codespeed.ts';
import { CodespeedError, readItem, runIdentity } from '#lab/ingest/codespeed.ts';
import { ingest } from '#lab/ingest/ingest.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import { HttpError } from './http-error.ts';
import type { LabEnvironment } from './reader.ts';
import { readToken, submitsFor } from './reader.ts';

/**
 * The two requests of Codespeed's clients, answered in Codespeed's words. `pyperformance upload` sends no credentials: its `url`
 * is then `http://LAB/submit/TOKEN/`.
 */
export function codespeedRoutes(lab: Lab, onResult?: (runKey: string) => void): Hono<LabEnvironment> {
  const routes = new Hono<LabEnvironment>();
  routes.use('/submit/:token/*', async (context, next) => {
    context.set('token', await readToken(lab, `Bearer ${context.req.param('token')}`));
    await next();
  });
  for (const base of ['', '/submit/:token']) {
    routes.post(`${base}/result/add/`, (context) => add({ lab, onResult }, context, (form) => [form], 'Result data saved successfully'));
    routes.post(`${base}/result/add/json/`, (context) => add({ lab, onResult }, context, itemsOfForm, 'All result data saved successfully'));
    for (const path of ['/result/add/', '/result/add/json/']) {
      routes.get(`${base}${path}`, (context) => context.text('Method Not Allowed', 405, { Allow: 'POST' }));
    }
  }
  return routes;
}

interface Target {
  readonly lab: Lab;
  readonly onResult: ((runKey: string) => void) | undefined;
}

type Form = Readonly<Record<string, unknown>>;

async function add(target: Target, context: Context<LabEnvironment>, itemsOf: (form: Form) => readonly unknown[], success: string): Promise<Response> {
  try {
    const machine = submitsFor(context.get('token'));
    const items = itemsOf(await context.req.parseBody()).map(readItem);
    const stranger = items.find((item) => machine !== undefined && item.environment !== machine);
    if (stranger !== undefined) throw new CodespeedError(`Environment ${stranger.environment} not found`);
    await ingestItems(target, items);
    return context.text(success, 202);
  } catch (error) {
    if (error instanceof CodespeedError) return context.text(error.message, 400);
    if (error instanceof HttpError && error.status === 401) return context.text(error.message, 401, { 'WWW-Authenticate': 'Basic realm="results"' });
    if (error instanceof HttpError && error.status === 403) return context.text(error.message, 403);
    throw error;
  }
}

function itemsOfForm(form: Form): readonly unknown[] {
  if (typeof form['json'] !== 'string') throw new CodespeedError("No key 'json' in POST payload");
  let parsed: unknown;
  try {
    parsed = JSON.parse(form['json']);
  } catch (error) {
    throw new CodespeedError(`The value of 'json' is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (!Array.isArray(parsed) || parsed.length === 0) throw new CodespeedError("The value of 'json' must be an array of results");
  return parsed;
}

/** All items were checked before: unlike Codespeed, one bad item keeps the others out too. */
async function ingestItems({ lab, onResult }: Target, items: readonly CodespeedItem[]): Promise<void> {
  const runs = new Map<string, CodespeedItem[]>();
  for (const item of items) runs.set(runIdentity(item), [...runs.get(runIdentity(item)) ?? [], item]);
  for (const group of runs.values()) {
    const content = group.map(({ value, optional, ...names }) => ({ ...names, result_value: value, ...optional }));
    const run = await ingest(lab, Buffer.from(JSON.stringify(content)), { format: 'codespeed', receivedAt: new Date().toISOString(), name: 'result/add' });
    if (run.isNew) onResult?.(run.key);
  }
}
