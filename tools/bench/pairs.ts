import type { Measured } from './process.ts';
import { measure } from './process.ts';

/** One comparison: the same program under two commands. */
export interface Comparison {
  readonly program: string;
  readonly left: readonly string[];
  readonly right: readonly string[];
}

export interface Pair {
  readonly left: Measured;
  readonly right: Measured;
}

/** Runs A B A B …, so that a slow minute of the machine hits both; throws when the outputs differ. */
export async function runPairs(
  comparison: Comparison, rounds: number, watchMemory: boolean, progress: (round: number) => void,
): Promise<readonly Pair[]> {
  const pairs: Pair[] = [];
  for (let round = 0; round < rounds; round++) {
    progress(round);
    const left = await measure(comparison.left, watchMemory);
    const right = await measure(comparison.right, watchMemory);
    checkEqual(comparison, left, right);
    pairs.push({ left, right });
  }
  return pairs;
}

function checkEqual(comparison: Comparison, left: Measured, right: Measured): void {
  if (left.status !== 0) throw new Error(`${comparison.program}: the plain run ended with ${left.status}: ${left.stderr.slice(-300)}`);
  if (left.status === right.status && left.stdout === right.stdout) return;
  throw new Error(`${comparison.program}: the runs differ\n  plain: ${left.stdout.slice(0, 200)}\n  other (status ${right.status}): `
    + `${right.stdout.slice(0, 200)}${right.stderr.slice(-300)}`);
}

/** Median and range of the ratios of the pairs: each ratio compares two runs that are neighbours in time. */
export interface RatioSummary {
  readonly left: number;
  readonly right: number;
  readonly ratio: number;
  readonly least: number;
  readonly most: number;
}

export function summarize(pairs: readonly Pair[], value: (run: Measured) => number): RatioSummary {
  const ratios = pairs.map((pair) => value(pair.left) / value(pair.right));
  return {
    left: median(pairs.map((pair) => value(pair.left))),
    right: median(pairs.map((pair) => value(pair.right))),
    ratio: median(ratios),
    least: Math.min(...ratios),
    most: Math.max(...ratios),
  };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

export function geometricMean(values: readonly number[]): number {
  return Math.exp(values.reduce((sum, value) => sum + Math.log(value), 0) / values.length);
}
