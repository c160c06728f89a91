/** Sums of many values of one size lose digits; Neumaier's compensation keeps them (Z. Angew. Math. Mech. 54, 1974). */
export function sum(values: Iterable<number>): number {
  let total = 0;
  let lost = 0;
  for (const value of values) {
    const next = total + value;
    lost += Math.abs(total) >= Math.abs(value) ? total - next + value : value - next + total;
    total = next;
  }
  return total + lost;
}

export function mean(values: readonly number[]): number {
  return sum(values) / values.length;
}

function squaredDeviations(values: readonly number[]): number {
  const centre = mean(values);
  return sum(values.map((value) => (value - centre) ** 2));
}

/** Of a sample (n − 1). */
export function variance(values: readonly number[]): number {
  return squaredDeviations(values) / (values.length - 1);
}

export function standardDeviation(values: readonly number[]): number {
  return Math.sqrt(variance(values));
}

/** Of the values themselves (n), as `numpy.std` has it. */
export function populationDeviation(values: readonly number[]): number {
  return Math.sqrt(squaredDeviations(values) / values.length);
}

export const ascending = (values: Iterable<number>): number[] => [...values].sort((left, right) => left - right);

/** With linear interpolation: type 7 of Hyndman and Fan, which pyperf, numpy and R have by default. */
export function quantile(values: readonly number[], probability: number): number {
  const sorted = ascending(values);
  const position = (sorted.length - 1) * probability;
  const below = Math.floor(position);
  const low = sorted[below] ?? NaN;
  const high = sorted[Math.ceil(position)] ?? NaN;
  return low + (high - low) * (position - below);
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function medianAbsoluteDeviation(values: readonly number[]): number {
  const centre = median(values);
  return median(values.map((value) => Math.abs(value - centre)));
}

/** 1 / Φ⁻¹(3/4): makes the median absolute deviation of a normal distribution its standard deviation. */
const normalConsistency = 1.482602218505602;

/** An estimate of the standard deviation that outliers hardly move. */
export function robustDeviation(values: readonly number[]): number {
  return normalConsistency * medianAbsoluteDeviation(values);
}

/** Of a normal distribution cut off at 2.5 deviations, this much of the variance is left: 2Φ(2.5) − 1 − 5φ(2.5) + 2 · 2.5² · (1 − Φ(2.5)). */
const winsorized = { at: 2.5, left: 0.9775599834528066 };

/**
 * The deviation from zero of values that are symmetric about it; those beyond 2.5 deviations count as much as one there. It needs half as many values as the
 * median does for the same precision (P. J. Huber, Robust Statistics, 1981, chapter 5).
 */
export function winsorizedDeviation(values: readonly number[]): number {
  const limit = winsorized.at * normalConsistency * median(values.map(Math.abs));
  return Math.sqrt(mean(values.map((value) => Math.min(Math.abs(value), limit) ** 2)) / winsorized.left);
}

/** Without the fifth of the values that is smallest and the fifth that is largest. */
export function trimmedMean(values: readonly number[]): number {
  const cut = Math.floor(values.length / 5);
  return mean(ascending(values).slice(cut, values.length - cut));
}

/**
 * The noise from one point of a series to the next. Steps of the level, being few, hardly count: the difference of
 * neighbours has √2 times the deviation of a point.
 */
export function noiseOfSeries(values: readonly number[]): number {
  const differences = values.slice(1).map((value, index) => Math.abs(value - (values[index] ?? NaN)));
  return differences.length === 0 ? NaN : normalConsistency * median(differences) / Math.SQRT2;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(mean(values.map(Math.log)));
}
