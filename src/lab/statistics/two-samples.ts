import { mean, sum, variance } from '#lab/statistics/descriptive.ts';
import { studentCritical, studentTwoSided } from '#lab/statistics/distributions.ts';

export interface TTest {
  readonly t: number;
  readonly degrees: number;
  readonly p: number;
}

export interface WelchTest extends TTest {
  /** Mean of the second sample minus mean of the first. */
  readonly difference: number;
  readonly standardError: number;
}

/** What is known of a sample for a test of its mean. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  readonly variance: number;
}

export function momentsOf(values: readonly number[]): Moments {
  return { count: values.length, mean: mean(values), variance: values.length < 2 ? NaN : variance(values) };
}

/**
 * Do the means differ? Variances may differ too (B. L. Welch, Biometrika 34, 1947). Samples without any scatter differ for
 * certain or not at all.
 */
export function welch(first: Moments, second: Moments): WelchTest {
  const [a, b] = [first.variance / first.count, second.variance / second.count];
  const difference = second.mean - first.mean;
  const standardError = Math.sqrt(a + b);
  if (standardError === 0) return { difference, standardError, t: difference === 0 ? 0 : Infinity * difference, degrees: first.count + second.count - 2, p: difference === 0 ? 1 : 0 };
  const t = difference / standardError;
  const degrees = (a + b) ** 2 / (a * a / (first.count - 1) + b * b / (second.count - 1));
  return { difference, standardError, t, degrees, p: studentTwoSided(t, degrees) };
}

/** The mean of independent differences. Those without any scatter add none, and no degrees of freedom. */
export function meanOfTests(tests: readonly WelchTest[]): WelchTest {
  const difference = mean(tests.map((test) => test.difference));
  const squares = tests.map(({ standardError }) => standardError ** 2);
  const standardError = Math.sqrt(sum(squares)) / tests.length;
  const t = standardError === 0 ? Infinity * Math.sign(difference) : difference / standardError;
  const degrees = sum(squares) ** 2 / sum(tests.map((test, index) => squares[index]! ** 2 / test.degrees));
  return { difference, standardError, t, degrees, p: studentTwoSided(t, degrees) };
}

/** The difference of the means, give or take this much, with confidence 1 − alpha. */
export function welchMargin(test: WelchTest, alpha: number): number {
  return test.standardError === 0 ? 0 : studentCritical(alpha, test.degrees) * test.standardError;
}

/** Student's test with pooled variance: `scipy.stats.ttest_ind_from_stats`. */
export function pooledTTest(first: Moments, second: Moments): TTest {
  const degrees = first.count + second.count - 2;
  const pooled = ((first.count - 1) * first.variance + (second.count - 1) * second.variance) / degrees;
  const t = (first.mean - second.mean) / Math.sqrt(pooled * (1 / first.count + 1 / second.count));
  return { t, degrees, p: studentTwoSided(t, degrees) };
}
