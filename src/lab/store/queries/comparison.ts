import type { Queryable } from '#lab/store/database.ts';
import type { RunSummary } from './rows.ts';
import { summaryColumns, summaryTables } from './rows.ts';

export interface Side {
  readonly mean: number;
  readonly standardError: number | null;
  /** What tests and intervals are computed from: the unit is the process. Empty for results of Codespeed clients. */
  readonly processMeans: readonly number[];
}

export interface ComparisonRow {
  readonly benchmark: string;
  readonly unit: string;
  readonly lessIsBetter: boolean;
  readonly tags: readonly string[];
  /** Null where a run lacks the benchmark. */
  readonly base: Side | null;
  readonly head: Side | null;
}

export interface Comparison {
  readonly base: RunSummary;
  readonly head: RunSummary;
  readonly rows: readonly ComparisonRow[];
}

/** The figures of two runs side by side; verdicts are computed from them in #lab/analysis. */
export async function comparison(database: Queryable, base: string, head: string): Promise<Comparison | undefined> {
  const [baseRun, headRun] = await Promise.all([summary(database, base), summary(database, head)]);
  if (baseRun === undefined || headRun === undefined) return undefined;
  const side = (name: string): string => `case when ${name}.mean is null then null else jsonb_build_object('mean', ${name}.mean,
    'standardError', ${name}.standard_error, 'processMeans', to_jsonb(${name}.process_means)) end as ${name}`;
  const rows = await database.query<ComparisonRow>(`
    with base as (select measurement.* from measurement join run on run.id = run_id where run.key = $1),
      head as (select measurement.* from measurement join run on run.id = run_id where run.key = $2)
    select benchmark.name as benchmark, unit, less_is_better as "lessIsBetter", tags, ${side('base')}, ${side('head')}
    from base full join head using (benchmark_id) join benchmark on benchmark.id = benchmark_id order by benchmark.name`, [base, head]);
  return { base: baseRun, head: headRun, rows };
}

async function summary(database: Queryable, key: string): Promise<RunSummary | undefined> {
  const [run] = await database.query<RunSummary>(`select ${summaryColumns} from ${summaryTables} where run.key = $1`, [key]);
  return run;
}

export type PresetKind = 'variants' | 'machines' | 'versions' | 'previous';

/** A pair of runs that is worth a look. */
export interface Preset {
  readonly kind: PresetKind;
  readonly title: string;
  readonly base: string;
  readonly head: string;
  /** Geometric mean over what both have: below 1 the head is faster. Null when they have nothing in common. */
  readonly ratio: number | null;
}

interface PairRow {
  readonly ratio: number | null;
  readonly base: string;
  readonly head: string;
  readonly machine: string;
  readonly headMachine: string;
  readonly variant: string;
  readonly headVariant: string;
  readonly version: string;
  readonly headVersion: string;
}

/** What a pair must have in common and in what it differs, for each kind: the newest pair of each is shown. */
const conditions: Readonly<Record<PresetKind, string>> = {
  // `cpython` comes before `cpython-jit`: what has more to it is compared with what has less, and Armature with both.
  variants: `base.commit_id = head.commit_id and base.machine_id = head.machine_id
    and (base.variant like '%-armature', base.variant) < (head.variant like '%-armature', head.variant)`,
  machines: 'base.commit_id = head.commit_id and base.variant_id = head.variant_id and base.machine_id < head.machine_id',
  versions: `base.machine_id = head.machine_id and base.variant_id = head.variant_id and base.measured_at < head.measured_at
    and base.minor_version <> head.minor_version`,
  previous: 'base.machine_id = head.machine_id and base.variant_id = head.variant_id and base.position = head.position + 1',
};

/** Only so many of the newest runs of a series are paired: what is older has been looked at. */
const recentRuns = 100;

export async function comparisonPresets(database: Queryable, kinds: readonly PresetKind[] = Object.keys(conditions) as PresetKind[]): Promise<readonly Preset[]> {
  const presets = await Promise.all(kinds.map((kind) => presetsOf(database, kind)));
  return presets.flat();
}

async function presetsOf(database: Queryable, kind: PresetKind): Promise<readonly Preset[]> {
  const rows = await database.query<PairRow>(`
    with recent as (select * from (select run.*, variant.name as variant, substring(python_version from '^\\d+\\.\\d+') as minor_version,
      row_number() over (partition by machine_id, variant_id order by measured_at desc, run.id desc) as position from run
      join variant on variant.id = run.variant_id where quality <> 'quarantined') as numbered where position <= ${recentRuns}),
    pairs as (select distinct on (base.machine_id, head.machine_id, base.variant_id, head.variant_id)
      base.id as base_id, head.id as head_id, base.key as base, head.key as head, base_machine.name as machine, head_machine.name as "headMachine", base.variant,
      head.variant as "headVariant", base.python_version as version, head.python_version as "headVersion"
    from recent as base join recent as head on ${conditions[kind]}
      join machine as base_machine on base_machine.id = base.machine_id join machine as head_machine on head_machine.id = head.machine_id
    order by base.machine_id, head.machine_id, base.variant_id, head.variant_id, head.measured_at desc, base.measured_at desc)
    select pairs.*, (select exp(avg(ln(after.mean / before.mean) * case when less_is_better then 1 else -1 end))
      from measurement as before join measurement as after on after.run_id = head_id and after.benchmark_id = before.benchmark_id
        join benchmark on benchmark.id = before.benchmark_id where before.run_id = base_id and before.mean > 0 and after.mean > 0) as ratio
    from pairs`);
  return rows.map((row) => ({ kind, title: presetTitle(kind, row), base: row.base, head: row.head, ratio: row.ratio }));
}

function presetTitle(kind: PresetKind, row: PairRow): string {
  switch (kind) {
    case 'variants': return `${row.headVariant} against ${row.variant} on ${row.machine}`;
    case 'machines': return `${row.headMachine} against ${row.machine}: ${row.variant}`;
    case 'versions': return `${row.headVersion} against ${row.version} on ${row.machine}: ${row.variant}`;
    case 'previous': return `the latest run against the one before on ${row.machine}: ${row.variant}`;
    default: return kind satisfies never;
  }
}
