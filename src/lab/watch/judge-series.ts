import { LRUCache } from 'lru-cache';
import { createHash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { History } from '#lab/analysis/history.ts';
import type { NightReport } from '#lab/analysis/night.ts';
import type { Database } from '#lab/store/database.ts';
import type { ChangeKind } from '#lab/store/queries/changes.ts';
import type { FoundChange, RunJudgement } from '#lab/store/write-judgement.ts';
import { writeJudgement } from '#lab/store/write-judgement.ts';
import type { NightName, WatchedSeries } from './load-nights.ts';
import { listNights, loadNights } from './load-nights.ts';

/** What was told of a series until now. */
interface Told {
  readonly history: History;
  readonly nights: readonly NightName[];
  readonly reports: readonly NightReport[];
}

/** A megabyte or two each. */
const seriesKept = 50;
/** Read together: a query for each would take longer, and all of some years would fill the memory. */
const nightsAtOnce = 50;

/**
 * Tells all nights of a series to the detector, oldest first, and writes what it says of each run and which changes it found.
 * Nights may arrive in any order, and one that is added in the middle changes what is known of later ones: then all of them are told
 * again. When the newest one is added, which is what happens every night, only that one is told.
 */
export class SeriesJudge {
  readonly #database: Database;
  readonly #told = new LRUCache<string, Told>({ max: seriesKept });

  constructor(database: Database) {
    this.#database = database;
  }

  /** Returns how many nights had to be told. */
  async judge(series: WatchedSeries): Promise<number> {
    const { told, news } = await this.#tell(series);
    const { nights, reports } = told;
    await writeJudgement(this.#database, series, { runs: nights.map((night, index) => judgementOf(night, reports[index])), changes: changesOf(nights, reports, series) });
    return news;
  }

  /** Tells what there is without writing anything: it was judged before, by a process that is gone. */
  async learn(series: WatchedSeries): Promise<void> {
    await this.#tell(series);
  }

  async #tell(series: WatchedSeries): Promise<{ readonly told: Told; readonly news: number }> {
    const key = JSON.stringify(series);
    const nights = await listNights(this.#database, series);
    const known = this.#told.get(key);
    const { history, reports: before } = known !== undefined && isContinued(known.nights, nights) ? known : { history: new History(), reports: [] };
    // A failure on the way would leave a history that was told more than is kept of it.
    this.#told.delete(key);
    const reports = [...before];
    const news = nights.slice(reports.length);
    for (let first = 0; first < news.length; first += nightsAtOnce) {
      for (const night of await loadNights(this.#database, news.slice(first, first + nightsAtOnce))) {
        reports.push(history.add(night));
        // The process also serves readers: they come in between.
        await nextTurn();
      }
    }
    const told = { history, nights, reports };
    this.#told.set(key, told);
    return { told, news: news.length };
  }
}

/** Whether all that was told is still so: a client of Codespeed adds to a run after it was judged, which is then received anew. */
function isContinued(told: readonly NightName[], nights: readonly NightName[]): boolean {
  return told.length <= nights.length && told.every(({ runId, receivedAt }, index) => {
    const night = nights[index];
    return night?.runId === runId && night.receivedAt.getTime() === receivedAt.getTime();
  });
}

function judgementOf(night: NightName, report: NightReport | undefined): RunJudgement {
  const quality = { normal: 'ok', shifted: 'suspect', faulty: 'quarantined' } as const;
  return {
    runId: night.runId, quality: quality[report?.state ?? 'normal'], reasons: report?.issues.map((issue) => issue.detail) ?? [],
    suiteRatio: report?.suiteRatio, epoch: report?.epoch,
  };
}

const stepName = (benchmark: string, since: string): string => JSON.stringify([benchmark, since]);

interface Found {
  readonly kind: ChangeKind;
  readonly benchmark: string | undefined;
  /** The id of the first night after the change. */
  readonly since: string;
  readonly ratio: number;
  readonly p: number | undefined;
  readonly detail: string;
}

function changesOf(nights: readonly NightName[], reports: readonly NightReport[], series: WatchedSeries): readonly FoundChange[] {
  const positions = new Map(nights.map((night, index) => [night.id, index]));
  const withdrawn = new Set(reports.flatMap((report) => report.withdrawn.map(({ benchmark, since }) => stepName(benchmark, since))));
  return reports.flatMap(foundIn).flatMap((found) => {
    const position = positions.get(found.since);
    const night = position === undefined ? undefined : nights[position];
    if (position === undefined || night === undefined) return [];
    const identity = JSON.stringify([series.branch, found.kind, found.benchmark ?? '', found.since]);
    return [{ ...found, key: createHash('sha256').update(identity).digest('hex').slice(0, 12), position, runId: night.runId, previousRunId: nights[position - 1]?.runId,
      isWithdrawn: found.kind === 'step' && withdrawn.has(stepName(found.benchmark ?? '', found.since)) }];
  });
}

/** How many names a sentence may have. */
const namesShown = 5;

function foundIn(report: NightReport): readonly Found[] {
  const found: Found[] = [];
  const whole = { benchmark: undefined, since: report.id, ratio: report.suiteRatio ?? 1, p: undefined };
  const faults = report.issues.filter((issue) => issue.severity === 'fault').map((issue) => issue.detail);
  if (faults.length > 0) found.push({ ...whole, kind: 'environment', detail: faults.join('; ') });
  if (report.epochReasons.length > 0) found.push({ ...whole, kind: 'epoch', detail: report.epochReasons.join('; ') });
  const { shift, suiteChange } = report;
  if (shift?.since === report.id) {
    const names = shift.moved.slice(0, namesShown).map((moved) => moved.benchmark).join(', ');
    found.push({ ...whole, kind: 'suite-shift', ratio: shift.ratio, detail: names === '' ? 'all benchmarks' : `${shift.moved.length} benchmarks moved most: ${names}` });
  }
  if (suiteChange !== undefined) found.push({ ...whole, kind: 'suite-shift', since: suiteChange.since, ratio: suiteChange.ratio, p: suiteChange.p, detail: 'slowly, over several nights' });
  for (const change of report.changes) {
    const detail = change.partOf === undefined ? '' : 'began with a shift of the whole suite';
    found.push({ kind: 'step', benchmark: change.benchmark, since: change.since, ratio: change.ratio, p: change.p, detail });
  }
  return found;
}
