import { mean, populationDeviation } from '#lab/statistics/descriptive.ts';
import { pooledTTest } from '#lab/statistics/two-samples.ts';

/**
 * Change points of a series, as Apache Otava (formerly Hunter) finds them: E-divisive (Matteson and James, J. Am. Stat. Assoc. 109, 2014)
 * in overlapping windows, with a t-test in place of permutations, then the weakest points are merged away (Fleming et al., ICPE '23,
 * https://doi.org/10.1145/3578244.3583719). Nothing in it is random.
 */
export interface ChangePoint {
  /** The first point of the new level. */
  readonly index: number;
  readonly p: number;
  /** Means of the points between the neighbouring change points. */
  readonly before: number;
  readonly after: number;
}

export interface ChangePointOptions {
  readonly window: number;
  readonly maximumP: number;
  /** Changes up to this size are no changes. */
  readonly minimumMagnitude: number;
  readonly magnitude: (before: number, after: number) => number;
}

/** Otava's: the larger one of the relative changes there and back. For logarithms use `logMagnitude`. */
export const relativeMagnitude = (before: number, after: number): number => Math.max(Math.abs(after / before - 1), Math.abs(before / after - 1));

export const logMagnitude = (before: number, after: number): number => Math.abs(after - before);

export const defaultChangePointOptions: ChangePointOptions = { window: 50, maximumP: 0.001, minimumMagnitude: 0, magnitude: logMagnitude };

interface Candidate {
  readonly index: number;
  readonly strength: number;
}

/** `sums[j][i]`: the distances of point j from the points before i, added up. */
function distanceSums(series: readonly number[]): Float64Array[] {
  return series.map((to) => {
    const sums = new Float64Array(series.length + 1);
    series.forEach((from, index) => { sums[index + 1] = (sums[index] ?? 0) + Math.abs(from - to); });
    return sums;
  });
}

/**
 * The split of series[start, stop) into X and Y — the rest after Y is left out — that maximizes the energy distance
 * 2 / (m + n) · Σ|x − y| − 2m / ((m + n)(n − 1)) · Σ|x − x'| − 2n / ((m + n)(m − 1)) · Σ|y − y'|, for n values x and m values y.
 */
function bestSplit(sums: readonly Float64Array[], start: number, stop: number): Candidate {
  let best: Candidate = { index: start + 1, strength: -Infinity };
  let withinLeft = 0;
  for (let split = start + 1; split < stop; split++) {
    const n = split - start;
    const last = sums[split - 1]!;
    withinLeft += last[split - 1]! - last[start]!;
    let between = 0;
    let withinRight = 0;
    for (let end = split + 1; end <= stop; end++) {
      const m = end - split;
      const added = sums[end - 1]!;
      between += added[split]! - added[start]!;
      withinRight += added[end - 1]! - added[split]!;
      const left = n > 1 ? m / (n - 1) * withinLeft : 0;
      const right = m > 1 ? n / (m - 1) * withinRight : 0;
      const strength = 2 / (m + n) * (between - left - right);
      if (strength > best.strength) best = { index: split, strength };
    }
  }
  return best;
}

/** The change at `index`, tested between the neighbouring change points. Otava tests with the deviation of a population. */
function tested(series: readonly number[], index: number, start: number, stop: number): ChangePoint {
  const left = series.slice(start, index);
  const right = series.slice(index, stop);
  const [before, after] = [mean(left), mean(right)];
  const p = series.length < 3 || left.length + right.length < 3 ? 1 : pooledTTest(
    { count: left.length, mean: before, variance: populationDeviation(left) ** 2 },
    { count: right.length, mean: after, variance: populationDeviation(right) ** 2 },
  ).p;
  return { index, p, before, after };
}

/** E-divisive: the strongest split of any interval, again and again, until one is not significant. */
function divide(series: readonly number[], maximumP: number): readonly number[] {
  const sums = distanceSums(series);
  const found: number[] = [];
  // Splitting one interval leaves the best splits of the others as they were.
  const known = new Map<string, Candidate>();
  for (;;) {
    const bounds = [0, ...found, series.length];
    let strongest: (Candidate & { start: number; stop: number }) | undefined;
    for (const [position, start] of bounds.slice(0, -1).entries()) {
      const stop = bounds[position + 1]!;
      if (stop - start < 2) continue;
      const key = `${start} ${stop}`;
      const split = known.get(key) ?? bestSplit(sums, start, stop);
      known.set(key, split);
      if (strongest === undefined || split.strength > strongest.strength) strongest = { ...split, start, stop };
    }
    if (strongest === undefined || !(tested(series, strongest.index, strongest.start, strongest.stop).p <= maximumP)) return found;
    found.push(strongest.index);
    found.sort((left, right) => left - right);
  }
}

function retest(series: readonly number[], indexes: readonly number[], position: number): ChangePoint {
  return tested(series, indexes[position]!, indexes[position - 1] ?? 0, indexes[position + 1] ?? series.length);
}

/** Points that could be changes: found in some window, at a level ten times as lax. */
function weakPoints(series: readonly number[], window: number, maximumP: number): ChangePoint[] {
  const found = new Set<number>();
  const step = Math.floor(window / 2);
  for (let start = 0; start < series.length;) {
    const inside = divide(series.slice(start, start + window), maximumP).map((index) => index + start);
    for (const index of inside) found.add(index);
    start = Math.max(inside.at(-1) ?? 0, start + step);
  }
  const indexes = [...found].sort((left, right) => left - right);
  return indexes.map((_, position) => retest(series, indexes, position));
}

const extreme = (points: readonly ChangePoint[], measure: (point: ChangePoint) => number): number =>
  points.reduce((best, point, position) => (measure(point) > measure(points[best]!) ? position : best), 0);

/** Takes the least significant point away, then the smallest, until all that are left are both significant and large enough. */
function merge(points: ChangePoint[], series: readonly number[], options: ChangePointOptions): readonly ChangePoint[] {
  const size = (point: ChangePoint): number => options.magnitude(point.before, point.after);
  while (points.length > 0) {
    let weakest = extreme(points, (point) => point.p);
    if (points[weakest]!.p < options.maximumP) {
      weakest = extreme(points, (point) => -size(point));
      if (size(points[weakest]!) > options.minimumMagnitude) break;
    }
    points.splice(weakest, 1);
    const indexes = points.map((point) => point.index);
    // Otava tests the two points after the removed one again, not the one before it, and so do we.
    for (const position of [weakest, weakest + 1]) if (position < points.length) points[position] = retest(series, indexes, position);
  }
  return points;
}

/** Otava's rule for the first pass: ten times the level, but never beyond 1. */
function firstPassP(maximumP: number): number {
  if (maximumP < 0.05) return maximumP * 10;
  return maximumP < 0.5 ? maximumP * 2 : maximumP;
}

export function findChangePoints(series: readonly number[], options: ChangePointOptions = defaultChangePointOptions): readonly ChangePoint[] {
  return merge(weakPoints(series, options.window, firstPassP(options.maximumP)), series, options);
}
