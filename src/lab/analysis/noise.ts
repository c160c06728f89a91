import { noiseOfSeries, winsorizedDeviation } from '#lab/statistics/descriptive.ts';

/** What the noise is taken for at least: few points can lie close together by chance. */
const floor = { youngerThan: 8, young: 0.01, old: 0.005 };
/** With fewer points there is no estimate. */
const leastPoints = 3;

/** The noise of a series of logarithms from one night to the next, for decisions. */
export function noiseOf(values: readonly number[]): number {
  const least = values.length < floor.youngerThan ? floor.young : floor.old;
  return values.length < leastPoints ? least : Math.max(least, noiseOfSeries(values));
}

/** What a benchmark is taken for that nothing is known of, and how many nights that is worth. */
const prior = { noise: 0.01, nights: 5 };

/**
 * The noise of a benchmark by its differences from one night to the next. Few of them are drawn towards what is usual: otherwise, of a hundred benchmarks, those
 * that happened to be quiet would be blamed.
 */
export function ownNoise(differences: readonly number[]): number {
  if (differences.length < leastPoints) return prior.noise;
  const square = winsorizedDeviation(differences) ** 2 / 2;
  return Math.sqrt((prior.nights * prior.noise ** 2 + differences.length * square) / (prior.nights + differences.length));
}
