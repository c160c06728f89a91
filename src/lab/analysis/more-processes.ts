import { normalUpper, studentCritical } from '#lab/statistics/distributions.ts';
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

/** How probable it is that a new measurement decides. */
const certainty = 0.8;

/** P(low < X < high) for a normal X. */
function between(low: number, high: number, centre: number, deviation: number): number {
  return high <= low ? 0 : normalUpper((low - centre) / deviation) - normalUpper((high - centre) / deviation);
}

/**
 * How many more processes each side needs for a new measurement to decide, four of five times, if change and scatter are what was measured: to call a change a change, or
 * to leave no room for one that matters. (Just enough for the change as it was measured would do half of the times: a new measurement lies on either side of it.)
 * A change close to the smallest one that matters would take for ever: then the answer is good for one that is a quarter of that away. `mostProcesses` stands for that many or more.
 */
export function moreProcesses(reference: readonly number[], changed: readonly number[], { alpha, level, minimumEffect }: Needs): number {
  const least = Math.min(reference.length, changed.length);
  if (least < 2) return fewest - least;
  const [before, after] = [momentsOf(reference.map(Math.log)), momentsOf(changed.map(Math.log))];
  const measured = Math.abs(after.mean - before.mean);
  const limit = Math.log1p(minimumEffect);
  const effect = measured >= limit ? Math.max(measured, 1.25 * limit) : Math.min(measured, 0.75 * limit);
  const decides = (more: number): number => {
    const test = welch(enlarged(before, more), enlarged(after, more));
    const changes = Math.max(limit, studentCritical(level, test.degrees) * test.standardError);
    const stays = limit - welchMargin(test, alpha);
    return 1 - between(-changes, changes, effect, test.standardError) + between(-stays, stays, effect, test.standardError);
  };
  if (decides(mostProcesses) < certainty) return mostProcesses;
  let [low, high] = [0, mostProcesses];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (decides(middle) >= certainty) high = middle;
    else low = middle;
  }
  return high;
}
