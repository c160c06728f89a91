import type { Colours } from '#support/colours.ts';
import type { Comparison } from '#lab/analysis/compare.ts';
import { compareSuites } from '#lab/analysis/compare.ts';
import { measurementOf } from '#lab/analysis/measurement.ts';
import { commonMetadata, textOf } from '#lab/format/metadata.ts';
import type { Benchmark, Suite } from '#lab/format/pyperf.ts';
import { mean, standardDeviation } from '#lab/statistics/descriptive.ts';
import type { ComparisonNames } from '#lab/bench/comparison-text.ts';
import { comparisonText } from '#lab/bench/comparison-text.ts';
import type { Side } from '#lab/bench/modes.ts';
import { referenceOf } from '#lab/bench/modes.ts';
import type { BenchResult, Measured } from '#lab/bench/run-benchmarks.ts';
import { formatValue, textTable } from '#lab/bench/text-table.ts';

export interface SideComparison {
  readonly reference: Side;
  readonly changed: Side;
  readonly comparison: Comparison;
}

/** What one side measured, as a file of it would be read. */
export function suiteOf(benchmarks: readonly Measured[], side: Side): Suite {
  const own = benchmarks.flatMap(({ program, runs }): Benchmark[] => {
    const ran = runs.get(side) ?? [];
    if (ran.every((run) => run.values.length === 0)) return [];
    const metadata = commonMetadata(ran.map((run) => run.metadata));
    return [{ name: textOf(metadata, 'name') ?? program, unit: textOf(metadata, 'unit') ?? 'second', metadata, runs: ran }];
  });
  return { metadata: commonMetadata(own.map((benchmark) => benchmark.metadata)), benchmarks: own };
}

export function compareSides({ benchmarks }: BenchResult, sides: readonly Side[]): readonly SideComparison[] {
  return sides.flatMap((changed) => {
    const reference = referenceOf(changed, sides);
    return reference === undefined ? [] : [{ reference, changed, comparison: compareSuites(suiteOf(benchmarks, reference), suiteOf(benchmarks, changed)) }];
  });
}

export function reportText(result: BenchResult, sides: readonly Side[], colours: Colours): string {
  const comparisons = compareSides(result, sides);
  if (comparisons.length === 0) return sides.map((side) => sideText(suiteOf(result.benchmarks, side), side, colours)).join('\n');
  return comparisons.filter(({ comparison }) => comparison.benchmarks.length > 0)
    .map(({ reference, changed, comparison }) => comparisonText(comparison, namesOf(reference, changed), colours, false)).join('\n');
}

function namesOf(reference: Side, changed: Side): ComparisonNames {
  const heads = reference.python === changed.python ? [reference.mode, changed.mode] as const : [reference.label, changed.label] as const;
  return { reference: reference.label, changed: changed.label, heads };
}

/** With one side there is nothing to compare with. */
function sideText(suite: Suite, side: Side, colours: Colours): string {
  const rows = suite.benchmarks.flatMap((benchmark) => {
    const measurement = measurementOf(benchmark);
    if (measurement === undefined) return [];
    const { name, unit, processMeans, shape } = measurement;
    const deviation = processMeans.length < 2 ? '' : `± ${formatValue(standardDeviation(processMeans), unit)}`;
    return [[name, formatValue(mean(processMeans), unit), deviation, shape]];
  });
  if (rows.length === 0) return '';
  const [head = '', ...lines] = textTable([['benchmark', 'mean', 'between processes', 'processes x values'], ...rows], ['left', 'right', 'left', 'left']);
  return `${[colours.bold(side.label), colours.bold(head), ...lines].join('\n')}\n`;
}

/** The same for programs. */
export function reportJson(result: BenchResult, sides: readonly Side[], paths: ReadonlyMap<Side, string>): object {
  return {
    sides: sides.map((side) => ({
      label: side.label, mode: side.mode, python: side.python, file: paths.get(side),
      benchmarks: suiteOf(result.benchmarks, side).benchmarks.map(({ name, unit, runs }) => ({ name, unit, processes: runs.map((run) => run.values).filter((values) => values.length > 0) })),
    })),
    comparisons: compareSides(result, sides).map(({ reference, changed, comparison }) => ({ reference: reference.label, changed: changed.label, ...comparison })),
    failures: result.failures.map(({ program, side, reason, stderr }) => ({ program, side: side.label, reason, stderr })),
    outputDiffers: result.benchmarks.filter(({ outputDiffers }) => outputDiffers).map(({ program }) => program),
    interrupted: result.interrupted,
  };
}
