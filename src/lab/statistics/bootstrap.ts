import { quantile } from '#lab/statistics/descriptive.ts';
import type { Random } from '#lab/statistics/random.ts';

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** As many values as there are, drawn with replacement. */
export function resample(values: readonly number[], random: Random): number[] {
  return values.map(() => values[Math.floor(random() * values.length)] ?? NaN);
}

/** The mean of as many values as there are, drawn with replacement: without making a list of them, this is done millions of times. */
export function resampledMean(values: readonly number[], random: Random): number {
  let total = 0;
  for (const _ of values) total += values[Math.floor(random() * values.length)]!;
  return total / values.length;
}

/** The interval that the middle 1 − alpha of a drawn statistic lies in: Efron's percentile interval. */
export function percentileInterval(draw: () => number, draws: number, alpha: number): Interval {
  const drawn = Array.from({ length: draws }, draw);
  return { low: quantile(drawn, alpha / 2), high: quantile(drawn, 1 - alpha / 2) };
}

/** Draws the statistic of samples, each resampled within itself. */
export function bootstrapInterval(samples: readonly (readonly number[])[], statistic: (samples: readonly (readonly number[])[]) => number,
  random: Random, { draws = 2000, alpha = 0.05 } = {}): Interval {
  return percentileInterval(() => statistic(samples.map((values) => resample(values, random))), draws, alpha);
}
