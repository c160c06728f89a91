import { noiseOf } from '#lab/analysis/noise.ts';
import { findChangePoints, logMagnitude } from '#lab/statistics/change-points.ts';
import { mean, median, quantile, trimmedMean } from '#lab/statistics/descriptive.ts';
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

/** Whether the last nights are at a level of their own: a narrower question than whether a window has a change anywhere. */
export interface RecentOptions {
  /** The step that is to be found, as a share. */
  readonly step: number;
  /** How many of the last nights, the most first, and how much likelier they must be after such a step than without one: a logarithm. */
  readonly nights: readonly (readonly [count: number, likelier: number])[];
  /** The level before is that of so many nights at most, and at least. */
  readonly past: number;
  readonly leastPast: number;
  /** The share of the last nights that may look like the old level: with much noise, one of five does. */
  readonly strays: number;
}

/**
 * Chosen on the nights of the plain interpreter (docs/statistics.md); those of the JIT only tell what that is worth. What is younger than six nights is left to the
 * look at the last ones, unless it is large.
 */
export const defaultDetectorOptions: DetectorOptions = {
  window: 50, maximumP: 0.001, minimumEffect: 0.017, confirmation: [[6, 1.2], [2, 5]], past: 5, lengths: [20, 100],
  recent: { step: 0.03, nights: [[5, 2.6], [4, 3.4], [3, 4.6]], past: 30, leastPast: 5, strays: 0.25 },
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

export const isAtOld = (value: number, before: number, after: number): boolean => Math.abs(value - before) < Math.abs(value - after);

/** A change may be put a point or two too early: these points are still at the old level. */
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

/** The scatter of a trimmed mean of a normal distribution is this much that of a mean. */
const trimmedError = 1.07;

/** What the difference of two levels of so many nights scatters by. */
function levelError(noise: number, nights: number, past: number): number {
  return noise * Math.hypot(1 / Math.sqrt(nights), trimmedError / Math.sqrt(past));
}

/**
 * How far from the level before nights must be, so that they are so much likelier after a step of the size that is looked for than without one: for a normal
 * distribution of means, log (φ((x − δ) / e) / φ(x / e)) = (x δ − δ² / 2) / e². Nearer to the new level than to the old one in any case.
 */
function recentLimit(step: number, likelier: number, error: number): number {
  const by = Math.log1p(step);
  return by / 2 + likelier * error ** 2 / by;
}

/** Φ⁻¹(0.95) */
const surely = 1.645;

/**
 * The smallest step, as a share, that nineteen of twenty times is found from the nights at the new level that are looked at most, if the noise of the benchmark is
 * all that there is. It is what the limit asks for, and what noise may take away from it.
 */
export function detectableStep(noise: number, { recent }: DetectorOptions = defaultDetectorOptions): number {
  const [count, likelier] = recent.nights[0] ?? [1, Infinity];
  const error = levelError(noise, count, recent.past);
  return Math.expm1(recentLimit(recent.step, likelier, error) + surely * error);
}

/** How far a level of as many nights in a row was from the level before, in the direction of the step. */
function farthestRun(past: readonly number[], count: number, before: number, direction: number): number {
  return Math.max(0, ...past.slice(count - 1).map((_, start) => direction * (mean(past.slice(start, start + count)) - before)));
}

function recentStep(series: readonly number[], noise: number, { recent }: DetectorOptions): Step | undefined {
  for (const [count, likelier] of recent.nights) {
    const index = series.length - count;
    if (index < recent.leastPast) continue;
    const [past, now] = [series.slice(Math.max(0, index - recent.past), index), series.slice(index)];
    const [before, after] = [trimmedMean(past), mean(now)];
    const size = Math.abs(after - before);
    const error = levelError(noise, count, past.length);
    if (size < recentLimit(recent.step, likelier, error)) continue;
    if (now.filter((value) => isAtOld(value, before, after)).length > recent.strays * count) continue;
    // Slow changes, and two levels that alternate, have been there before.
    if (size < farthestRun(past, count, before, Math.sign(after - before))) continue;
    // One stray may be the night before the first.
    const first = firstAtNewLevel(series, index, before, after);
    return { index: first, before, after: mean(series.slice(first)), p: 2 * normalUpper(size / error), noise };
  }
  return undefined;
}

/**
 * The newest change of level that the series shows and that is worth a person's time. Over a long past, an older change can hide a new one:
 * E-divisive stops at the strongest split that is not significant. So the near past is looked at by itself as well.
 * `noise`: from night to night, by all that is known of the series.
 */
export function newestStep(series: readonly number[], noise: number, options: DetectorOptions = defaultDetectorOptions): Step | undefined {
  for (const length of options.lengths) {
    const start = Math.max(0, series.length - length);
    const step = stepIn(series.slice(start), (index) => Math.max(noise, noiseOf(series.slice(0, start + index))), options);
    if (step !== undefined) return { ...step, index: step.index + start };
    if (start === 0) break;
  }
  return recentStep(series, noise, options);
}
