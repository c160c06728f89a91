/** Rows for spreadsheets: what is an object in JSON would be a cell nobody can sort by. */
import type { ChangeRow } from '#lab/store/queries/changes.ts';
import type { Epoch } from '#lab/store/queries/machines.ts';
import type { OverviewSeries } from '#lab/store/queries/overview.ts';

export const overviewRow = ({ machine, variant, architecture, latest, runs, newChanges, previous, monthAgo }: OverviewSeries): object => ({
  machine, variant, architecture, runs, newChanges, latestRun: latest.key, measuredAt: latest.measuredAt, commitId: latest.commitId,
  previousRun: previous?.run ?? null, againstPrevious: previous?.ratio ?? null, monthAgoRun: monthAgo?.run ?? null, againstMonthAgo: monthAgo?.ratio ?? null,
});

export const changeRow = ({ run, previousRun, ...change }: ChangeRow): object => ({
  ...change, run: run.key, measuredAt: run.measuredAt, commitId: run.commitId, previousRun: previousRun?.key ?? null,
});

export const epochRow = ({ fingerprint, firstRun, since, until, runs, changed, facts }: Epoch): object => ({
  fingerprint, firstRun, since, until, runs, changed: changed.map((name) => `${name}: ${facts[name] ?? 'nothing'}`).join('; '),
});
