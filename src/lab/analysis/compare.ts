import type { Measurement } from '#lab/analysis/measurement.ts';
import { measurementsOf } from '#lab/analysis/measurement.ts';
import { moreProcesses } from '#lab/analysis/more-processes.ts';
import type { Suite } from '#lab/format/pyperf.ts';
import type { Interval } from '#lab/statistics/bootstrap.ts';
import { resampledMean } from '#lab/statistics/bootstrap.ts';
import { geometricMean, mean, quantile, standardDeviation } from '#lab/statistics/descriptive.ts';
import { benjaminiHochberg } from '#lab/statistics/false-discovery.ts';
import type { PyperfVerdict } from '#lab/statistics/pyperf-verdict.ts';
import { pyperfGeometricMean, pyperfVerdict } from '#lab/statistics/pyperf-verdict.ts';
import type { Random } from '#lab/statistics/random.ts';
import { randomFrom } from '#lab/statistics/random.ts';
import type { WelchTest } from '#lab/statistics/two-samples.ts';
import { meanOfTests, momentsOf, welch, welchMargin } from '#lab/statistics/two-samples.ts';

export interface CompareOptions {
  /** Changes up to this share are too small to matter. */
  readonly minimumEffect: number;
  /** Intervals have confidence 1 − alpha; of the benchmarks called changed at most this share is not. */
  readonly alpha: number;
  /** Of the bootstrap; with 0 there are no such intervals. */
  readonly draws: number;
  readonly seed: number;
  /** The `--min-speed` of pyperf, for its verdict: a number of percent. */
  readonly pyperfMinimum: number | undefined;
}

export const defaultCompareOptions: CompareOptions = { minimumEffect: 0.01, alpha: 0.05, draws: 1000, seed: 1, pyperfMinimum: undefined };

export type Verdict = 'faster' | 'slower' | 'same' | 'inconclusive';

export interface Side {
  readonly processes: number;
  readonly values: number;
  readonly mean: number;
  /** Of the process means; undefined for one process. */
  readonly deviation: number | undefined;
}

export interface BenchmarkComparison {
  readonly name: string;
  readonly unit: string;
  readonly reference: Side;
  readonly changed: Side;
  /** Changed by reference, of means of process means: 1.05 takes 5 % longer. */
  readonly ratio: number;
  /** Of the ratio, by Welch's test; undefined when a side has one process. */
  readonly interval: Interval | undefined;
  /** The same by drawing processes at random. Too narrow for fewer than ten processes: shown, not decided by. */
  readonly bootstrap: Interval | undefined;
  readonly p: number | undefined;
  /** After Benjamini and Hochberg, over all benchmarks of the comparison. */
  readonly adjustedP: number | undefined;
  readonly verdict: Verdict;
  /** When inconclusive: how many more processes on each side would probably decide it. */
  readonly moreProcesses: number | undefined;
  readonly pyperf: PyperfVerdict;
}

/** A benchmark that is measured in seconds on one side and, say, bytes on the other. pyperf divides them all the same. */
export interface UnitDifference {
  readonly name: string;
  readonly reference: string;
  readonly changed: string;
}

export interface Comparison {
  readonly benchmarks: readonly BenchmarkComparison[];
  readonly onlyReference: readonly string[];
  readonly onlyChanged: readonly string[];
  readonly differentUnits: readonly UnitDifference[];
  /** Of the ratios of all benchmarks, decided or not. The interval is about these benchmarks measured again, not about other programs. */
  readonly geometricMean: { readonly ratio: number; readonly interval: Interval | undefined } | undefined;
  /** In pyperf's words, of the means of all values; undefined when fewer than two are compared. */
  readonly pyperfGeometricMean: string | undefined;
  readonly counts: Readonly<Record<Verdict, number>>;
  readonly options: CompareOptions;
}

type Measurements = ReadonlyMap<string, Measurement>;

interface Pair {
  readonly reference: Measurement;
  readonly changed: Measurement;
  /** On logarithms, so that differences are ratios; undefined when a side has one process. */
  readonly test: WelchTest | undefined;
  readonly draws: readonly number[] | undefined;
}

function sideOf({ processMeans, values }: Measurement): Side {
  return {
    processes: processMeans.length,
    values: values.length,
    mean: mean(processMeans),
    deviation: processMeans.length < 2 ? undefined : standardDeviation(processMeans),
  };
}

function pairOf(reference: Measurement, changed: Measurement, options: CompareOptions, random: Random): Pair {
  const [before, after] = [reference, changed].map(({ processMeans }) => processMeans.map(Math.log)) as [number[], number[]];
  if (before.length < 2 || after.length < 2) return { reference, changed, test: undefined, draws: undefined };
  const test = welch(momentsOf(before), momentsOf(after));
  if (options.draws === 0) return { reference, changed, test, draws: undefined };
  return { reference, changed, test, draws: Array.from({ length: options.draws }, () => resampledMean(after, random) - resampledMean(before, random)) };
}

const exponential = ({ low, high }: Interval): Interval => ({ low: Math.exp(low), high: Math.exp(high) });

function middle(draws: readonly number[], alpha: number): Interval {
  return exponential({ low: quantile(draws, alpha / 2), high: quantile(draws, 1 - alpha / 2) });
}

interface Decision {
  readonly interval: Interval | undefined;
  readonly verdict: Verdict;
}

/** Changed: the change is no chance (adjusted for the number of benchmarks) and large enough. Same: nothing that large is in the interval. */
function decide(test: WelchTest, adjustedP: number, { alpha, minimumEffect }: CompareOptions): Decision {
  const margin = welchMargin(test, alpha);
  const interval = exponential({ low: test.difference - margin, high: test.difference + margin });
  const least = Math.log1p(minimumEffect);
  if (adjustedP <= alpha && Math.abs(test.difference) >= least) return { interval, verdict: test.difference < 0 ? 'faster' : 'slower' };
  return { interval, verdict: Math.abs(test.difference) + margin < least ? 'same' : 'inconclusive' };
}

function comparisonOf(pair: Pair, adjustedP: number | undefined, level: number, options: CompareOptions): BenchmarkComparison {
  const { reference, changed, test, draws } = pair;
  const sides = [sideOf(reference), sideOf(changed)] as const;
  const decision: Decision = test === undefined || adjustedP === undefined ? { interval: undefined, verdict: 'inconclusive' } : decide(test, adjustedP, options);
  return {
    name: reference.name,
    unit: reference.unit,
    reference: sides[0],
    changed: sides[1],
    ratio: sides[1].mean / sides[0].mean,
    interval: decision.interval,
    bootstrap: draws === undefined ? undefined : middle(draws, options.alpha),
    p: test?.p,
    adjustedP,
    verdict: decision.verdict,
    moreProcesses: decision.verdict === 'inconclusive' ? moreProcesses(reference.processMeans, changed.processMeans, { ...options, level }) : undefined,
    pyperf: pyperfVerdict(reference.values, changed.values, options.pyperfMinimum),
  };
}

/** The mean of the logarithms of the ratios, with Welch's degrees of freedom for all their variances together (Satterthwaite). Drawn at random it is too narrow for few processes. */
function suiteMean(pairs: readonly Pair[], { alpha }: CompareOptions): Comparison['geometricMean'] {
  if (pairs.length === 0) return undefined;
  const ratio = geometricMean(pairs.map(({ reference, changed }) => mean(changed.processMeans) / mean(reference.processMeans)));
  const tests = pairs.flatMap(({ test }) => (test === undefined ? [] : [test]));
  if (tests.length < pairs.length) return { ratio, interval: undefined };
  const margin = welchMargin(meanOfTests(tests), alpha);
  return { ratio, interval: exponential({ low: Math.log(ratio) - margin, high: Math.log(ratio) + margin }) };
}

function only(left: Measurements, right: Measurements): string[] {
  return [...left.keys()].filter((name) => !right.has(name));
}

function unitDifferences(before: Measurements, after: Measurements): UnitDifference[] {
  return [...before.values()].flatMap(({ name, unit }) => {
    const changed = after.get(name)?.unit;
    return changed === undefined || changed === unit ? [] : [{ name, reference: unit, changed }];
  });
}

/** Compares what two files measured, benchmark by benchmark of the same name and unit. */
export function compareSuites(reference: Suite, changed: Suite, options: Partial<CompareOptions> = {}): Comparison {
  return compareMeasurements(measurementsOf(reference.benchmarks), measurementsOf(changed.benchmarks), options);
}

export function compareMeasurements(before: Measurements, after: Measurements, given: Partial<CompareOptions> = {}): Comparison {
  const options = { ...defaultCompareOptions, ...given };
  const random = randomFrom(options.seed);
  const pairs = [...before.values()].flatMap((measurement) => {
    const other = after.get(measurement.name);
    return other?.unit === measurement.unit ? [pairOf(measurement, other, options, random)] : [];
  });
  const tested = pairs.flatMap(({ test }) => (test === undefined ? [] : [test.p]));
  const adjusted = benjaminiHochberg(tested);
  // What the next benchmark would have to reach to be called changed too.
  const level = options.alpha * Math.min(1, (adjusted.filter((p) => p <= options.alpha).length + 1) / Math.max(1, tested.length));
  let position = 0;
  const benchmarks = pairs.map((pair) => comparisonOf(pair, pair.test === undefined ? undefined : adjusted[position++], level, options));
  const count = (verdict: Verdict): number => benchmarks.filter((benchmark) => benchmark.verdict === verdict).length;
  return {
    benchmarks,
    onlyReference: only(before, after),
    onlyChanged: only(after, before),
    differentUnits: unitDifferences(before, after),
    geometricMean: suiteMean(pairs, options),
    pyperfGeometricMean: pyperfGeometricMean(benchmarks.map(({ pyperf }) => pyperf)),
    counts: { faster: count('faster'), slower: count('slower'), same: count('same'), inconclusive: count('inconclusive') },
    options,
  };
}
