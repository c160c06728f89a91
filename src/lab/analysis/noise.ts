import { noiseOfSeries } from '#lab/statistics/descriptive.ts';

/** What the noise is taken for at least: few points can lie close together by chance. */
const floor = { youngerThan: 8, young: 0.01, old: 0.005 };
/** With fewer points there is no estimate. */
const leastPoints = 3;

/** The noise of a series of logarithms from one night to the next, for decisions. */
export function noiseOf(values: readonly number[]): number {
  const least = values.length < floor.youngerThan ? floor.young : floor.old;
  return values.length < leastPoints ? least : Math.max(least, noiseOfSeries(values));
}
