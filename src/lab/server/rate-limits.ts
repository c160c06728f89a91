import { getConnInfo } from '@hono/node-server/conninfo';
import type { Context, MiddlewareHandler } from 'hono';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { HttpError } from './http-error.ts';
import type { LabEnvironment } from './reader.ts';

export interface RateLimits {
  /** Requests that read, a minute and address. */
  readonly reads: number;
  /** Uploads, a minute and address: a machine that sends a result per benchmark sends some hundred. */
  readonly writes: number;
  /** Tokens that were refused, a minute and address. */
  readonly refusals: number;
}

export const defaultRateLimits: RateLimits = { reads: 3000, writes: 600, refusals: 20 };

/** Counts in memory: one process serves a lab. */
export class RateLimiter {
  readonly #reads: RateLimiterMemory;
  readonly #writes: RateLimiterMemory;
  readonly #refusals: RateLimiterMemory;

  constructor(limits: RateLimits) {
    const limiter = (points: number): RateLimiterMemory => new RateLimiterMemory({ points, duration: 60 });
    this.#reads = limiter(limits.reads);
    this.#writes = limiter(limits.writes);
    this.#refusals = limiter(limits.refusals);
  }

  middleware(): MiddlewareHandler<LabEnvironment> {
    return async (context, next) => {
      const address = addressOf(context);
      const isRead = context.req.method === 'GET' || context.req.method === 'HEAD';
      await consume(context, isRead ? this.#reads : this.#writes, address);
      const refusals = await this.#refusals.get(address);
      if (refusals !== null && refusals.consumedPoints > this.#refusals.points) throw tooMany(context, refusals.msBeforeNext);
      await next();
      if (context.res.status === 401) await this.#refusals.penalty(address);
    };
  }
}

async function consume(context: Context, limiter: RateLimiterMemory, address: string): Promise<void> {
  try {
    await limiter.consume(address);
  } catch (error) {
    if (error instanceof RateLimiterRes) throw tooMany(context, error.msBeforeNext);
    throw error;
  }
}

function tooMany(context: Context, milliseconds: number): HttpError {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1000));
  context.header('Retry-After', String(seconds));
  return new HttpError(429, 'too-many-requests', `Too many requests from this address; try again in ${seconds} s.`);
}

/** The address of the connection: a header could say anything. Requests without one are those of tests. */
function addressOf(context: Context): string {
  const bindings = context.env as { incoming?: unknown } | undefined;
  return bindings?.incoming === undefined ? 'inside' : getConnInfo(context).remote.address ?? 'unknown';
}
