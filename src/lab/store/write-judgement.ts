import { bumpVersion } from './data-version.ts';
import type { Database, Queryable } from './database.ts';
import type { ChangeKind } from './queries/changes.ts';
import type { Quality } from './queries/rows.ts';

export interface RunJudgement {
  readonly runId: number;
  readonly quality: Quality;
  readonly reasons: readonly string[];
  readonly suiteRatio: number | undefined;
  readonly epoch: number | undefined;
}

export interface FoundChange {
  /** The same for the same change of the same run, in any database. */
  readonly key: string;
  readonly kind: ChangeKind;
  readonly benchmark: string | undefined;
  readonly runId: number;
  readonly previousRunId: number | undefined;
  /** Of the run in its series. */
  readonly position: number;
  readonly ratio: number;
  readonly p: number | undefined;
  readonly detail: string;
  /** Later nights were at the level before again. */
  readonly isWithdrawn: boolean;
}

export interface Judgement {
  /** All of the series, oldest first. */
  readonly runs: readonly RunJudgement[];
  readonly changes: readonly FoundChange[];
}

interface SeriesIds {
  readonly machineId: number;
  readonly variantId: number;
}

/** A step may be dated a little otherwise once more nights are known: so far apart it is the same one. */
const sameChange = 2;

const withdrawnNote = 'went back within a few nights';

/** What is found no longer goes, unless somebody has looked at it; what went back is invalid, unless somebody says otherwise. */
export async function writeJudgement(database: Database, series: SeriesIds, judgement: Judgement): Promise<void> {
  await database.transaction(async (transaction) => {
    await updateRuns(transaction, judgement.runs);
    const positions = new Map(judgement.runs.map((run, index) => [run.runId, index]));
    const kept = await judgedChanges(transaction, judgement.runs);
    const isKnown = (change: FoundChange): boolean => kept.some((known) => known.key !== change.key && known.kind === change.kind
      && known.benchmark === (change.benchmark ?? null) && Math.abs((positions.get(known.runId) ?? Infinity) - change.position) <= sameChange);
    const changes = judgement.changes.filter((change) => !isKnown(change));
    await transaction.query("delete from change where updated_by is null and run_id = any($1) and not (key = any($2))",
      [judgement.runs.map((run) => run.runId), changes.map((change) => change.key)]);
    await insertChanges(transaction, series, changes);
    await bumpVersion(transaction);
  });
}

async function updateRuns(queryable: Queryable, runs: readonly RunJudgement[]): Promise<void> {
  await queryable.query(`
    update run set quality = judged.quality, quality_reasons = judged.reasons, suite_ratio = judged."suiteRatio", epoch = judged.epoch
    from jsonb_to_recordset($1::jsonb) as judged("runId" integer, quality text, reasons text[], "suiteRatio" double precision, epoch integer)
    where run.id = judged."runId" and (run.quality, run.quality_reasons, run.suite_ratio, run.epoch)
      is distinct from (judged.quality, judged.reasons, judged."suiteRatio", judged.epoch)`, [JSON.stringify(runs)]);
}

interface KnownChange {
  readonly key: string;
  readonly kind: ChangeKind;
  readonly benchmark: string | null;
  readonly runId: number;
}

async function judgedChanges(queryable: Queryable, runs: readonly RunJudgement[]): Promise<readonly KnownChange[]> {
  return queryable.query<KnownChange>(`
    select change.key, change.kind, benchmark.name as benchmark, change.run_id as "runId"
    from change left join benchmark on benchmark.id = change.benchmark_id where updated_by is not null and change.run_id = any($1)`, [runs.map((run) => run.runId)]);
}

async function insertChanges(queryable: Queryable, { machineId, variantId }: SeriesIds, changes: readonly FoundChange[]): Promise<void> {
  await queryable.query(`
    insert into change (key, machine_id, variant_id, benchmark_id, kind, run_id, previous_run_id, ratio, p_value, detail, state, note)
    select distinct on (found.key) found.key, $2, $3, benchmark.id, found.kind, found."runId", found."previousRunId", found.ratio, found.p, found.detail,
      case when found."isWithdrawn" then 'invalid' else 'new' end, case when found."isWithdrawn" then $4 else '' end
    from jsonb_to_recordset($1::jsonb) as found(key text, kind text, benchmark text, "runId" integer, "previousRunId" integer,
      ratio double precision, p double precision, detail text, "isWithdrawn" boolean)
      left join benchmark on benchmark.name = found.benchmark
    on conflict (key) do update set ratio = excluded.ratio, p_value = excluded.p_value, detail = excluded.detail, previous_run_id = excluded.previous_run_id,
      state = case when change.updated_by is null then excluded.state else change.state end,
      note = case when change.updated_by is null then excluded.note else change.note end`, [JSON.stringify(changes), machineId, variantId, withdrawnNote]);
}
