import type { Queryable } from '#lab/store/database.ts';

/** A run of a pull request, and the run of the commit that it began from. */
export interface PullPair {
  readonly base: string;
  readonly head: string;
  readonly pull: number;
  /** Of the head. */
  readonly commit: string | null;
}

/** Either may be shortened. */
const isBase = `base.pull_number is null and base.quality <> 'quarantined' and base.machine_id = head.machine_id and base.variant_id = head.variant_id
  and (starts_with(base.commit_id, head.pull_base) or starts_with(head.pull_base, base.commit_id))`;

/**
 * What can be reported now that a run is there. A run of a pull request: itself, against the newest of its base. A first run of a base: the
 * pull requests that wait for it, each with its newest run. What came more than a week ago is no news.
 */
export async function pairsOfPull(database: Queryable, runKey: string): Promise<readonly PullPair[]> {
  return database.query<PullPair>(`
    with pairs as (
      select distinct on (head.id) base.key as base, head.key as head, head.pull_number as pull, head.commit_id as commit, head.measured_at,
        head.machine_id, head.variant_id
      from run as head join run as base on ${isBase}
      where head.pull_number is not null and head.received_at > now() - interval '7 days' and (head.key = $1 or base.key = $1 and not exists (
        select from run as base where ${isBase} and base.key <> $1))
      order by head.id, base.measured_at desc, base.id desc)
    select distinct on (pull) base, head, pull, commit from pairs order by pull, measured_at desc`, [runKey]);
}
