import type { Environment } from '#lab/analysis/environment.ts';
import type { Level, Night } from '#lab/analysis/night.ts';
import type { Metadata } from '#lab/format/metadata.ts';
import type { Benchmark, Suite } from '#lab/format/pyperf.ts';
import type { Random } from '#lab/statistics/random.ts';

/** From the normal distribution, by the method of Box and Muller. */
export function normal(random: Random, deviation: number): number {
  return deviation * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** A benchmark whose processes differ by `spread`, and whose values within a process hardly do. */
export function madeBenchmark(name: string, mean: number, spread: number, random: Random, processes = 20, metadata: Metadata = {}): Benchmark {
  const common = { name, unit: 'second', ...metadata };
  const runs = Array.from({ length: processes }, () => {
    const own = mean * (1 + normal(random, spread));
    return { values: [0, 1, 2].map(() => own * (1 + normal(random, spread / 10))), warmups: [], metadata: common };
  });
  return { name, unit: 'second', metadata: common, runs };
}

export const madeSuite = (benchmarks: readonly Benchmark[]): Suite => ({ metadata: {}, benchmarks });

export const quietMachine: Environment = {
  identity: { host: 'box', platform: 'Linux-6.8', compiler: 'GCC 13', driver: 'cppc_cpufreq' }, governor: 'performance', isolated: true,
  bootTime: '2026-01-01 10:00:00', load: 1.1, cpuCount: 8,
};

export interface Quirks {
  /** Added to the logarithm of a benchmark in a night. */
  readonly extra?: (night: number, benchmark: number) => number;
  readonly environment?: (night: number) => Environment;
  readonly level?: (night: number, benchmark: number, level: Level) => Level;
}

/** Nights of benchmarks b00, b01, … with one percent of noise. */
export function madeNights(count: number, benchmarks: number, random: Random, { extra, environment, level }: Quirks = {}): Night[] {
  return Array.from({ length: count }, (_, night) => ({
    id: `night-${String(night).padStart(3, '0')}`,
    environment: environment?.(night) ?? quietMachine,
    levels: new Map(Array.from({ length: benchmarks }, (__, index): [string, Level] => {
      const plain = { log: index + normal(random, 0.01) + (extra?.(night, index) ?? 0), shape: '20x3', load: 1.1 };
      return [`b${String(index).padStart(2, '0')}`, level?.(night, index, plain) ?? plain];
    })),
  }));
}
