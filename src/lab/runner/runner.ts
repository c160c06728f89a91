/** A machine that measures what its lab asks for: one job at a time on each of its CPU sets. */
import { LabError } from '#lab/errors.ts';
import type { Job } from '#lab/jobs/queue.ts';
import type { LabClient } from '#lab/client/lab-client.ts';
import type { RunnerMachine } from './measure-job.ts';
import { JobFailure, measureJob } from './measure-job.ts';

export interface RunnerOptions {
  readonly machine: RunnerMachine;
  /** As for `--affinity`; undefined leaves the choice to `armature bench`. */
  readonly cpuSets: readonly (string | undefined)[];
  /** Ends when there is nothing to do. */
  readonly once: boolean;
  readonly heartbeatSeconds: number;
  readonly log: (message: string) => void;
}

const longestPauseMilliseconds = 60_000;

/** Until the signal; a job that is under way then is given back. */
export async function runJobs(client: LabClient, options: RunnerOptions, signal: AbortSignal): Promise<void> {
  await Promise.all(options.cpuSets.map((cpus) => serveCpuSet(client, options, cpus, signal)));
}

/** A lab that does not answer is asked again, less and less often; one that refuses is not. */
async function serveCpuSet(client: LabClient, options: RunnerOptions, cpus: string | undefined, signal: AbortSignal): Promise<void> {
  for (let pause = 1000; !signal.aborted;) {
    try {
      const job = await client.lease({ cpus: cpus ?? '', pythons: [...options.machine.pythons.keys()] }, !options.once, signal);
      if (job !== undefined) await runJob(client, options, job, cpus, signal);
      else if (options.once) return;
      pause = 1000;
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof LabError) || error.code !== 'lab-unreachable' || options.once) throw error;
      options.log(`${error.message}; asking again in ${pause / 1000} s`);
      await pauseFor(pause, signal);
      pause = Math.min(2 * pause, longestPauseMilliseconds);
    }
  }
}

async function runJob(client: LabClient, options: RunnerOptions, job: Job, cpus: string | undefined, stop: AbortSignal): Promise<void> {
  const lost = new AbortController();
  const signal = AbortSignal.any([stop, lost.signal]);
  const heartbeat = setInterval(() => {
    // A lab that is away for a moment is no reason to stop: the results are sent when it is back.
    client.heartbeat(job.id).then((isOwn) => { if (!isOwn) lost.abort(); }, () => undefined);
  }, options.heartbeatSeconds * 1000);
  options.log(`job ${job.id}: ${job.request.benchmarks.join(' ')} with ${job.request.python}${cpus === undefined ? '' : ` on CPUs ${cpus}`}`);
  try {
    const files = await measureJob(job.request, options.machine, cpus, signal);
    const runs: string[] = [];
    for (const { name, bytes } of files) runs.push(await client.upload(bytes, name, job.request));
    const isOwn = await client.complete(job.id, runs);
    options.log(`job ${job.id}: ${files.length} ${files.length === 1 ? 'result' : 'results'} sent${isOwn ? '' : ', though the job was no longer ours'}`);
  } catch (error) {
    const reason = lost.signal.aborted ? 'it was taken away' : stop.aborted ? 'the runner was stopped' : error instanceof Error ? error.message : String(error);
    options.log(`job ${job.id} failed: ${reason}`);
    await client.fail(job.id, reason, error instanceof JobFailure ? error.log : '').catch(() => undefined);
  } finally {
    clearInterval(heartbeat);
  }
}

async function pauseFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      resolve();
    }, { once: true });
  });
}
