import type { Context } from 'hono';
import { Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import { compress } from 'hono/compress';
import { secureHeaders } from 'hono/secure-headers';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import type { JobQueue } from '#lab/jobs/queue.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import { ReportedError } from '#support/reported-error.ts';
import { administerRoutes } from './api/administer.ts';
import { jobRoutes } from './api/jobs.ts';
import { readRoutes } from './api/read.ts';
import { writeRoutes } from './api/write.ts';
import { codespeedRoutes } from './codespeed.ts';
import { feedRoutes } from './feeds.ts';
import { HttpError } from './http-error.ts';
import type { RateLimits } from './rate-limits.ts';
import { RateLimiter, defaultRateLimits } from './rate-limits.ts';
import type { LabEnvironment } from './reader.ts';
import { readToken } from './reader.ts';
import { responseCache } from './response-cache.ts';
import { signedIn } from './session.ts';

export interface AppOptions {
  /** The pages, which read the store by the functions in #lab/store/queries. */
  readonly pages?: Hono<LabEnvironment>;
  /** Those that show more than the results, or change something: their answers are not kept. */
  readonly livePages?: Hono<LabEnvironment>;
  /** What a browser is shown of a refusal; programs get JSON. */
  readonly errorPage?: (context: Context<LabEnvironment>, refusal: { readonly status: ContentfulStatusCode; readonly message: string; readonly path: string }) => Response | Promise<Response>;
  /** Without it the lab gives no jobs. */
  readonly jobs?: JobQueue;
  /** The largest body of a request, in bytes. */
  readonly bodyBytes?: number;
  readonly rateLimits?: RateLimits;
  /** Told of each run that came in, after it is safe. */
  readonly onResult?: ((runKey: string) => void) | undefined;
}

/** Compressed, a night of the whole pyperformance suite has 0.2 MB. */
const defaultBodyBytes = 16 * 2 ** 20;

export function createApp(lab: Lab, options: AppOptions = {}): Hono<LabEnvironment> {
  const app = new Hono<LabEnvironment>();
  app.use(secureHeaders());
  app.use(compress());
  app.use(new RateLimiter(options.rateLimits ?? defaultRateLimits).middleware());
  app.use(bodyLimit({
    maxSize: options.bodyBytes ?? defaultBodyBytes,
    onError: () => {
      throw new HttpError(413, 'body-too-large', 'The request is larger than this server takes.');
    },
  }));
  app.use(async (context, next) => {
    // No name has one, and no database takes it: without this each would be a failure of the server, with a place in its log.
    if (/%00/.test(context.req.url)) throw new HttpError(400, 'address-invalid', 'The address has a NUL character (%00), which no name here has.');
    const authorization = context.req.header('authorization');
    context.set('token', authorization === undefined ? await signedIn(lab, context) : await readToken(lab, authorization));
    await next();
  });
  app.route('/api', writeRoutes(lab, options.onResult));
  app.route('/api', administerRoutes(lab));
  app.route('/', codespeedRoutes(lab, options.onResult));
  if (options.jobs !== undefined) app.route('/api', jobRoutes(options.jobs));
  if (options.livePages !== undefined) app.route('/', options.livePages);
  app.use(responseCache(lab));
  app.route('/api', readRoutes(lab));
  app.route('/', feedRoutes(lab));
  if (options.pages !== undefined) app.route('/', options.pages);
  const refuse = (context: Context<LabEnvironment>, status: ContentfulStatusCode, code: string, message: string): Response | Promise<Response> => {
    const isForPeople = context.req.header('accept')?.includes('text/html') === true && !context.req.path.startsWith('/api/');
    if (options.errorPage !== undefined && isForPeople) return options.errorPage(context, { status, message, path: context.req.path });
    return context.json({ error: code, message }, status);
  };
  app.notFound((context) => refuse(context, 404, 'not-found', `There is nothing at ${context.req.path}.`));
  app.onError((error, context) => {
    if (error instanceof HttpError) return refuse(context, error.status, error.code, error.message);
    if (ReportedError.is(error)) return refuse(context, 422, error.code, error.message);
    process.stderr.write(`armature lab: ${context.req.method} ${context.req.path.replace(/armlab_[\w-]+/, 'TOKEN')}: ${error.stack ?? error.message}\n`);
    return refuse(context, 500, 'internal', 'The server failed; its log says more.');
  });
  return app;
}
