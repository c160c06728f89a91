/** The machines that ask for jobs, as far as the lab has heard of them. */
import type { Queryable } from '#lab/store/database.ts';

/** What a runner says of itself when it asks for a job. */
export interface RunnerDescription {
  /** The CPUs that it measures on; empty when it leaves the choice to `armature bench`. */
  readonly cpus: string;
  /** The names of the interpreters that it offers. */
  readonly pythons: readonly string[];
}

export interface Runner extends RunnerDescription {
  readonly machine: string;
  readonly seenAt: Date;
  /** What it is at. */
  readonly job: string | null;
}

/** What a job that failed keeps of what it said, in characters. */
export const longestLog = 20_000;

export async function noticeRunner(database: Queryable, machine: string, { cpus, pythons }: RunnerDescription): Promise<void> {
  await database.query(`
    insert into runner (machine, cpus, pythons, seen_at) values ($1, $2, $3, now())
    on conflict (machine, cpus) do update set pythons = excluded.pythons, seen_at = excluded.seen_at`, [machine, cpus, [...pythons]]);
}

export async function noticeLease(database: Queryable, job: string, machine: string, { cpus }: RunnerDescription): Promise<void> {
  await database.query(`
    insert into lease (job_id, machine, cpus, began_at) values ($1, $2, $3, now())
    on conflict (job_id) do update set machine = excluded.machine, cpus = excluded.cpus, began_at = excluded.began_at`, [job, machine, cpus]);
}

export async function noticeHeartbeat(database: Queryable, job: string): Promise<void> {
  await database.query('update runner set seen_at = now() from lease where job_id = $1 and runner.machine = lease.machine and runner.cpus = lease.cpus', [job]);
}
