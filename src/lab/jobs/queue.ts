/** Work for the machines of a lab: pg-boss, in a schema of its own in the lab's database. */
import PgBoss from 'pg-boss';
import type { Database } from '#lab/store/database.ts';
import type { PullRequest } from '#lab/store/raw-files.ts';
import type { Runner, RunnerDescription } from './runners.ts';
import { noticeHeartbeat, noticeLease, noticeRunner } from './runners.ts';

/** What a machine is asked to measure. Its operator decided which interpreters it offers; a job only names one. */
export interface JobRequest {
  /** Suites or programs, as words of `armature bench`. */
  readonly benchmarks: readonly string[];
  /** A name that the runner was given an interpreter for. */
  readonly python: string;
  /** As `--with` of `armature bench`. */
  readonly ways: readonly string[];
  readonly processes: number | undefined;
  /** What the interpreter was built from, for results that do not say it. */
  readonly commit?: string | undefined;
  readonly pull?: PullRequest | undefined;
}

export type JobState = 'created' | 'retry' | 'active' | 'completed' | 'cancelled' | 'failed';

export interface Job {
  readonly id: string;
  readonly machine: string;
  readonly state: JobState;
  /** Higher ones first; backfill has less than 0. */
  readonly priority: number;
  readonly attempts: number;
  readonly request: JobRequest;
  /** Of the last attempt: keys of the runs, or why it failed. */
  readonly outcome: unknown;
  readonly createdAt: Date;
  /** Of the last attempt. */
  readonly startedAt: Date | null;
  /** While it is measured: when its runner was last heard of, and on which CPUs that is. */
  readonly heartbeatAt: Date | null;
  readonly cpus: string | null;
  readonly endedAt: Date | null;
  readonly retryLimit: number;
}

export interface QueueOptions {
  /** A job whose machine is not heard of for so long is given to the next that asks. */
  readonly leaseSeconds: number;
  readonly retries: number;
  /** How often leases are looked at. */
  readonly watchSeconds: number;
}

export const defaultQueueOptions: QueueOptions = { leaseSeconds: 90, retries: 3, watchSeconds: 15 };

export interface ServeOptions {
  readonly retries: number;
  readonly delaySeconds: number;
  readonly pollSeconds: number;
}

const schema = 'jobs';

/** pg-boss asks with parameters for rows, and without for a script of several statements. */
function adapter(database: Database): PgBoss.Db {
  return {
    executeSql: async (text: string, values?: unknown[]) => {
      if (values === undefined && /;\s*\S/.test(text)) {
        await database.execute(text);
        return { rows: [], rowCount: 0 };
      }
      const rows = await database.query(text, values ?? []);
      return { rows: [...rows], rowCount: rows.length };
    },
  };
}

export class JobQueue {
  readonly #boss: PgBoss;
  readonly #database: Database;
  readonly #options: QueueOptions;

  private constructor(boss: PgBoss, database: Database, options: QueueOptions) {
    this.#boss = boss;
    this.#database = database;
    this.#options = options;
  }

  static async open(database: Database, onError: (error: unknown) => void, options: QueueOptions = defaultQueueOptions): Promise<JobQueue> {
    const { watchSeconds } = options;
    const boss = new PgBoss({ db: adapter(database), schema, schedule: false, maintenanceIntervalSeconds: watchSeconds, monitorStateIntervalSeconds: watchSeconds });
    boss.on('error', onError);
    await boss.start();
    return new JobQueue(boss, database, options);
  }

  /** Work that the server does itself, one at a time, and again after a failure. Its name begins with two underscores. */
  async serve(name: string, { retries, delaySeconds, pollSeconds }: ServeOptions, work: (id: string, data: unknown) => Promise<void>): Promise<void> {
    await this.#boss.createQueue(name, { name, retryLimit: retries, retryDelay: delaySeconds, retryBackoff: true });
    await this.#boss.updateQueue(name, { name, retryLimit: retries, retryDelay: delaySeconds, retryBackoff: true });
    await this.#boss.work(name, { pollingIntervalSeconds: pollSeconds }, async ([job]) => {
      if (job !== undefined) await work(job.id, job.data);
    });
  }

  /** Once, however often it is said. */
  async sendTo(name: string, id: string, data: object): Promise<void> {
    await this.#boss.send(name, data, { id });
  }

  /** Nothing is waited for: what machines are at goes on, and is told to the next server. */
  async close(): Promise<void> {
    await this.#boss.stop({ graceful: false, wait: true, close: false });
  }

  async enqueue(machine: string, request: JobRequest, priority = 0): Promise<string> {
    const { leaseSeconds, retries } = this.#options;
    await this.#boss.createQueue(machine, { name: machine, expireInSeconds: leaseSeconds, retryLimit: retries, retryDelay: 1, retryBackoff: true });
    const id = await this.#boss.send(machine, request, { priority });
    if (id === null) throw new Error('the queue took no job');
    return id;
  }

  /** The next job for a machine, which is its own until the lease ends. */
  async lease(machine: string, runner: RunnerDescription = { cpus: '', pythons: [] }): Promise<Job | undefined> {
    const [found] = await this.#boss.fetch(machine);
    if (found === undefined) return undefined;
    await noticeLease(this.#database, found.id, machine, runner);
    return this.find(found.id);
  }

  async notice(machine: string, runner: RunnerDescription): Promise<void> {
    await noticeRunner(this.#database, machine, runner);
  }

  async runners(): Promise<readonly Runner[]> {
    return this.#database.query<Runner>(`
      select runner.machine, runner.cpus, pythons, seen_at as "seenAt", (select job.id from ${schema}.job join lease on lease.job_id = job.id
        where state = 'active' and lease.machine = runner.machine and lease.cpus = runner.cpus order by lease.began_at desc limit 1) as job
      from runner order by runner.machine, runner.cpus`);
  }

  /** The machine is still at it. False when the job is no longer its own. pg-boss counts a lease from when the job was started. */
  async extend(machine: string, id: string): Promise<boolean> {
    const rows = await this.#database.query(`update ${schema}.job set started_on = now() where name = $1 and id = $2 and state = 'active' returning id`, [machine, id]);
    if (rows.length > 0) await noticeHeartbeat(this.#database, id);
    return rows.length > 0;
  }

  /** False when the job is no longer the machine's own. */
  async complete(machine: string, id: string, runs: readonly string[]): Promise<boolean> {
    if (!(await this.extend(machine, id))) return false;
    await this.#boss.complete(machine, id, { runs });
    return true;
  }

  /** It is tried again, some time later, until its retries are used up. */
  async fail(machine: string, id: string, reason: string, log = ''): Promise<boolean> {
    if (!(await this.extend(machine, id))) return false;
    await this.#boss.fail(machine, id, { reason, log });
    return true;
  }

  async cancel(machine: string, id: string): Promise<boolean> {
    const rows = await this.#database.query(`select id from ${schema}.job where name = $1 and id = $2 and state in ('created', 'retry', 'active')`, [machine, id]);
    if (rows.length === 0) return false;
    await this.#boss.cancel(machine, id);
    return true;
  }

  async find(id: string): Promise<Job | undefined> {
    const [job] = await this.#database.query<Job>(`select ${columns} from ${allJobs} where job.id = $1`, [id]);
    return job;
  }

  /** What waits or runs, in the order in which it will be done, then what ended, newest first. */
  async list(limit = 200): Promise<readonly Job[]> {
    return this.#database.query<Job>(`select ${columns} from ${allJobs} where name not like '\\_\\_%'
      order by state not in ('active', 'created', 'retry'), case when state in ('active', 'created', 'retry') then -priority end,
        case when state in ('active', 'created', 'retry') then created_on end, created_on desc limit $1`, [limit]);
  }
}

/** pg-boss moves what has ended to another table after half a day, and forgets it after a week. */
const kept = 'id, name, state::text as state, priority, retry_count, retry_limit, started_on, created_on, completed_on, data, output';
const allJobs = `(select ${kept} from ${schema}.job union all select ${kept} from ${schema}.archive) as job left join lease on lease.job_id = job.id`;

/** A heartbeat is kept where pg-boss has the start of a job: a lease counts from there. */
const columns = `job.id, name as machine, state, priority, retry_count + case when started_on is null then 0 else 1 end as attempts, data as request,
  output as outcome, created_on as "createdAt", coalesce(lease.began_at, started_on) as "startedAt",
  case when state = 'active' then started_on end as "heartbeatAt", lease.cpus, completed_on as "endedAt", retry_limit as "retryLimit"`;
