import { randomUUID } from 'node:crypto';
import type { Context, MiddlewareHandler } from 'hono';
import { LRUCache } from 'lru-cache';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { dataVersion } from '#lab/store/data-version.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import type { LabEnvironment } from './reader.ts';

/** A timeline of all benchmarks has some 300 KB: sixty megabytes of those. */
const answersKept = 200;
/** As hono's `compress` has it: below, the headers are longer than what is saved. */
const leastCompressed = 1024;

const compress = promisify(gzip);

interface Answer {
  readonly body: ArrayBuffer;
  /** For the readers that take it, undefined when it is hardly shorter: compressing takes longer than everything else about a known answer. */
  readonly compressed: ArrayBuffer | undefined;
  readonly headers: readonly (readonly [string, string])[];
}

/**
 * Answers stay until the data changes: fifty readers of one page are one computation, and a browser that has the page already is
 * told so. What depends on more than the address and on who reads must not come through here.
 */
export function responseCache(lab: Lab): MiddlewareHandler<LabEnvironment> {
  const answers = new LRUCache<string, Promise<Answer | undefined>>({ max: answersKept });
  // Another process may be another version of the program.
  const process = randomUUID().slice(0, 8);
  return async (context, next) => {
    if (context.req.method !== 'GET') {
      await next();
      return;
    }
    const tag = `W/"${process}-${await dataVersion(lab.database)}-${context.get('token')?.scope ?? 'anonymous'}"`;
    const key = `${tag} ${context.req.url}`;
    const known = await answers.get(key);
    if (known !== undefined) {
      context.res = respond(context, known, tag);
      return;
    }
    const answer = takeAnswer(context, next);
    answers.set(key, answer.catch(() => undefined));
    const taken = await answer;
    if (taken === undefined) {
      answers.delete(key);
      return;
    }
    // Cleared first: Hono would add the headers of the old response to the new one.
    context.res = undefined;
    context.res = respond(context, taken, tag);
  };
}

/** Undefined for anything but a success. */
async function takeAnswer(context: Context, next: () => Promise<void>): Promise<Answer | undefined> {
  await next();
  if (context.res.status !== 200) return undefined;
  const body = await context.res.clone().arrayBuffer();
  return { body, compressed: body.byteLength < leastCompressed ? undefined : await compressedOf(body), headers: [...context.res.headers] };
}

async function compressedOf(body: ArrayBuffer): Promise<ArrayBuffer> {
  return Uint8Array.from(await compress(Buffer.from(body))).buffer;
}

function respond(context: Context, { body, compressed, headers }: Answer, tag: string): Response {
  const common = { ETag: tag, 'Cache-Control': 'private, no-cache', Vary: 'Authorization, Cookie, Accept-Encoding' };
  if (context.req.header('if-none-match') === tag) return new Response(null, { status: 304, headers: common });
  if (compressed !== undefined && /\bgzip\b/.test(context.req.header('accept-encoding') ?? '')) {
    return new Response(compressed, { headers: { ...Object.fromEntries(headers), ...common, 'Content-Encoding': 'gzip' } });
  }
  return new Response(body, { headers: { ...Object.fromEntries(headers), ...common } });
}
