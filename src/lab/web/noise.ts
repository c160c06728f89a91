/** How noisy a machine is, by its own results. */
import { median } from '#lab/statistics/descriptive.ts';
import type { Timeline, TimelineSeries } from '#lab/store/queries/timeline.ts';
import type { MachineNoise } from './machines-page.ts';

const fewestSteps = 4;

/** Steps from one run to the next, as shares, where both are of one environment and neither is in doubt. */
function stepsOf(timeline: Timeline, series: TimelineSeries): readonly number[] {
  return timeline.runs.flatMap((run, index) => {
    const before = timeline.runs[index - 1];
    const [from, to] = [series.means[index - 1], series.means[index]];
    if (before === undefined || before.environment !== run.environment || before.quality !== 'ok' || run.quality !== 'ok') return [];
    return from && to ? [Math.abs(Math.log(to / from))] : [];
  });
}

/** Undefined when there are too few runs to tell. */
export function noiseOf(timeline: Timeline): MachineNoise | undefined {
  const shares = timeline.series.map((series) => stepsOf(timeline, series)).filter((steps) => steps.length >= fewestSteps).map((steps) => median(steps));
  return shares.length === 0 ? undefined : { variant: timeline.variant, share: median(shares), benchmarks: shares.length };
}
