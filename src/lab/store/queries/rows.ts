/** What several queries share. */

/** The columns of a RunSummary, of `run` joined with `machine` and `variant`. */
export const summaryColumns = `run.key, run.title, run.origin, machine.name as machine, machine.architecture, variant.name as variant,
  run.python_version as "pythonVersion", run.commit_id as "commitId", run.commit_branch as "commitBranch", run.commit_fork as "commitFork",
  run.commit_date as "commitDate", run.measured_at as "measuredAt", run.received_at as "receivedAt", run.load_average as "loadAverage",
  run.governor, run.quality, run.quality_reasons as "qualityReasons",
  run.suite_ratio as "suiteRatio", run.epoch`;

export const summaryTables = 'run join machine on machine.id = run.machine_id join variant on variant.id = run.variant_id';

/** `suspect`: the whole suite moved. `quarantined`: the environment was at fault. No single benchmark is blamed in either. */
export type Quality = 'ok' | 'suspect' | 'quarantined';

export interface RunSummary {
  /** Names the run in links and in every other query; the same after a rebuild. */
  readonly key: string;
  readonly title: string;
  readonly origin: 'pyperf' | 'codespeed';
  readonly machine: string;
  readonly architecture: string;
  readonly variant: string;
  readonly pythonVersion: string;
  readonly commitId: string | null;
  readonly commitBranch: string | null;
  readonly commitFork: string | null;
  readonly commitDate: Date | null;
  readonly measuredAt: Date;
  readonly receivedAt: Date;
  readonly loadAverage: number | null;
  readonly governor: string | null;
  readonly quality: Quality;
  readonly qualityReasons: readonly string[];
  /** How far the whole suite was from where it was in the nights before: 1.07 is 7 % slower. Null in the first nights, and for a single result. */
  readonly suiteRatio: number | null;
  /** Levels of different epochs of a series are not compared. */
  readonly epoch: number | null;
}

/** Results of one variant on one machine: what belongs on one timeline. */
export interface SeriesName {
  readonly machine: string;
  readonly variant: string;
}
