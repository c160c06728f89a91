import type { Alert } from '#lab/analysis/alerts.ts';
import type { Environment } from '#lab/analysis/environment.ts';
import { environmentOf } from '#lab/analysis/environment.ts';
import { measurementsOf } from '#lab/analysis/measurement.ts';
import type { Issue } from '#lab/analysis/quality-gate.ts';
import type { Suite } from '#lab/format/pyperf.ts';
import { mean } from '#lab/statistics/descriptive.ts';

/** One benchmark in one night. */
export interface Level {
  /** Logarithm of the mean of its process means. */
  readonly log: number;
  readonly shape: string;
  readonly load: number | undefined;
}

/** What one file says, made smaller. */
export interface Night {
  readonly id: string;
  readonly environment: Environment;
  readonly levels: ReadonlyMap<string, Level>;
}

export function nightOf(id: string, suite: Suite): Night {
  const levels = [...measurementsOf(suite.benchmarks)].map(([name, { processMeans, shape, load }]) =>
    [name, { log: Math.log(mean(processMeans)), shape, load }] as const);
  return { id, environment: environmentOf(suite), levels: new Map(levels) };
}

/** `faulty`: the environment was wrong. `shifted`: the suite or a good part of it moved. In both no single benchmark is blamed. */
export type NightState = 'normal' | 'faulty' | 'shifted';

export interface Change {
  readonly benchmark: string;
  readonly direction: 'faster' | 'slower';
  /** After by before: 1.03 takes 3 % longer. */
  readonly ratio: number;
  /** The first night at the new level. */
  readonly since: string;
  readonly p: number;
  /** Standard deviation from one night to the next, as a share. */
  readonly noise: number;
  /** The first night of the shift of the suite that this began with, if it did: then it is no news of its own. */
  readonly partOf: string | undefined;
}

/** The suite is not where it was. Told each night until it is back, or until it has stayed long enough to be the new level. */
export interface Shift {
  readonly since: string;
  /** The median over all benchmarks: 1.07 is 7 % slower. */
  readonly ratio: number;
  /** Benchmarks that moved by far more than their noise, the largest moves first. */
  readonly moved: readonly { readonly benchmark: string; readonly ratio: number }[];
  /** From the next night on this is the level that others are compared with. */
  readonly settled: boolean;
}

export interface NightReport {
  readonly id: string;
  readonly state: NightState;
  /** Counted from 0. Levels of different epochs are not compared. */
  readonly epoch: number;
  /** Why this night began a new epoch. */
  readonly epochReasons: readonly string[];
  readonly issues: readonly Issue[];
  /** How far the median benchmark is from where it was before: 1.07 is 7 % slower. Undefined in the first nights of an epoch. */
  readonly suiteRatio: number | undefined;
  /** What all benchmarks have in common, in logarithms. Undefined where the night is not judged. */
  readonly common: number | undefined;
  readonly shift: Shift | undefined;
  /** What is common to all benchmarks changed slowly, below what counts as a shift of one night. */
  readonly suiteChange: Change | undefined;
  /** Benchmarks that are known to have changed since this night's figures are there. */
  readonly changes: readonly Change[];
  /** Changes told before that went back within a few nights: they were builds or chance, no new level. */
  readonly withdrawn: readonly Change[];
  /** What of all this a person is told. */
  readonly alerts: readonly Alert[];
}
