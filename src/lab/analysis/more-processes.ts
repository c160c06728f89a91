import { studentCritical } from '#lab/statistics/distributions.ts';
import type { Moments } from '#lab/statistics/two-samples.ts';
import { momentsOf, welch, welchMargin } from '#lab/statistics/two-samples.ts';

/** With fewer processes than this on a side, its scatter is a guess. */
const fewest = 5;

/** Beyond this, measuring longer is no answer. */
export const mostProcesses = 10_000;

interface Needs {
  readonly alpha: number;
  /** What the p-value must reach to count as a change, given the other benchmarks. */
  readonly level: number;
  readonly minimumEffect: number;
}

const enlarged = (moments: Moments, more: number): Moments => ({ ...moments, count: moments.count + more });

/**
 * How many more processes each side needs, if means and scatter stay as they are: until the interval leaves no room for a change that matters,
 * or leaves out zero. Close to the boundary either would take for ever: then the answer is as good as a quarter of the smallest effect.
 * `mostProcesses` stands for that many or more.
 */
export function moreProcesses(reference: readonly number[], changed: readonly number[], { alpha, level, minimumEffect }: Needs): number {
  const least = Math.min(reference.length, changed.length);
  if (least < 2) return fewest - least;
  const [before, after] = [momentsOf(reference.map(Math.log)), momentsOf(changed.map(Math.log))];
  const effect = Math.abs(after.mean - before.mean);
  const limit = Math.log1p(minimumEffect);
  const enough = (more: number): boolean => {
    const test = welch(enlarged(before, more), enlarged(after, more));
    if (effect >= limit) return studentCritical(level, test.degrees) * test.standardError <= effect;
    return welchMargin(test, alpha) <= Math.max(limit - effect, limit / 4);
  };
  if (!enough(mostProcesses)) return mostProcesses;
  let [low, high] = [0, mostProcesses];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
