import { bumpVersion } from '#lab/store/data-version.ts';
import type { Database, Queryable } from '#lab/store/database.ts';
import { queryOne } from '#lab/store/database.ts';
import type { RunSummary } from './rows.ts';
import { summaryColumns } from './rows.ts';

/**
 * `step`: one benchmark changed. `suite-shift`: all of them, or a good part. `environment`: a run whose environment was at fault.
 * `epoch`: something the figures depend on was exchanged; levels before and after are not compared.
 */
export type ChangeKind = 'step' | 'suite-shift' | 'environment' | 'epoch';

export const changeStates = ['new', 'confirmed', 'investigating', 'accepted', 'fixed', 'invalid'] as const;
export type ChangeState = (typeof changeStates)[number];

export interface ChangeRow {
  readonly key: string;
  readonly kind: ChangeKind;
  readonly machine: string;
  readonly variant: string;
  /** Null for an event of the whole suite. */
  readonly benchmark: string | null;
  /** Mean after divided by mean before; for times, above 1 is slower. */
  readonly ratio: number;
  readonly pValue: number | null;
  readonly detail: string;
  readonly state: ChangeState;
  readonly note: string;
  readonly detectedAt: Date;
  readonly updatedAt: Date;
  readonly updatedBy: string | null;
  /** The first run after the change, and the last before it. */
  readonly run: RunSummary;
  readonly previousRun: RunSummary | null;
}

export interface ChangeFilter {
  readonly machine?: string | undefined;
  readonly variant?: string | undefined;
  readonly benchmark?: string | undefined;
  readonly state?: ChangeState | undefined;
  /** When the first run after the change was measured. */
  readonly since?: Date | undefined;
  readonly before?: Date | undefined;
  readonly limit?: number | undefined;
}

export const usualChanges = 200;
const mostChanges = 1000;

const summaryOf = (alias: string): string => `(select to_jsonb(summary) from (
  select ${summaryColumns} from run join machine on machine.id = run.machine_id join variant on variant.id = run.variant_id
  where run.id = change.${alias}) as summary)`;

const selectChanges = `
  select change.key, change.kind, machine.name as machine, variant.name as variant, benchmark.name as benchmark, change.ratio,
    change.p_value as "pValue", change.detail, change.state, change.note, change.detected_at as "detectedAt", change.updated_at as "updatedAt",
    change.updated_by as "updatedBy", ${summaryOf('run_id')} as run, ${summaryOf('previous_run_id')} as "previousRun"
  from change join machine on machine.id = change.machine_id join variant on variant.id = change.variant_id
    join run as changed_run on changed_run.id = change.run_id left join benchmark on benchmark.id = change.benchmark_id`;

/** Newest first. */
export async function listChanges(database: Queryable, filter: ChangeFilter = {}): Promise<readonly ChangeRow[]> {
  const rows = await database.query<ChangeRow>(`${selectChanges}
    where ($1::text is null or machine.name = $1) and ($2::text is null or variant.name = $2) and ($3::text is null or benchmark.name = $3)
      and ($4::text is null or change.state = $4) and ($5::timestamptz is null or changed_run.measured_at >= $5)
      and ($6::timestamptz is null or changed_run.measured_at < $6)
    order by changed_run.measured_at desc, abs(ln(change.ratio)) desc, change.key limit $7`,
  [filter.machine, filter.variant, filter.benchmark, filter.state, filter.since, filter.before, Math.min(filter.limit ?? usualChanges, mostChanges)]);
  return rows.map(withDates);
}

export async function findChange(database: Queryable, key: string): Promise<ChangeRow | undefined> {
  const [row] = await database.query<ChangeRow>(`${selectChanges} where change.key = $1`, [key]);
  return row === undefined ? undefined : withDates(row);
}

/** Times inside JSON come as texts. */
function withDates(row: ChangeRow): ChangeRow {
  return { ...row, run: revive(row.run), previousRun: row.previousRun === null ? null : revive(row.previousRun) };
}

function revive(run: RunSummary): RunSummary {
  return {
    ...run, measuredAt: new Date(run.measuredAt), receivedAt: new Date(run.receivedAt),
    commitDate: run.commitDate === null ? null : new Date(run.commitDate),
  };
}

/** What somebody said of a change. */
export interface ChangeDecision {
  readonly state: ChangeState;
  readonly note: string;
  readonly decidedBy: string;
  readonly decidedAt: Date;
}

export interface ChangeWithHistory extends ChangeRow {
  /** Oldest first. */
  readonly history: readonly ChangeDecision[];
}

export async function findChangeWithHistory(database: Queryable, key: string): Promise<ChangeWithHistory | undefined> {
  const change = await findChange(database, key);
  if (change === undefined) return undefined;
  const history = await database.query<ChangeDecision>(`
    select change_decision.state, change_decision.note, decided_by as "decidedBy", decided_at as "decidedAt"
    from change_decision join change on change.id = change_id where change.key = $1 order by change_decision.id`, [key]);
  return { ...change, history };
}

export interface StateUpdate {
  readonly state: ChangeState;
  readonly note: string;
  readonly by: string;
  readonly at: Date;
}

/** False when there is no such change. */
export async function setChangeState(database: Database, key: string, update: StateUpdate): Promise<boolean> {
  return database.transaction(async (transaction) => {
    const rows = await transaction.query(`
      with decided as (update change set state = $2, note = $3, updated_by = $4, updated_at = $5 where key = $1 returning id)
      insert into change_decision (change_id, state, note, decided_by, decided_at) select id, $2, $3, $4, $5 from decided returning id`,
    [key, update.state, update.note, update.by, update.at]);
    await bumpVersion(transaction);
    return rows.length > 0;
  });
}

/** How many changes are in each state. */
export async function countChanges(database: Queryable): Promise<Readonly<Record<ChangeState, number>>> {
  const { counts } = await queryOne<{ counts: Partial<Record<ChangeState, number>> }>(database, `
    select coalesce(jsonb_object_agg(state, number), '{}') as counts from (select state, count(*) as number from change group by state) as states`);
  return Object.fromEntries(changeStates.map((state) => [state, counts[state] ?? 0])) as Record<ChangeState, number>;
}
