import type { Queryable } from '#lab/store/database.ts';
import type { ChangeState } from './changes.ts';
import { countChanges } from './changes.ts';
import type { RunSummary, SeriesName } from './rows.ts';
import { summaryColumns, summaryTables } from './rows.ts';

/** The geometric mean over the benchmarks that both runs have; below 1 is faster than then. */
export interface SuiteRatio {
  readonly run: string;
  readonly measuredAt: Date;
  readonly ratio: number;
  readonly benchmarks: number;
}

export interface OverviewSeries extends SeriesName {
  readonly architecture: string;
  readonly latest: RunSummary;
  readonly runs: number;
  /** Against the run before, and against the last one that is at least thirty days older. Quarantined runs do not count. */
  readonly previous: SuiteRatio | null;
  readonly monthAgo: SuiteRatio | null;
  readonly newChanges: number;
  /** The suite over its last runs, each against the latest one that counts: above 1 was slower then. Oldest first. */
  readonly history: readonly SuitePoint[];
}

export interface SuitePoint {
  readonly run: string;
  readonly measuredAt: Date;
  readonly ratio: number;
}

export interface Overview {
  readonly series: readonly OverviewSeries[];
  readonly runs: number;
  readonly benchmarks: number;
  readonly machines: number;
  readonly measurements: number;
  readonly changes: Readonly<Record<ChangeState, number>>;
}

interface LatestRow extends RunSummary {
  readonly id: number;
  readonly count: number;
  readonly newChanges: number;
}

/** Changes that began so many days before the last run are old, looked at or not. */
export const newDays = 30;

/** Which there are, without what is in them. */
export async function listSeriesNames(database: Queryable): Promise<readonly SeriesName[]> {
  return database.query<SeriesName>(`
    select distinct machine.name as machine, variant.name as variant from ${summaryTables} order by machine, variant`);
}

export async function overview(database: Queryable): Promise<Overview> {
  const latest = await database.query<LatestRow>(`
    select distinct on (run.machine_id, run.variant_id) run.id, ${summaryColumns},
      (count(*) over (partition by run.machine_id, run.variant_id))::integer as count,
      (select count(*)::integer from change join run as changed on changed.id = change.run_id
        where change.machine_id = run.machine_id and change.variant_id = run.variant_id and change.state = 'new'
          and changed.measured_at >= (date_trunc('day', run.measured_at at time zone 'UTC') - make_interval(days => $1)) at time zone 'UTC') as "newChanges"
    from ${summaryTables} order by run.machine_id, run.variant_id, run.measured_at desc, run.id desc`, [newDays]);
  const histories = await suiteHistories(database);
  const series = await Promise.all(latest.map(async ({ id, count, newChanges, ...run }): Promise<OverviewSeries> => ({
    machine: run.machine, variant: run.variant, architecture: run.architecture, latest: run, runs: count, newChanges,
    history: histories.filter((point) => point.machine === run.machine && point.variant === run.variant).map(({ run: key, measuredAt, ratio }) => ({ run: key, measuredAt, ratio })),
    previous: await ratioToRunBefore(database, id, 0), monthAgo: await ratioToRunBefore(database, id, 30),
  })));
  const [totals] = await database.query<Pick<Overview, 'runs' | 'benchmarks' | 'machines' | 'measurements'>>(`
    select (select count(*)::integer from run) as runs, (select count(*)::integer from benchmark) as benchmarks,
      (select count(*)::integer from machine) as machines, (select count(*)::integer from measurement) as measurements`);
  return { series, runs: 0, benchmarks: 0, machines: 0, measurements: 0, ...totals, changes: await countChanges(database) };
}

/** Two months of nights. */
const recentRuns = 60;

async function suiteHistories(database: Queryable): Promise<readonly (SuitePoint & SeriesName)[]> {
  return database.query<SuitePoint & SeriesName>(`
    with recent as (
      select * from (select run.id, run.key, run.machine_id, run.variant_id, run.measured_at,
        first_value(run.id) over series as latest, row_number() over series as position
        from run where quality <> 'quarantined' window series as (partition by machine_id, variant_id order by measured_at desc, run.id desc)) as numbered
      where position <= $1)
    select machine.name as machine, variant.name as variant, recent.key as run, recent.measured_at as "measuredAt",
      exp(avg(ln(past.mean / latest.mean) * case when less_is_better then 1 else -1 end)) as ratio
    from recent join machine on machine.id = recent.machine_id join variant on variant.id = recent.variant_id
      join measurement as past on past.run_id = recent.id join measurement as latest on latest.run_id = recent.latest and latest.benchmark_id = past.benchmark_id
      join benchmark on benchmark.id = past.benchmark_id
    where past.mean > 0 and latest.mean > 0
    group by recent.id, recent.key, recent.measured_at, machine.name, variant.name order by recent.measured_at, recent.id`, [recentRuns]);
}

async function ratioToRunBefore(database: Queryable, run: number, days: number): Promise<SuiteRatio | null> {
  const [row] = await database.query<SuiteRatio>(`
    with head as (select * from run where id = $1),
      base as (select run.* from run, head where run.machine_id = head.machine_id and run.variant_id = head.variant_id
        and run.quality <> 'quarantined' and (run.measured_at, run.id) < (head.measured_at - make_interval(days => $2), head.id)
        order by run.measured_at desc, run.id desc limit 1)
    select base.key as run, base.measured_at as "measuredAt",
      exp(avg(ln(after.mean / before.mean) * case when less_is_better then 1 else -1 end)) as ratio, count(*)::integer as benchmarks
    from base join measurement as before on before.run_id = base.id join measurement as after on after.run_id = $1
        and after.benchmark_id = before.benchmark_id
      join benchmark on benchmark.id = before.benchmark_id
    group by base.key, base.measured_at`, [run, days]);
  return row ?? null;
}
