import { mean, median } from '#lab/statistics/descriptive.ts';
import { numberOf } from '#lab/format/metadata.ts';
import type { Benchmark } from '#lab/format/pyperf.ts';

/**
 * A benchmark as statistics see it: one value a process. Values of one process are alike (same addresses, same hash seed), so that
 * taking them for independent ones finds differences where there are none.
 */
export interface Measurement {
  readonly name: string;
  readonly unit: string;
  readonly processMeans: readonly number[];
  /** All values, for what compares with pyperf. */
  readonly values: readonly number[];
  /** How it was measured: `20x3` is 20 processes with 3 values each. Figures of different shapes are not compared over time. */
  readonly shape: string;
  /** The median of the load averages its processes saw. */
  readonly load: number | undefined;
}

/** Undefined for a benchmark of which only calibrations are left. */
export function measurementOf(benchmark: Benchmark): Measurement | undefined {
  const runs = benchmark.runs.filter((run) => run.values.length > 0);
  if (runs.length === 0) return undefined;
  const sizes = [...new Set(runs.map((run) => run.values.length))];
  const loads = runs.map((run) => numberOf(run.metadata, 'load_avg_1min')).filter((load) => load !== undefined);
  return {
    name: benchmark.name,
    unit: benchmark.unit,
    processMeans: runs.map((run) => mean(run.values)),
    values: runs.flatMap((run) => run.values),
    shape: `${runs.length}x${sizes.length === 1 ? String(sizes[0]) : 'varying'}`,
    load: loads.length === 0 ? undefined : median(loads),
  };
}

export function measurementsOf(benchmarks: readonly Benchmark[]): Map<string, Measurement> {
  return new Map(benchmarks.flatMap((benchmark) => {
    const measurement = measurementOf(benchmark);
    return measurement === undefined ? [] : [[benchmark.name, measurement] as const];
  }));
}
