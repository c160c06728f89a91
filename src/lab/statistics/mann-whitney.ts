import { sum } from '#lab/statistics/descriptive.ts';
import { normalUpper } from '#lab/statistics/distributions.ts';

export interface MannWhitney {
  /** Pairs in which the first sample's value is the larger one; ties count half. */
  readonly u: number;
  readonly p: number;
}

interface Ranks {
  /** Of each value, in their order; equal values share the mean of their ranks. */
  readonly ranks: readonly number[];
  /** How many values each group of equal ones has. */
  readonly groups: readonly number[];
}

export function rank(values: readonly number[]): Ranks {
  const order = values.map((value, index) => ({ value, index })).sort((left, right) => left.value - right.value);
  const ranks = new Array<number>(values.length).fill(0);
  const groups: number[] = [];
  for (let start = 0; start < order.length;) {
    let end = start;
    while (end < order.length && order[end]?.value === order[start]?.value) end++;
    for (const { index } of order.slice(start, end)) ranks[index] = (start + 1 + end) / 2;
    groups.push(end - start);
    start = end;
  }
  return { ranks, groups };
}

/** How many of the arrangements of m and n values have each U, by adding one value at a time (Mann and Whitney's recurrence). */
function arrangements(m: number, n: number): number[] {
  const counts = new Array<number>(m * n + 1).fill(0);
  counts[0] = 1;
  // The generating function is the Gaussian binomial: the product of (1 - q^(n+i)) / (1 - q^i).
  for (let i = 1; i <= m; i++) {
    for (let u = counts.length - 1; u >= n + i; u--) counts[u] = (counts[u] ?? 0) - (counts[u - n - i] ?? 0);
    for (let u = i; u < counts.length; u++) counts[u] = (counts[u] ?? 0) + (counts[u - i] ?? 0);
  }
  return counts;
}

function exactP(u: number, m: number, n: number): number {
  const counts = arrangements(m, n);
  const larger = Math.max(u, m * n - u);
  return Math.min(1, 2 * sum(counts.slice(Math.ceil(larger))) / sum(counts));
}

/** With corrections for ties and continuity. */
function normalP(u: number, m: number, n: number, groups: readonly number[]): number {
  const total = m + n;
  const ties = sum(groups.map((size) => size ** 3 - size));
  const deviation = Math.sqrt(m * n / 12 * (total + 1 - ties / (total * (total - 1))));
  return deviation === 0 ? 1 : Math.min(1, 2 * normalUpper((Math.max(u, m * n - u) - m * n / 2 - 0.5) / deviation));
}

/** Two-sided; exact where `scipy.stats.mannwhitneyu` is by default: a sample of at most 8, and no ties. */
export function mannWhitney(first: readonly number[], second: readonly number[]): MannWhitney {
  const [m, n] = [first.length, second.length];
  const { ranks, groups } = rank([...first, ...second]);
  const u = sum(ranks.slice(0, m)) - m * (m + 1) / 2;
  const exact = Math.min(m, n) <= 8 && groups.every((size) => size === 1);
  return { u, p: exact ? exactP(u, m, n) : normalP(u, m, n, groups) };
}
