import { Hono } from 'hono';
import { ingest } from '#lab/ingest/ingest.ts';
import { HttpError } from '#lab/server/http-error.ts';
import type { LabEnvironment } from '#lab/server/reader.ts';
import { submitsFor } from '#lab/server/reader.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import type { RawContext } from '#lab/store/raw-files.ts';
import { isCommit } from './body.ts';

/** Names in messages and contexts are from the client: short, and of harmless characters. */
function fileName(given: string | undefined): string {
  const name = (given ?? '').replace(/[^\w.%,+/-]/g, '_').slice(0, 200);
  return name === '' ? 'upload.json' : name;
}

/** `?pull=NUMBER&base=COMMIT`: the result is of a pull request. */
function pullOf(pull: string | undefined, base: string | undefined): Pick<RawContext, 'pull'> {
  if (pull === undefined && base === undefined) return {};
  if (!/^[1-9]\d{0,8}$/.test(pull ?? '') || !isCommit(base ?? '')) {
    throw new HttpError(400, 'parameter-invalid', "A result of a pull request has both its number, as 'pull', and the commit that it is compared with, as 'base'.");
  }
  return { pull: { number: Number(pull), base: base ?? '' } };
}

/** `?commit=COMMIT`, for a file that does not say of which commit it is. */
function commitOf(commit: string | undefined): Pick<RawContext, 'commit'> {
  if (commit === undefined) return {};
  if (!isCommit(commit)) throw new HttpError(400, 'parameter-invalid', "The parameter 'commit' must be 7 to 40 hexadecimal digits.");
  return { commit };
}

export function writeRoutes(lab: Lab, onResult?: (runKey: string) => void): Hono<LabEnvironment> {
  const routes = new Hono<LabEnvironment>();
  /** The body is a file of pyperf, compressed or not; `?name=` is what it is called, for messages and for bench_runner's flags. */
  routes.post('/results', async (context) => {
    const machine = submitsFor(context.get('token'));
    const bytes = new Uint8Array(await context.req.arrayBuffer());
    const { name, pull, base, commit } = context.req.query();
    const run = await ingest(lab, bytes, {
      format: 'pyperf', receivedAt: new Date().toISOString(), name: fileName(name), ...pullOf(pull, base), ...commitOf(commit), ...(machine === undefined ? {} : { machine }),
    });
    if (run.isNew) onResult?.(run.key);
    return context.json({ run: run.key, new: run.isNew }, run.isNew ? 201 : 200);
  });
  return routes;
}
