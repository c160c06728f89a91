import type { Queryable } from '#lab/store/database.ts';
import type { Facts } from '#lab/store/new-run.ts';
import type { RunSummary } from './rows.ts';
import { summaryColumns, summaryTables } from './rows.ts';

export interface RunFilter {
  readonly machine?: string | undefined;
  readonly variant?: string | undefined;
  /** A prefix of the commit's name. */
  readonly commit?: string | undefined;
  readonly before?: Date | undefined;
  readonly since?: Date | undefined;
  readonly limit?: number | undefined;
}

export const usualRuns = 100;
const mostRuns = 1000;

/** Newest first. */
export async function listRuns(database: Queryable, filter: RunFilter = {}): Promise<readonly RunSummary[]> {
  return database.query<RunSummary>(`
    select ${summaryColumns} from ${summaryTables}
    where ($1::text is null or machine.name = $1) and ($2::text is null or variant.name = $2)
      and ($3::text is null or starts_with(run.commit_id, $3)) and ($4::timestamptz is null or run.measured_at < $4)
      and ($5::timestamptz is null or run.measured_at >= $5)
    order by run.measured_at desc, run.id desc limit $6`,
  [filter.machine, filter.variant, filter.commit, filter.before, filter.since, Math.min(filter.limit ?? usualRuns, mostRuns)]);
}

export interface MeasurementRow {
  readonly benchmark: string;
  readonly unit: string;
  readonly lessIsBetter: boolean;
  readonly tags: readonly string[];
  readonly mean: number;
  readonly standardDeviation: number | null;
  readonly standardError: number | null;
  readonly median: number | null;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly valueCount: number;
  readonly shape: string;
  readonly loadAverage: number | null;
  readonly processMeans: readonly number[];
  readonly peakMemory: number | null;
}

/** Every sample of a run is in its files, which RawFiles reads by these digests. */
export interface RunDetails extends RunSummary {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly environment: Facts;
  readonly digests: readonly string[];
  readonly measurements: readonly MeasurementRow[];
}

export async function findRun(database: Queryable, key: string): Promise<RunDetails | undefined> {
  const [run] = await database.query<Omit<RunDetails, 'measurements'>>(`
    select ${summaryColumns}, run.metadata, environment.facts as environment,
      array(select digest from result_file where run_id = run.id order by received_at, digest) as digests
    from ${summaryTables} join environment on environment.id = run.environment_id where run.key = $1`, [key]);
  if (run === undefined) return undefined;
  return { ...run, measurements: await measurementsOf(database, key) };
}

async function measurementsOf(database: Queryable, key: string): Promise<readonly MeasurementRow[]> {
  return database.query<MeasurementRow>(`
    select benchmark.name as benchmark, unit, less_is_better as "lessIsBetter", tags, mean, standard_deviation as "standardDeviation",
      standard_error as "standardError", median, minimum, maximum, value_count as "valueCount", shape, measurement.load_average as "loadAverage",
      process_means as "processMeans", peak_memory as "peakMemory"
    from run join measurement on measurement.run_id = run.id join benchmark on benchmark.id = benchmark_id
    where run.key = $1 order by benchmark.name`, [key]);
}

/**
 * The runs that a word may mean: a key or its beginning, a commit or its beginning, a title. Newest first, at most `limit`.
 */
export async function resolveRuns(database: Queryable, word: string, limit = 20): Promise<readonly RunSummary[]> {
  return database.query<RunSummary>(`
    select ${summaryColumns} from ${summaryTables}
    where starts_with(run.key, $1) or starts_with(run.commit_id, $1) or starts_with($1, run.commit_id) and length(run.commit_id) >= 7 or run.title = $1
    order by run.measured_at desc, run.id desc limit $2`, [word, limit]);
}

/** The digests of all files that the database has read. */
export async function knownDigests(database: Queryable): Promise<ReadonlySet<string>> {
  return new Set((await database.query<{ digest: string }>('select digest from result_file')).map((row) => row.digest));
}
