import type { Queryable } from '#lab/store/database.ts';
import type { Quality, SeriesName } from './rows.ts';

export interface TimelineFilter extends SeriesName {
  /** All of them without. */
  readonly benchmarks?: readonly string[] | undefined;
  readonly since?: Date | undefined;
  readonly before?: Date | undefined;
  readonly branch?: string | undefined;
}

export interface TimelineRun {
  readonly key: string;
  readonly measuredAt: Date;
  readonly commitId: string | null;
  readonly commitDate: Date | null;
  readonly pythonVersion: string;
  /** Changes where another environment begins. */
  readonly environment: string;
  readonly quality: Quality;
  readonly qualityReasons: readonly string[];
  readonly epoch: number | null;
}

export interface TimelineSeries {
  readonly benchmark: string;
  readonly unit: string;
  readonly lessIsBetter: boolean;
  readonly tags: readonly string[];
  /** One for each run of the timeline, null where the run lacks the benchmark. */
  readonly means: readonly (number | null)[];
  /** Standard errors of the means, over processes. */
  readonly errors: readonly (number | null)[];
}

/** By columns: what a chart of many series wants, and a tenth of the size of rows. */
export interface Timeline extends SeriesName {
  readonly runs: readonly TimelineRun[];
  readonly series: readonly TimelineSeries[];
}

interface SeriesRow {
  readonly benchmark: string;
  readonly unit: string;
  readonly lessIsBetter: boolean;
  readonly tags: readonly string[];
  readonly positions: readonly number[];
  readonly means: readonly number[];
  readonly errors: readonly (number | null)[];
}

/** Oldest run first. */
export async function timeline(database: Queryable, filter: TimelineFilter): Promise<Timeline> {
  const runs = await database.query<TimelineRun & { id: number }>(`
    select run.id, run.key, run.measured_at as "measuredAt", run.commit_id as "commitId", run.commit_date as "commitDate",
      run.python_version as "pythonVersion", environment.fingerprint as environment, run.quality,
      run.quality_reasons as "qualityReasons", run.epoch
    from run join machine on machine.id = run.machine_id join variant on variant.id = run.variant_id
      join environment on environment.id = run.environment_id
    where machine.name = $1 and variant.name = $2 and ($3::timestamptz is null or run.measured_at >= $3)
      and ($4::timestamptz is null or run.measured_at < $4) and ($5::text is null or run.commit_branch = $5)
    order by run.measured_at, run.id`, [filter.machine, filter.variant, filter.since, filter.before, filter.branch]);
  const rows = await database.query<SeriesRow>(`
    select benchmark.name as benchmark, unit, less_is_better as "lessIsBetter", tags,
      array_agg(position::integer order by position) as positions, array_agg(mean order by position) as means,
      array_agg(standard_error order by position) as errors
    from unnest($1::integer[]) with ordinality as wanted (run_id, position)
      join measurement on measurement.run_id = wanted.run_id join benchmark on benchmark.id = measurement.benchmark_id
    where $2::integer[] is null or measurement.benchmark_id = any($2)
    group by benchmark.id order by benchmark.name`, [runs.map((run) => run.id), await benchmarkIds(database, filter.benchmarks)]);
  return {
    machine: filter.machine, variant: filter.variant,
    runs: runs.map(({ id: _, ...run }) => run),
    series: rows.map((row) => spread(row, runs.length)),
  };
}

/** Looked up first: with names in the query itself, all benchmarks of the runs are read for one. */
async function benchmarkIds(database: Queryable, names: readonly string[] | undefined): Promise<readonly number[] | undefined> {
  if (names === undefined) return undefined;
  return (await database.query<{ id: number }>('select id from benchmark where name = any($1)', [names])).map(({ id }) => id);
}

function spread({ positions, means, errors, ...benchmark }: SeriesRow, length: number): TimelineSeries {
  const allMeans = new Array<number | null>(length).fill(null);
  const allErrors = new Array<number | null>(length).fill(null);
  for (const [index, position] of positions.entries()) {
    allMeans[position - 1] = means[index] ?? null;
    allErrors[position - 1] = errors[index] ?? null;
  }
  return { ...benchmark, means: allMeans, errors: allErrors };
}
