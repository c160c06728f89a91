import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { LabArguments } from '#cli/lab/options.ts';
import { showProgress, withLab } from '#cli/lab/options.ts';
import { targetsOf } from '#cli/lab/targets.ts';
import { Reporter } from '#lab/delivery/reporter.ts';
import { LabError } from '#lab/errors.ts';
import { readInMissing } from '#lab/ingest/read-in.ts';
import { JobQueue } from '#lab/jobs/queue.ts';
import { createApp } from '#lab/server/app.ts';
import type { Certificate } from '#lab/server/serve.ts';
import { assertCanListen, listen } from '#lab/server/serve.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import { createLivePages } from '#lab/web/live-pages.ts';
import { createPages, showError } from '#lab/web/pages.ts';
import { FollowUp } from '#lab/watch/follow-up.ts';
import { Watcher } from '#lab/watch/watcher.ts';

const defaultPort = 8750;

export async function serveLab(given: LabArguments): Promise<number> {
  if (given.operands.length > 0) throw new LabError('unexpected-operand', { operand: given.operands.join(' ') });
  const port = portOf(given);
  const [tls, targets] = [certificateOf(given), targetsOf(given)];
  const host = given.option('--host') ?? '127.0.0.1';
  // The database takes seconds to open: who has chosen a port that is taken need not wait for it.
  await assertCanListen(host, port);
  return withLab(given, async (lab) => {
    const { read, refused } = await readInMissing(lab, showProgress('reading results'));
    if (read > 0) complain(`read ${read} results that an earlier ingest had left`);
    for (const { digest, reason } of refused) complain(`the result file ${digest} is not used: ${reason}`);
    // Before anybody can know that the server is there.
    const interrupted = interruption();
    const jobs = await JobQueue.open(lab.database, (error) => complain(`the queue of jobs failed: ${String(error)}`));
    // The queue looks after its jobs by timers: left open, it would keep a process alive that could not listen.
    try {
      const followUp = followUpOf(lab, targets === undefined ? undefined : await Reporter.open(lab, jobs, targets));
      const app = createApp(lab, { pages: createPages(lab), livePages: createLivePages(lab, jobs), errorPage: showError, jobs, onResult: (runKey) => followUp.notice(runKey) });
      const server = await listen(app, host, port, tls);
      process.stdout.write(given.json ? `${JSON.stringify({ url: server.url, process: process.pid })}\n` : `Armature lab is open on ${server.url} (results in ${given.directory})\n`);
      followUp.resume().catch((error: unknown) => complain(`cannot go on with what was left to do: ${String(error)}`));
      await interrupted;
      // What was just sent is judged first, which may take seconds; the next start would do it too.
      if (process.stderr.isTTY) complain('stopping; Ctrl-C again stops at once, and nothing is lost');
      await server.close();
      await followUp.idle();
    } finally {
      await jobs.close();
    }
    return 0;
  });
}

const complain = (message: string): void => void process.stderr.write(`armature lab: ${message}\n`);

function followUpOf(lab: Lab, reporter: Reporter | undefined): FollowUp {
  return new FollowUp({
    database: lab.database, watcher: new Watcher(lab.database, (error) => complain(`looking for changes failed: ${String(error)}`)),
    report: reporter === undefined ? undefined : (runKey) => reporter.notice(runKey),
    onError: (runKey, error) => complain(`the report of ${runKey} waits for the next start: ${String(error)}`),
  });
}

function certificateOf(given: LabArguments): Certificate | undefined {
  const [certificate, key] = [given.option('--tls-cert'), given.option('--tls-key')];
  if (certificate === undefined && key === undefined) return undefined;
  const parameters = { certificate: certificate ?? 'no certificate', key: key ?? 'no key' };
  if (certificate === undefined || key === undefined) throw new LabError('bad-certificate', { ...parameters, reason: 'one is missing' });
  try {
    const read = { cert: readFileSync(certificate), key: readFileSync(key) };
    // Whether they go together is said now, not to the first reader.
    createSecureContext(read);
    return read;
  } catch (error) {
    throw new LabError('bad-certificate', { ...parameters, reason: error instanceof Error ? error.message : String(error) });
  }
}

function portOf(given: LabArguments): number {
  const port = given.option('--port');
  if (port === undefined) return defaultPort;
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new LabError('bad-port', { port });
  return Number(port);
}

async function interruption(): Promise<void> {
  await new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => resolve());
  });
}
