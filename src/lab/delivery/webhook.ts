import { createHmac } from 'node:crypto';
import type { Delivery, Targets } from './delivery.ts';
import { refused } from './delivery.ts';
import { send } from './request.ts';

/** As GitHub signs its own: receivers that check `X-Hub-Signature-256` can check this. */
export const signatureOf = (body: string, secret: string): string => `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;

export async function postWebhook({ webhook, allowPrivate }: Targets, { id, pull, report, base, head, links }: Delivery): Promise<void> {
  if (webhook === undefined) return;
  const { conclusion, title, markdown } = report;
  const side = (run: Delivery['base']): object => ({ run: run.key, title: run.title, commit: run.commitId, machine: run.machine, variant: run.variant });
  const body = JSON.stringify({ event: 'report', delivery: id, pull, conclusion, title, markdown, base: side(base), head: side(head), links });
  const reply = await send({
    method: 'POST', url: webhook.url, body, allowPrivate,
    headers: { 'Content-Type': 'application/json', 'X-Hub-Signature-256': signatureOf(body, webhook.secret), 'X-Armature-Delivery': id },
  });
  if (reply.status < 200 || reply.status > 299) throw refused(webhook.url, reply);
}
