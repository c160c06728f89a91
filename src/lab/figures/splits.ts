import { compareMeasurements } from '#lab/analysis/compare.ts';
import type { Measurement } from '#lab/analysis/measurement.ts';
import { measurementsOf } from '#lab/analysis/measurement.ts';
import type { Benchmark } from '#lab/format/pyperf.ts';
import type { Random } from '#lab/statistics/random.ts';
import { shuffled } from '#lab/statistics/random.ts';

/** How often two halves of one file, between which nothing changed, were called different. */
export interface SplitFigures {
  readonly comparisons: number;
  /** By Welch's test of process means, p < 0.05, each benchmark by itself. */
  readonly welch: number;
  /** By the bootstrap interval at 95 % leaving out 1. */
  readonly bootstrap: number;
  /** By our verdict: adjusted for the number of benchmarks, and at least the minimum effect. */
  readonly verdict: number;
  /** By what `pyperf compare_to` does. */
  readonly pyperf: number;
}

export const nominal = 0.05;

type Halves = readonly [Map<string, Measurement>, Map<string, Measurement>];

/** Both halves have as many processes; one is left out of an odd number. */
function halves(benchmarks: readonly Benchmark[], random: Random): Halves {
  const split = benchmarks.map((benchmark) => {
    const runs = shuffled(benchmark.runs.filter(({ values }) => values.length > 0), random);
    const size = Math.floor(runs.length / 2);
    return [{ ...benchmark, runs: runs.slice(0, size) }, { ...benchmark, runs: runs.slice(size, 2 * size) }] as const;
  });
  return [measurementsOf(split.map(([first]) => first)), measurementsOf(split.map(([, second]) => second))];
}

export const noSplits: SplitFigures = { comparisons: 0, welch: 0, bootstrap: 0, verdict: 0, pyperf: 0 };

/** The figures of one more file, added to those so far. `draws`: of the bootstrap, for each benchmark of each split. */
export function addSplits(before: SplitFigures, benchmarks: readonly Benchmark[], random: Random, { splits, draws }: { splits: number; draws: number }): SplitFigures {
  const counts = { ...before };
  for (let split = 0; split < splits; split++) {
    const [first, second] = halves(benchmarks, random);
    for (const { p, bootstrap, verdict, pyperf } of compareMeasurements(first, second, { alpha: nominal, draws, seed: split }).benchmarks) {
      counts.comparisons++;
      if (p !== undefined && p < nominal) counts.welch++;
      if (bootstrap !== undefined && (bootstrap.low > 1 || bootstrap.high < 1)) counts.bootstrap++;
      if (verdict === 'faster' || verdict === 'slower') counts.verdict++;
      if (pyperf.significant) counts.pyperf++;
    }
  }
  return counts;
}
