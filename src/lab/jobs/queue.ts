/** Work for the machines of a lab: pg-boss, in a schema of its own in the lab's database. */
import PgBoss from 'pg-boss';
import type { Database } from '#lab/store/database.ts';

/** What a machine is asked to measure. Its operator decided which interpreters it offers; a job only names one. */
export interface JobRequest {
  /** Suites or programs, as words of `armature bench`. */
  readonly benchmarks: readonly string[];
  /** A name that the runner was given an interpreter for. */
  readonly python: string;
  /** As `--with` of `armature bench`. */
  readonly ways: readonly string[];
  readonly processes: number | undefined;
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
  readonly startedAt: Date | null;
}

export interface QueueOptions {
  /** A job whose machine is not heard of for so long is given to the next that asks. */
  readonly leaseSeconds: number;
  readonly retries: number;
  /** How often leases are looked at. */
  readonly watchSeconds: number;
}

export const defaultQueueOptions: QueueOptions = { leaseSeconds: 90, retries: 3, watchSeconds: 15 };

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
  async lease(machine: string): Promise<Job | undefined> {
    const [found] = await this.#boss.fetch(machine);
    return found === undefined ? undefined : this.find(machine, found.id);
  }

  /** The machine is still at it. False when the job is no longer its own. pg-boss counts a lease from when the job was started. */
  async extend(machine: string, id: string): Promise<boolean> {
    const rows = await this.#database.query(`update ${schema}.job set started_on = now() where name = $1 and id = $2 and state = 'active' returning id`, [machine, id]);
    return rows.length > 0;
  }

  /** False when the job is no longer the machine's own. */
  async complete(machine: string, id: string, runs: readonly string[]): Promise<boolean> {
    if (!(await this.extend(machine, id))) return false;
    await this.#boss.complete(machine, id, { runs });
    return true;
  }

  /** It is tried again, some time later, until its retries are used up. */
  async fail(machine: string, id: string, reason: string): Promise<boolean> {
    if (!(await this.extend(machine, id))) return false;
    await this.#boss.fail(machine, id, { reason });
    return true;
  }

  async cancel(machine: string, id: string): Promise<boolean> {
    const rows = await this.#database.query(`select id from ${schema}.job where name = $1 and id = $2 and state in ('created', 'retry', 'active')`, [machine, id]);
    if (rows.length === 0) return false;
    await this.#boss.cancel(machine, id);
    return true;
  }

  async find(machine: string, id: string): Promise<Job | undefined> {
    const [job] = await this.#database.query<Job>(`select ${columns} from ${schema}.job where name = $1 and id = $2`, [machine, id]);
    return job;
  }

  /** What waits or runs, in the order in which it will be done, then what ended, newest first. */
  async list(limit = 200): Promise<readonly Job[]> {
    return this.#database.query<Job>(`select ${columns} from ${schema}.job where name not like '\\_\\_pgboss%'
      order by state not in ('active', 'created', 'retry'), case when state in ('active', 'created', 'retry') then -priority end,
        case when state in ('active', 'created', 'retry') then created_on end, created_on desc limit $1`, [limit]);
  }
}

const columns = `id, name as machine, state, priority, retry_count + case when started_on is null then 0 else 1 end as attempts, data as request,
  output as outcome, created_on as "createdAt", started_on as "startedAt"`;
