import { invariant } from '#support/invariant.ts';
import { geometricMean, sum } from '#lab/statistics/descriptive.ts';
import { exactMean } from '#lab/statistics/exact-mean.ts';

/**
 * What `pyperf compare_to` says, to be shown beside our own verdict. It takes every value for an independent one, which values of one
 * process are not: on splits of one file of the Arm nightlies it calls 17 % of the interpreter's and 37 % of the JIT's different.
 */
export interface PyperfVerdict {
  readonly significant: boolean;
  /** Undefined where pyperf prints "ERROR when testing": unequal numbers of values, which it then calls significant. */
  readonly t: number | undefined;
  readonly ratio: number;
  /** `1.05x faster`, as pyperf words it. */
  readonly text: string;
}

/** `_T_DIST_95_CONF_LEVELS` of pyperf/_utils.py, and the steps it takes above. */
const criticalValues = [0, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110,
  2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042];
const steps: readonly (readonly [degrees: number, critical: number])[] = [[200, 1.960], [100, 1.984], [80, 1.990], [60, 2.000], [50, 2.009], [40, 2.021], [30, 2.042]];

export function pyperfCriticalValue(degrees: number): number {
  const value = steps.find(([least]) => degrees >= least)?.[1] ?? criticalValues[degrees];
  invariant(value !== undefined, 'degrees of freedom', degrees);
  return value;
}

function squaredDeviations(values: readonly number[], centre: number): number {
  return sum(values.map((value) => (value - centre) ** 2));
}

/** The t of `tscore`: pooled variance, as many values on both sides. */
export function pyperfT(reference: readonly number[], changed: readonly number[]): number {
  const [before, after] = [exactMean(reference), exactMean(changed)];
  const pooled = (squaredDeviations(reference, before) + squaredDeviations(changed, after)) / (reference.length + changed.length - 2);
  return (before - after) / Math.sqrt(pooled / reference.length * 2);
}

/** `%.2f` of Python: exactly between two texts it takes the even one, where toFixed takes the larger. */
function twoDigits(value: number): string {
  const fraction = value % 1;
  return fraction === 0.125 || fraction === 0.625 ? `${Math.floor(value)}.${fraction === 0.125 ? '12' : '62'}` : value.toFixed(2);
}

export function pyperfRatioText(ratio: number): string {
  if (ratio === 1) return 'no change';
  return ratio < 1 ? `${twoDigits(1 / ratio)}x faster` : `${twoDigits(ratio)}x slower`;
}

/** What it says of all benchmarks together; of one it says nothing. */
export function pyperfGeometricMean(verdicts: readonly PyperfVerdict[]): string | undefined {
  return verdicts.length < 2 ? undefined : pyperfRatioText(geometricMean(verdicts.map(({ ratio }) => ratio)));
}

/** Its `--min-speed`: what is smaller, in percent, is not significant. */
function isTooSmall(ratio: number, minimumPercent: number | undefined): boolean {
  return minimumPercent !== undefined && ((ratio < 1 ? 1 / ratio : ratio) - 1) * 100 < minimumPercent;
}

export function pyperfVerdict(reference: readonly number[], changed: readonly number[], minimumPercent?: number): PyperfVerdict {
  const ratio = exactMean(changed) / exactMean(reference);
  const text = pyperfRatioText(ratio);
  const isLarge = !isTooSmall(ratio, minimumPercent);
  // One value each, unequal numbers, or no scatter at all: the test raises an exception, and pyperf says significant.
  if (reference.length !== changed.length || reference.length < 2) return { significant: isLarge, t: undefined, ratio, text };
  const t = pyperfT(reference, changed);
  if (!Number.isFinite(t)) return { significant: isLarge, t: undefined, ratio, text };
  return { significant: isLarge && Math.abs(t) >= pyperfCriticalValue(reference.length + changed.length - 2), t, ratio, text };
}
