import type { Environment } from '#lab/analysis/environment.ts';
import type { Level, Night } from '#lab/analysis/night.ts';
import type { Queryable } from '#lab/store/database.ts';

/** What is told to one History: results of one variant on one machine, of one branch. */
export interface WatchedSeries {
  readonly machineId: number;
  readonly variantId: number;
  /** Empty where results only have the name of a commit for a branch, as bench_runner writes. */
  readonly branch: string;
}

/** A branch that is a commit is no branch. */
const branchColumn = `case when coalesce(run.commit_branch, '') ~ '^[0-9a-f]{7,40}$' then '' else coalesce(run.commit_branch, '') end`;

export async function listSeries(database: Queryable): Promise<readonly WatchedSeries[]> {
  return database.query<WatchedSeries>(`
    select distinct run.machine_id as "machineId", run.variant_id as "variantId", ${branchColumn} as branch from run
    order by run.machine_id, run.variant_id, branch`);
}

/** The series that a run belongs to. */
export async function seriesOf(database: Queryable, runKey: string): Promise<WatchedSeries | undefined> {
  const [series] = await database.query<WatchedSeries>(`
    select run.machine_id as "machineId", run.variant_id as "variantId", ${branchColumn} as branch from run where key = $1`, [runKey]);
  return series;
}

/** A night without its figures. */
export interface NightName {
  readonly runId: number;
  /** The key of the run. */
  readonly id: string;
  readonly receivedAt: Date;
}

interface NightRow {
  readonly id: string;
  readonly environment: Environment;
  readonly names: readonly string[];
  readonly means: readonly number[];
  readonly shapes: readonly string[];
  readonly loads: readonly (number | null)[];
}

/** Oldest first. */
export async function listNights(database: Queryable, { machineId, variantId, branch }: WatchedSeries): Promise<readonly NightName[]> {
  return database.query<NightName>(`
    select run.id as "runId", run.key as id, run.received_at as "receivedAt" from run
    where run.machine_id = $1 and run.variant_id = $2 and ${branchColumn} = $3 and exists (select from measurement where run_id = run.id)
    order by run.measured_at, run.id`, [machineId, variantId, branch]);
}

/** Their figures, in the same order. */
export async function loadNights(database: Queryable, nights: readonly NightName[]): Promise<readonly Night[]> {
  const rows = await database.query<NightRow>(`
    select run.key as id, run.conditions as environment, array_agg(benchmark.name order by benchmark.name) as names,
      array_agg(measurement.mean order by benchmark.name) as means, array_agg(measurement.shape order by benchmark.name) as shapes,
      array_agg(measurement.load_average order by benchmark.name) as loads
    from run join measurement on measurement.run_id = run.id join benchmark on benchmark.id = measurement.benchmark_id
    where run.id = any($1) group by run.id order by run.measured_at, run.id`, [nights.map(({ runId }) => runId)]);
  return rows.map(nightOfRow);
}

function nightOfRow({ id, environment, names, means, shapes, loads }: NightRow): Night {
  const levels = names.map((name, index): [string, Level] =>
    [name, { log: Math.log(means[index] ?? 1), shape: shapes[index] ?? '', load: loads[index] ?? undefined }]);
  return { id, environment, levels: new Map(levels) };
}
