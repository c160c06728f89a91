/** Lists show their newest entries, and lead to the ones before. */
import { html } from 'hono/html';
import { formatDay, link } from './format.ts';
import type { Html } from './layout.ts';

interface Part {
  readonly since?: Date | undefined;
  readonly before?: Date | undefined;
  readonly limit?: number | undefined;
}

/** What of the list is shown, for its link, JSON and CSV. */
export const pageOf = ({ since, before, limit }: Part): Readonly<Record<'since' | 'before' | 'limit', string | undefined>> =>
  ({ since: timeOf(since), before: timeOf(before), limit: limit?.toString() });

/** A day stays a day, as the form has it. */
function timeOf(time: Date | undefined): string | undefined {
  const text = time?.toISOString();
  return text?.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text;
}

export const listCaption = (count: string, hasOlder: boolean, before: Date | undefined): string =>
  `${hasOlder && before === undefined ? `The newest ${count}` : count}${before === undefined ? '' : ` before ${formatDay(before)}`}, newest first`;

/**
 * The last entry is on the next page too: others may have begun in the same millisecond, and none may be lost between two pages.
 * `last` is when it was, undefined when there are no more.
 */
export function olderLink(path: string, query: Readonly<Record<string, string | undefined>>, last: Date | undefined, words: string): Html | undefined {
  if (last === undefined) return undefined;
  return html`<p><a href="${link(path, { ...query, before: new Date(last.getTime() + 1).toISOString() })}">${words}</a></p>`;
}
