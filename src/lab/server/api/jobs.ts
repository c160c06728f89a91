/** Jobs: people give them, machines lease them. */
import type { Context } from 'hono';
import { Hono } from 'hono';
import type { Job, JobQueue, JobRequest } from '#lab/jobs/queue.ts';
import { HttpError } from '#lab/server/http-error.ts';
import type { LabEnvironment } from '#lab/server/reader.ts';
import { requireAdministrator, requireReader, submitsFor } from '#lab/server/reader.ts';
import { longestLog } from '#lab/jobs/runners.ts';
import type { RunnerDescription } from '#lab/jobs/runners.ts';
import { answer } from './answer.ts';
import type { Body } from './body.ts';
import { invalid, isCommit, readBody, textOf } from './body.ts';

/** Below what proxies wait for an answer. */
const longestWaitSeconds = 25;
const pollMilliseconds = 1000;
/** Names that begin with two underscores are those of the lab's own queues. */
const machinePattern = /^(?!__)[\w.-]{1,100}$/;

export function jobRoutes(queue: JobQueue): Hono<LabEnvironment> {
  const routes = new Hono<LabEnvironment>();
  routes.get('/jobs', async (context) => {
    requireReader(context.get('token'));
    return answer(context, await queue.list());
  });
  routes.get('/jobs/:id', async (context) => {
    requireReader(context.get('token'));
    const id = context.req.param('id');
    const job = isId(id) ? await queue.find(id) : undefined;
    if (job === undefined) throw new HttpError(404, 'not-found', 'There is no such job.');
    return context.json(job);
  });
  routes.get('/runners', async (context) => {
    requireReader(context.get('token'));
    return answer(context, await queue.runners());
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
    const machine = machineOf(context);
    const runner = readRunner(await readBody(context.req.json()));
    await queue.notice(machine, runner);
    const job = await leaseWithin(queue, { machine, runner }, context, waitOf(context.req.query('wait')));
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

interface Asking {
  readonly machine: string;
  readonly runner: RunnerDescription;
}

function readRunner(body: Body): RunnerDescription {
  const cpus = body['cpus'] === undefined ? '' : textOf(body, 'cpus');
  if (!/^[\d,-]{0,200}$/.test(cpus)) throw invalid("'cpus' must be a list like 2-3,5.");
  return { cpus, pythons: readTexts(body, 'pythons') };
}

export const isId = (id: string): boolean => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(id);

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

async function leaseWithin(queue: JobQueue, { machine, runner }: Asking, context: Context<LabEnvironment>, seconds: number): Promise<Job | undefined> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    // A runner that has gone must not be given a job: it would wait for the end of the lease.
    if (context.req.raw.signal.aborted) return undefined;
    const job = await queue.lease(machine, runner);
    if (job !== undefined || Date.now() >= end) return job;
    await new Promise((resolve) => setTimeout(resolve, Math.min(pollMilliseconds, end - Date.now())));
  }
}

async function report(queue: JobQueue, machine: string, id: string, action: string, body: Body): Promise<boolean> {
  switch (action) {
    case 'complete': return queue.complete(machine, id, readTexts(body, 'runs'));
    case 'fail': return queue.fail(machine, id, textOf(body, 'reason'), body['log'] === undefined ? '' : textOf(body, 'log', longestLog));
    default: return queue.extend(machine, id);
  }
}

function readJob(body: Body): JobRequest {
  const benchmarks = readTexts(body, 'benchmarks');
  if (benchmarks.length === 0) throw invalid("'benchmarks' must name at least one.");
  // They become words of a command line.
  if ([...benchmarks, ...readTexts(body, 'ways')].some((word) => word.startsWith('-'))) throw invalid('Names of benchmarks and ways do not begin with a dash.');
  const commit = body['commit'] === undefined ? undefined : readCommit(body, 'commit');
  return { benchmarks, python: textOf(body, 'python'), ways: readTexts(body, 'ways'), processes: readWhole(body, 'processes', 1, 1000), commit, pull: readPull(body) };
}

function readCommit(body: Body, name: string): string {
  const commit = textOf(body, name);
  if (!isCommit(commit)) throw invalid(`'${name}' must be 7 to 40 hexadecimal digits of a commit.`);
  return commit;
}

/** What is measured for a pull request says with what it is compared. */
function readPull(body: Body): JobRequest['pull'] {
  const number = readWhole(body, 'pull', 1, 999_999_999);
  if (number === undefined && body['base'] === undefined) return undefined;
  if (number === undefined) throw invalid("'base' needs 'pull', the number of a pull request.");
  return { number, base: readCommit(body, 'base') };
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
