/** Pages whose answers are not kept: what machines are at, and what people decide. */
import type { Context } from 'hono';
import { Hono } from 'hono';
import type { Job, JobQueue } from '#lab/jobs/queue.ts';
import { isId } from '#lab/server/api/jobs.ts';
import { HttpError } from '#lab/server/http-error.ts';
import type { LabEnvironment } from '#lab/server/reader.ts';
import { requireAdministrator } from '#lab/server/reader.ts';
import { scrubFor } from '#lab/server/scrub.ts';
import { isFromOwnPage, signIn, signOut } from '#lab/server/session.ts';
import { decideChange } from '#lab/store/decisions.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import { changeStates, findChangeWithHistory } from '#lab/store/queries/changes.ts';
import { verifyToken } from '#lab/store/tokens.ts';
import { changePage } from './change-page.ts';
import { pathOf } from './format.ts';
import { jobPage, jobsPage } from './jobs-page.ts';
import type { Html } from './layout.ts';
import { contentPolicy } from './pages.ts';
import { signInPage } from './sign-in-page.ts';

type PageContext = Context<LabEnvironment>;

export function createLivePages(lab: Lab, queue: JobQueue): Hono<LabEnvironment> {
  const pages = new Hono<LabEnvironment>();
  const show = (context: PageContext, content: Html, status: 200 | 401 = 200): Response | Promise<Response> => {
    context.header('Content-Security-Policy', contentPolicy);
    context.header('Cache-Control', 'no-store');
    return context.html(content, status);
  };
  pages.get('/jobs', async (context) => {
    const isReader = context.get('token') !== undefined;
    return show(context, jobsPage(isReader ? { jobs: await queue.list(), runners: await queue.runners() } : undefined, new Date()));
  });
  pages.get('/jobs/:id', async (context) => {
    if (context.get('token') === undefined) throw new HttpError(401, 'token-needed', 'Jobs are shown to tokens only.');
    return show(context, jobPage(await jobOf(queue, context), context.get('token'), new Date()));
  });
  pages.post('/jobs/:id/cancel', async (context) => {
    requireAdministrator(context.get('token'));
    const { machine, id } = await jobOf(queue, context);
    await queue.cancel(machine, id);
    return context.redirect(pathOf('/jobs', id), 303);
  });
  pages.get('/changes/:key', async (context) => {
    const change = await findChangeWithHistory(lab.database, context.req.param('key'));
    if (change === undefined) throw new HttpError(404, 'not-found', 'There is no such change.');
    return show(context, changePage(scrubFor(context.get('token'), change), context.get('token')));
  });
  pages.post('/changes/:key', async (context) => {
    const { name } = requireAdministrator(context.get('token'));
    const key = context.req.param('key');
    const form = await context.req.parseBody();
    const state = changeStates.find((candidate) => candidate === form['state']);
    const note = typeof form['note'] === 'string' ? form['note'] : '';
    if (state === undefined || note.length > longestNote || note.includes('\0')) throw new HttpError(400, 'body-invalid', `A change has one of the states ${changeStates.join(', ')}, and a note of at most ${longestNote} characters.`);
    if (!(await decideChange(lab, key, { state, note, by: name, at: new Date() }))) throw new HttpError(404, 'not-found', 'There is no such change.');
    return context.redirect(pathOf('/changes', key), 303);
  });
  pages.get('/sign-in', (context) => show(context, signInPage({ token: context.get('token'), next: pathWithin(context.req.query('next')), isRefused: false })));
  pages.post('/sign-in', async (context) => {
    const form = await context.req.parseBody();
    const secret = typeof form['token'] === 'string' ? form['token'].trim() : '';
    const next = pathWithin(form['next']);
    const token = isFromOwnPage(context) ? await verifyToken(lab.database, secret) : undefined;
    if (token === undefined) return show(context, signInPage({ token: undefined, next, isRefused: true }), 401);
    signIn(context, secret);
    return context.redirect(next, 303);
  });
  pages.post('/sign-out', (context) => {
    signOut(context);
    return context.redirect('/', 303);
  });
  return pages;
}

const longestNote = 2000;

async function jobOf(queue: JobQueue, context: PageContext): Promise<Job> {
  const id = context.req.param('id') ?? '';
  const job = isId(id) ? await queue.find(id) : undefined;
  if (job === undefined) throw new HttpError(404, 'not-found', 'There is no such job.');
  return job;
}

/** Of this lab: `//example.org` would be another one, and so would `/<tab>/example.org`, since browsers leave such characters out. */
function pathWithin(given: unknown): string {
  return typeof given === 'string' && /^\/(?!\/)[^\s\\\p{Cc}]*$/u.test(given) ? given : '/';
}
