import { measurementsOf } from '#lab/analysis/measurement.ts';
import type { Suite } from '#lab/format/pyperf.ts';
import type { HptReport } from '#lab/statistics/hpt.ts';
import { hptReport, relativeHpt } from '#lab/statistics/hpt.ts';

/** What HPT says of two suites, for who knows it from elsewhere. It decides nothing here. */
export interface HptReadOut {
  readonly benchmarks: number;
  /** As bench_runner computes it, its bugs included. */
  readonly benchRunner: HptReport;
  /** The same idea on relative differences, one process one value. */
  readonly relative: Pick<HptReport, 'reliability' | 'direction'>;
}

/** As in bench_runner. */
const leastValues = 12;
/** Signed ranks of fewer cannot say anything with 95 %. */
const leastBenchmarks = 5;

/** Undefined where too few benchmarks have enough values on both sides. */
export function hptReadOut(reference: Suite, changed: Suite): HptReadOut | undefined {
  const [before, after] = [measurementsOf(reference.benchmarks), measurementsOf(changed.benchmarks)];
  const pairs = [...before.values()].flatMap((left) => {
    const right = after.get(left.name);
    return right === undefined || right.unit !== left.unit || Math.min(left.values.length, right.values.length) < leastValues ? [] : [{ left, right }];
  });
  if (pairs.length < leastBenchmarks) return undefined;
  const sides = (of: 'values' | 'processMeans') => [
    new Map(pairs.map(({ left }) => [left.name, left[of]])), new Map(pairs.map(({ right }) => [right.name, right[of]])),
  ] as const;
  return { benchmarks: pairs.length, benchRunner: hptReport(...sides('values')), relative: relativeHpt(...sides('processMeans')) };
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** Digits as in bench_runner, which looks for a factor in steps of 0.1. */
export function hptText({ benchmarks, benchRunner, relative }: HptReadOut): string {
  const changes = benchRunner.change.map(([reliability, factor]) => `${factor === undefined ? 'more than 10' : factor.toFixed(2)}x with ${100 * reliability} %`);
  return `HPT of ${benchmarks} benchmarks, as bench_runner has it: ${benchRunner.direction} with ${percent(benchRunner.reliability)} (at least ${changes.join(', ')}); `
    + `on relative differences of processes: ${relative.direction} with ${percent(relative.reliability)}. It decides nothing here.`;
}
