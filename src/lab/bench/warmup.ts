import type { Warmup } from '#lab/format/pyperf.ts';

/** Values taken in the process that calibrates, after the number of loops is found. */
export const calibrationValues = 8;

const steadyWithin = 0.05;

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] ?? Number.NaN : ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}

export interface Calibration {
  readonly loops: number;
  readonly warmups: number;
}

/**
 * Reads loops and warm-up off the first process: it doubled its loops until a value took long enough, and then took some more values. A program that is compiled while it runs
 * becomes faster on the way, so that the loops must grow again for the speed it ends with; pyperf starts processes until that is stable, here it is calculated.
 * The values before the first that is at most 5 % slower than the median of the second half warm up. Only slower ones count, since a process that gets slower has no
 * end of warming up. All the doubling took as long as one more value.
 */
export function readCalibration(series: readonly Warmup[], minimumSeconds: number): Calibration {
  const found = series.at(-1)?.[0] ?? 1;
  const values = series.filter(([count]) => count === found).map(([, value]) => value);
  const steady = median(values.slice(values.length >> 1));
  const iterations = (values.findIndex((value) => value <= steady * (1 + steadyWithin)) + 1) * found;
  let loops = found;
  while (loops * steady < minimumSeconds * nearEnough && loops < mostLoops) loops *= 2;
  return { loops, warmups: Math.max(1, Math.ceil(iterations / loops)) };
}

/** A value that scatters around the minimum is no reason to double. */
const nearEnough = 0.7;

/** As in pyperf. */
const mostLoops = 2 ** 32;
