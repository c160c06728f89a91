import { noiseOf } from '#lab/analysis/noise.ts';
import { findChangePoints, logMagnitude } from '#lab/statistics/change-points.ts';
import { mean, median, quantile, robustDeviation } from '#lab/statistics/descriptive.ts';
import { normalUpper } from '#lab/statistics/distributions.ts';

export interface DetectorOptions {
  /** Otava's. */
  readonly window: number;
  readonly maximumP: number;
  /** As a share; the noise of the series can ask for more. */
  readonly minimumEffect: number;
  /** How many points the new level needs for a step of at least so many deviations of the noise, the fewest points last. */
  readonly confirmation: readonly (readonly [points: number, overNoise: number])[];
  /** How many points the old level needs. */
  readonly past: number;
  /** How many of the last points are looked at, the fewest first. */
  readonly lengths: readonly number[];
  readonly recent: RecentOptions;
}

/** Whether the last nights, all of them, are at a level of their own: a narrower question than whether a window has a change anywhere. */
export interface RecentOptions {
  /** How many of the last nights, the most first. */
  readonly nights: readonly number[];
  /** The level before is that of so many nights at most, and at least. */
  readonly past: number;
  readonly leastPast: number;
  /** How many standard errors lie between the levels. */
  readonly errors: number;
}

/**
 * Chosen on the nights of the Arm server (docs/statistics.md): stricter ones find fewer artificial steps of 3 % and do not tell fewer single
 * benchmarks, for what is told more of is groups.
 */
export const defaultDetectorOptions: DetectorOptions = {
  window: 50, maximumP: 0.005, minimumEffect: 0.017, confirmation: [[5, 1.2], [4, 1.5], [3, 2], [2, 5]], past: 5, lengths: [20, 100],
  recent: { nights: [5, 4, 3], past: 20, leastPast: 3, errors: 3.5 },
};

/** A change of level, in logarithms. */
export interface Step {
  readonly index: number;
  readonly before: number;
  readonly after: number;
  readonly p: number;
  readonly noise: number;
}

/** A level that the series had before is no news: some benchmarks have two, by the layout of the build. */
function isKnownLevel(past: readonly number[], level: number): boolean {
  return quantile(past, 0.05) <= level && level <= quantile(past, 0.95);
}

const isAtOld = (value: number, before: number, after: number): boolean => Math.abs(value - before) < Math.abs(value - after);

/** E-divisive may put a change a point or two too early: these points are still at the old level. */
function firstAtNewLevel(series: readonly number[], index: number, before: number, after: number): number {
  let first = index;
  while (first < series.length - 1 && isAtOld(series[first]!, before, after)) first++;
  return first;
}

function stepIn(series: readonly number[], noise: (index: number) => number, options: DetectorOptions): Step | undefined {
  const minimum = Math.log1p(options.minimumEffect);
  const points = findChangePoints(series, { window: options.window, maximumP: options.maximumP, minimumMagnitude: minimum, magnitude: logMagnitude });
  const last = points.at(-1);
  if (last === undefined) return undefined;
  const index = firstAtNewLevel(series, last.index, last.before, last.after);
  if (index < options.past) return undefined;
  // A few points between two changes, like one bad night, are not the level before.
  const [past, now] = [series.slice(Math.min(points.at(-2)?.index ?? 0, index - options.past), index), series.slice(index)];
  const [before, after] = [median(past), mean(now)];
  const size = Math.abs(after - before);
  // One bad night, or two, and then back: no new level.
  if (now.length <= 3 && isAtOld(now.at(-1)!, before, after)) return undefined;
  const isConfirmed = options.confirmation.some(([least, overNoise]) => now.length >= least && size >= overNoise * noise(index));
  // The size is asked for again: Otava leaves a point as it was when the one before it is merged away.
  if (!isConfirmed || size < minimum || isKnownLevel(past, median(now))) return undefined;
  return { index, before, after, p: last.p, noise: noise(index) };
}

/** The scatter of a median is this much that of a mean. */
const medianError = Math.sqrt(Math.PI / 2);

function recentStep(series: readonly number[], { minimumEffect, recent }: DetectorOptions): Step | undefined {
  for (const count of recent.nights) {
    const index = series.length - count;
    if (index < recent.leastPast) continue;
    const [past, now] = [series.slice(Math.max(0, index - recent.past), index), series.slice(index)];
    const [before, after] = [median(past), mean(now)];
    // Slow changes scatter more over twenty nights than from one to the next.
    const noise = Math.max(noiseOf(series.slice(0, index)), robustDeviation(past));
    const size = Math.abs(after - before);
    const error = noise * Math.hypot(1 / Math.sqrt(count), medianError / Math.sqrt(past.length));
    if (size < Math.log1p(minimumEffect) || size < recent.errors * error || now.some((value) => isAtOld(value, before, after))) continue;
    if (!isKnownLevel(past, median(now))) return { index, before, after, p: 2 * normalUpper(size / error), noise };
  }
  return undefined;
}

/**
 * The newest change of level that the series shows and that is worth a person's time. Over a long past, an older change can hide a new one:
 * E-divisive stops at the strongest split that is not significant. So the near past is looked at by itself as well.
 */
export function newestStep(series: readonly number[], options: DetectorOptions = defaultDetectorOptions): Step | undefined {
  for (const length of options.lengths) {
    const start = Math.max(0, series.length - length);
    const step = stepIn(series.slice(start), (index) => noiseOf(series.slice(0, start + index)), options);
    if (step !== undefined) return { ...step, index: step.index + start };
    if (start === 0) break;
  }
  return recentStep(series, options);
}
