/** Jobs: people give them, machines lease them. */
import type { Context } from 'hono';
import { Hono } from 'hono';
import type { Job, JobQueue, JobRequest } from '#lab/jobs/queue.ts';
import { HttpError } from '#lab/server/http-error.ts';
import type { LabEnvironment } from '#lab/server/reader.ts';
import { requireAdministrator, submitsFor } from '#lab/server/reader.ts';
import type { Body } from './body.ts';
import { invalid, readBody, textOf } from './body.ts';

/** Below what proxies wait for an answer. */
const longestWaitSeconds = 25;
const pollMilliseconds = 1000;
const machinePattern = /^[\w.-]{1,100}$/;

export function jobRoutes(queue: JobQueue): Hono<LabEnvironment> {
  const routes = new Hono<LabEnvironment>();
  routes.get('/jobs', async (context) => {
    if (context.get('token') === undefined) throw new HttpError(401, 'token-needed', 'Jobs are shown to tokens only.');
    return context.json(await queue.list());
  });
  routes.post('/jobs', async (context) => {
    requireAdministrator(context.get('token'));
    const body = await readBody(context.req.json());
    const machine = textOf(body, 'machine');
    if (!machinePattern.test(machine)) throw invalid("'machine' must be a name of letters, digits, dots, dashes and underscores.");
    return context.json({ job: await queue.enqueue(machine, readJob(body), readWhole(body, 'priority', -1000, 1000) ?? 0) }, 201);
  });
  routes.delete('/jobs/:machine/:id', async (context) => {
    requireAdministrator(context.get('token'));
    const { machine, id } = context.req.param();
    if (!isId(id) || !(await queue.cancel(machine, id))) throw new HttpError(404, 'not-found', 'There is no such job, or it has ended.');
    return context.json({ cancelled: id });
  });
  routes.post('/runner/lease', async (context) => {
    const job = await leaseWithin(queue, machineOf(context), context, waitOf(context.req.query('wait')));
    return job === undefined ? context.body(null, 204) : context.json(job);
  });
  routes.post('/runner/jobs/:id/:action{heartbeat|complete|fail}', async (context) => {
    const { id, action } = context.req.param();
    const machine = machineOf(context);
    const isOwn = isId(id) && await report(queue, machine, id, action, await readBody(context.req.json()));
    if (!isOwn) throw new HttpError(410, 'job-lost', 'This job is no longer this machine’s: it was cancelled, or its lease ended.');
    return context.json({ job: id });
  });
  return routes;
}

const isId = (id: string): boolean => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id);

/** A runner is the machine that its token submits for. */
function machineOf(context: Context<LabEnvironment>): string {
  const machine = submitsFor(context.get('token'));
  if (machine === undefined) throw new HttpError(403, 'scope', 'A runner needs a token of scope `submit`, which is for one machine.');
  return machine;
}

function waitOf(text: string | undefined): number {
  const seconds = Number(text ?? 0);
  if (!(seconds >= 0)) throw new HttpError(400, 'parameter-invalid', "The parameter 'wait' must be a number of seconds.");
  return Math.min(seconds, longestWaitSeconds);
}

async function leaseWithin(queue: JobQueue, machine: string, context: Context<LabEnvironment>, seconds: number): Promise<Job | undefined> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    // A runner that has gone must not be given a job: it would wait for the end of the lease.
    if (context.req.raw.signal.aborted) return undefined;
    const job = await queue.lease(machine);
    if (job !== undefined || Date.now() >= end) return job;
    await new Promise((resolve) => setTimeout(resolve, Math.min(pollMilliseconds, end - Date.now())));
  }
}

async function report(queue: JobQueue, machine: string, id: string, action: string, body: Body): Promise<boolean> {
  switch (action) {
    case 'complete': return queue.complete(machine, id, readTexts(body, 'runs'));
    case 'fail': return queue.fail(machine, id, textOf(body, 'reason'));
    default: return queue.extend(machine, id);
  }
}

function readJob(body: Body): JobRequest {
  const benchmarks = readTexts(body, 'benchmarks');
  if (benchmarks.length === 0) throw invalid("'benchmarks' must name at least one.");
  // They become words of a command line.
  if ([...benchmarks, ...readTexts(body, 'ways')].some((word) => word.startsWith('-'))) throw invalid('Names of benchmarks and ways do not begin with a dash.');
  return { benchmarks, python: textOf(body, 'python'), ways: readTexts(body, 'ways'), processes: readWhole(body, 'processes', 1, 1000) };
}

const mostTexts = 200;

function readTexts(body: Body, name: string): readonly string[] {
  const value = Object.hasOwn(body, name) ? body[name] : [];
  if (!Array.isArray(value) || value.length > mostTexts) throw invalid(`'${name}' must be a list of at most ${mostTexts} texts.`);
  return value.map((item: unknown) => textOf({ [name]: item }, name));
}

function readWhole(body: Body, name: string, least: number, most: number): number | undefined {
  const value = Object.hasOwn(body, name) ? body[name] : undefined;
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < least || value > most) throw invalid(`'${name}' must be a whole number from ${least} to ${most}.`);
  return value;
}
