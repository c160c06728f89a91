import type { HistoryOptions } from '#lab/analysis/history.ts';
import { History } from '#lab/analysis/history.ts';
import type { Change, Level, Night, NightReport } from '#lab/analysis/night.ts';
import { median } from '#lab/statistics/descriptive.ts';
import type { Random } from '#lab/statistics/random.ts';
import { shuffled } from '#lab/statistics/random.ts';

/** What is told of nights in which nothing changed. */
export interface NoChangeFigures {
  readonly nights: number;
  /** Benchmarks that were found changed. */
  readonly changes: number;
  /** Of those, taken back by the lab itself. */
  readonly withdrawn: number;
  /** Alerts that name one benchmark, and most of them in a night. */
  readonly single: number;
  readonly mostSingle: number;
}

/** Nights on which nothing was wrong, with the position each had. */
interface Kept {
  readonly night: Night;
  readonly report: NightReport;
  readonly position: number;
}

/** The first nights at new levels of a benchmark: of changes, and where one that went back was last seen, the night after. */
export function breaksOf(reports: readonly NightReport[], benchmark: string): Set<string> {
  const own = (changes: readonly Change[]): string[] => changes.filter((change) => change.benchmark === benchmark).map(({ since }) => since);
  const withdrawn = new Set(reports.flatMap((report) => own(report.withdrawn)));
  return new Set(reports.flatMap((report, index) => own(report.changes).flatMap((since) => [since, ...(withdrawn.has(since) ? [reports[index + 1]?.id ?? ''] : [])])));
}

/** The stretches of a benchmark between the changes that were told of it, and between shifts of the suite. */
function stretchesOf(kept: readonly Kept[], benchmark: string): Kept[][] {
  const since = breaksOf(kept.map(({ report }) => report), benchmark);
  const stretches: Kept[][] = [];
  for (const one of kept.filter(({ night }) => night.levels.has(benchmark))) {
    const last = stretches.at(-1);
    const before = last?.at(-1);
    const isShifted = before !== undefined && before.position < one.position - 1;
    if (last === undefined || isShifted || since.has(one.night.id)) stretches.push([one]);
    else last.push(one);
  }
  return stretches;
}

/**
 * The normal nights without what is known, with hindsight, to have changed in them: of each stretch between changes the median is taken away, and what is common to
 * the benchmarks of a night. What is left is the noise of these benchmarks on this machine, as it is.
 */
export function withoutChanges(nights: readonly Night[], reports: readonly NightReport[]): Night[] {
  const kept = nights.flatMap((night, position): Kept[] => {
    const report = reports[position];
    return report?.state === 'normal' ? [{ night, report, position }] : [];
  });
  const levels = new Map(kept.map(({ night }) => [night.id, new Map<string, Level>()]));
  for (const benchmark of new Set(kept.flatMap(({ night }) => [...night.levels.keys()]))) {
    for (const stretch of stretchesOf(kept, benchmark)) {
      const logs = stretch.map(({ night, report }) => (night.levels.get(benchmark)?.log ?? NaN) - (report.common ?? 0));
      const centre = median(logs);
      stretch.forEach(({ night }, index) => {
        const level = night.levels.get(benchmark);
        if (level !== undefined) levels.get(night.id)?.set(benchmark, { ...level, log: logs[index]! - centre });
      });
    }
  }
  const environment = kept[0]?.night.environment;
  return kept.map(({ night }) => ({ ...night, environment: environment ?? night.environment, levels: levels.get(night.id) ?? new Map<string, Level>() }));
}

/** Nights without changes, in orders drawn at random: whatever is told of them is wrong. */
export function noChangeFigures(nights: readonly Night[], random: Random, orders: number, options: Partial<HistoryOptions> = {}): NoChangeFigures {
  const counts = { nights: 0, changes: 0, withdrawn: 0, single: 0, mostSingle: 0 };
  for (let order = 0; order < orders; order++) {
    const history = new History(options);
    for (const night of shuffled(nights, random)) {
      const { changes, withdrawn, alerts } = history.add(night);
      const single = alerts.filter(({ kind }) => kind === 'benchmark').length;
      counts.nights++;
      counts.changes += changes.length;
      counts.withdrawn += withdrawn.length;
      counts.single += single;
      counts.mostSingle = Math.max(counts.mostSingle, single);
    }
  }
  return counts;
}
