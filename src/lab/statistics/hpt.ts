import { mean, median, sum } from '#lab/statistics/descriptive.ts';

/**
 * The hierarchical performance test (Chen et al., HPCA 2012) as bench_runner ships it, bugs included, so that its numbers can be compared with
 * those of the Faster CPython reports. It is a read-out and triggers nothing: builds shift all benchmarks together, so that consecutive nights
 * of the same code reach 95 % "reliability" more often than not.
 */
export interface HptReport {
  readonly reliability: number;
  readonly direction: 'faster' | 'slower';
  /** The change that is reached with each reliability; undefined beyond the factor of 10 where the search ends. */
  readonly change: readonly (readonly [reliability: number, factor: number | undefined])[];
}

/** Values of each benchmark that both sides have, in one order. */
export type HptSide = ReadonlyMap<string, readonly number[]>;

/** Quantile of the normal distribution, by the polynomial in `qnorm`. */
function normalQuantile(p: number): number {
  if (p === 0.5) return 0;
  const y = -Math.log(4 * p * (1 - p));
  const coefficients = [1.570796288, 0.03706987906, -0.0008364353589, -0.0002250947176, 0.000006841218299, 0.000005824238515, -0.00000104527497,
    0.00000008360937017, -0.000000003231081277, 0.00000000003657763036, 0.0000000000006936233982];
  const square = coefficients.reduce((total, coefficient, index) => total + coefficient * y ** (index + 1), 0);
  return Math.sqrt(square) * (p < 0.5 ? -1 : 1);
}

/** The approximation in `cdfnorm` (Abramowitz and Stegun 26.2.17). */
function normalCdf(x: number): number {
  const k = 1 / (1 + 0.2316419 * Math.abs(x));
  const polynomial = ((((1.330274429 * k - 1.821255978) * k + 1.781477937) * k - 0.356563728) * k + 0.31938153) * k;
  const upper = Math.exp(-x * x / 2) * polynomial / Math.sqrt(2 * Math.PI);
  return x > 0 ? 1 - upper : upper;
}

interface Rank {
  /** One more than the number of smaller values. */
  readonly rank: number;
  readonly same: number;
}

function ranksOf(values: readonly number[]): Rank[] {
  const sorted = [...values].sort((left, right) => left - right);
  const first = new Map<number, Rank>();
  sorted.forEach((value, index) => {
    const seen = first.get(value);
    first.set(value, { rank: seen?.rank ?? index + 1, same: (seen?.same ?? 0) + 1 });
  });
  return values.map((value) => first.get(value)!);
}

const levelOfBenchmarks = 0.1;

/**
 * The difference of medians, or NaN where the rank sum says nothing. Its bounds are the wrong way round for levels below one half, so that it
 * never says nothing; and it splits in the middle, whatever the numbers of values. Both are bench_runner's.
 */
function differenceOf(head: readonly number[], reference: readonly number[]): number {
  const all = [...head, ...reference];
  const half = Math.floor(all.length / 2);
  const rankSum = sum(ranksOf(all).slice(0, half).map(({ rank, same }) => rank + Math.floor((same - 1) / 2)));
  const centre = half * (half * 2 + 1) / 2;
  const margin = normalQuantile(levelOfBenchmarks) * Math.sqrt((2 * half + 1) / 3) * half / 2;
  const lower = centre - margin;
  const upper = centre + margin;
  return rankSum <= lower || rankSum >= upper ? median(all.slice(0, half)) - median(all.slice(half)) : NaN;
}

interface SignedRanks {
  readonly probability: number;
  readonly positive: number;
  readonly negative: number;
}

/** Wilcoxon's signed ranks of the differences. NaN has no rank and no sign, as in numpy's comparisons. */
function signedRanks(differences: readonly number[]): SignedRanks {
  const known = differences.filter((difference) => !Number.isNaN(difference));
  const ranks = ranksOf(known.map(Math.abs));
  const of = (sign: number): number => sum(ranks.filter((_, index) => Math.sign(known[index]!) === sign).map(({ rank, same }) => rank + same / 2 - 0.5));
  const zero = sum(ranks.filter((_, index) => known[index] === 0).map(({ rank, same }) => rank / 2 + same / 4 - 0.25));
  const [positive, negative] = [of(1) + zero, of(-1) + zero];
  const n = differences.length;
  return { probability: normalCdf((positive - n * (n + 1) / 4) / Math.sqrt(n * (n + 1) * (2 * n + 1) / 24)), positive, negative };
}

function compareScaled(head: HptSide, reference: HptSide, factor: number): SignedRanks {
  return signedRanks([...head].map(([name, values]) => differenceOf(values.map((value) => value * factor), reference.get(name) ?? [])));
}

/** The largest factor with which the direction still has this reliability, to two digits. */
function largestChange(head: HptSide, reference: HptSide, reliability: number, faster: boolean): number | undefined {
  const holds = (factor: number): boolean => (faster
    ? compareScaled(head, reference, factor).probability < 1 - reliability
    : compareScaled(head, reference, 1 / factor).probability > reliability);
  if (holds(10)) return undefined;
  let base = 0;
  let low = 1;
  for (const scale of [1, 0.1]) {
    let high = 10;
    while (low < high - 1) {
      const middle = Math.floor((high + low) / 2);
      if (holds(base + scale * middle)) low = middle;
      else high = middle;
    }
    base += low * scale;
    low = 0;
  }
  return base;
}

/** Benchmarks that only one side has are left out. Each needs 12 values a side. */
export function hptReport(reference: HptSide, head: HptSide): HptReport {
  const names = [...head.keys()].filter((name) => reference.has(name)).sort();
  const both = (side: HptSide): HptSide => new Map(names.map((name) => [name, side.get(name)!]));
  const [ours, theirs] = [both(head), both(reference)];
  const { probability, positive, negative } = compareScaled(ours, theirs, 1);
  const faster = positive < negative;
  return {
    reliability: faster ? 1 - probability : probability,
    direction: faster ? 'faster' : 'slower',
    change: [0.9, 0.95, 0.99].map((reliability) => [reliability, largestChange(ours, theirs, reliability, faster)] as const),
  };
}

/**
 * The same idea without those bugs: signed ranks of the relative differences, one process one value. It is no trigger either; `reliability` is
 * one-sided, as above.
 */
export function relativeHpt(reference: HptSide, head: HptSide): Pick<HptReport, 'reliability' | 'direction'> {
  const differences = [...head].flatMap(([name, values]) => {
    const other = reference.get(name);
    return other === undefined ? [] : [Math.log(mean(values) / mean(other))];
  });
  const { probability, positive, negative } = signedRanks(differences);
  return positive < negative ? { reliability: 1 - probability, direction: 'faster' } : { reliability: probability, direction: 'slower' };
}
