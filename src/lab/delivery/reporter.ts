/** Reports of pull requests, sent by the server: each receiver is a job of its own, so that one that is down does not make the others hear twice. */
import { createHash, randomUUID } from 'node:crypto';
import type { JobQueue, ServeOptions } from '#lab/jobs/queue.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import { pairsOfPull } from '#lab/store/queries/pulls.ts';
import { findRun } from '#lab/store/queries/runs.ts';
import { LabError } from '#lab/errors.ts';
import type { Delivery, Targets } from './delivery.ts';
import { makeDelivery } from './delivery.ts';
import { canHaveCheck, postCheck, postComment } from './github.ts';
import { postWebhook } from './webhook.ts';

export type Receiver = 'webhook' | 'check' | 'comment';

interface ReportJob {
  readonly receiver: Receiver;
  readonly base: string;
  readonly head: string;
  readonly pull: number;
}

/** The pause is twice as long each time: the last try is some four hours after the first. */
const defaultRetries: ServeOptions = { retries: 9, delaySeconds: 30, pollSeconds: 2 };

const queueName = '__reports';

const post: Readonly<Record<Receiver, (targets: Targets, delivery: Delivery) => Promise<void>>> = { webhook: postWebhook, check: postCheck, comment: postComment };

/** Those that are there, and can take it. */
export function receiversOf({ webhook, github }: Targets, commit: string | null): readonly Receiver[] {
  return [...(webhook === undefined ? [] : ['webhook' as const]), ...(github === undefined ? [] : [...(canHaveCheck(commit) ? ['check' as const] : []), 'comment' as const])];
}

export class Reporter {
  readonly #lab: Lab;
  readonly #queue: JobQueue;
  readonly #targets: Targets;

  private constructor(lab: Lab, queue: JobQueue, targets: Targets) {
    this.#lab = lab;
    this.#queue = queue;
    this.#targets = targets;
  }

  static async open(lab: Lab, queue: JobQueue, targets: Targets, options: ServeOptions = defaultRetries): Promise<Reporter> {
    const reporter = new Reporter(lab, queue, targets);
    await queue.serve(queueName, options, (id, data) => reporter.#send(id, data as ReportJob));
    return reporter;
  }

  /** To be told of each run after it was judged: whether its environment was at fault is in the report. */
  async notice(runKey: string): Promise<void> {
    for (const { base, head, pull, commit } of await pairsOfPull(this.#lab.database, runKey)) {
      for (const receiver of receiversOf(this.#targets, commit)) {
        const job: ReportJob = { receiver, base, head, pull };
        await this.#queue.sendTo(queueName, idOf(job), job);
      }
    }
  }

  async #send(id: string, { receiver, ...pair }: ReportJob): Promise<void> {
    await post[receiver](this.#targets, await deliveryOf(this.#lab, this.#targets, id, pair));
  }
}

/** The same report is the same job: one that a process sent before it was killed is not sent again by the next one. */
function idOf(job: ReportJob): string {
  const digits = createHash('sha256').update(JSON.stringify(job)).digest('hex');
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-8${digits.slice(13, 16)}-8${digits.slice(17, 20)}-${digits.slice(20, 32)}`;
}

async function deliveryOf(lab: Lab, targets: Targets, id: string, pair: { readonly base: string; readonly head: string; readonly pull: number | undefined }): Promise<Delivery> {
  const [base, head] = [await findRun(lab.database, pair.base), await findRun(lab.database, pair.head)];
  if (base === undefined || head === undefined) throw new LabError('unknown-run', { word: base === undefined ? pair.base : pair.head });
  return makeDelivery(lab, targets, id, { base, head, pull: pair.pull });
}

/** At once, for a person who waits. */
export async function postNow(lab: Lab, targets: Targets, pair: { readonly base: string; readonly head: string; readonly pull: number | undefined }): Promise<readonly Receiver[]> {
  const delivery = await deliveryOf(lab, targets, randomUUID(), pair);
  const receivers = receiversOf(targets, delivery.head.commitId).filter((receiver) => receiver !== 'comment' || pair.pull !== undefined);
  for (const receiver of receivers) {
    await post[receiver](targets, delivery).catch((error: unknown) => {
      if (error instanceof LabError) throw error;
      throw new LabError('not-delivered', { target: receiver, reason: error instanceof Error ? error.message : String(error) });
    });
  }
  return receivers;
}
