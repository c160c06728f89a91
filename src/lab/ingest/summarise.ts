import { measurementOf } from '#lab/analysis/measurement.ts';
import { numberOf, ownValue, textOf } from '#lab/format/metadata.ts';
import type { Benchmark } from '#lab/format/pyperf.ts';
import { mean, median, standardDeviation } from '#lab/statistics/descriptive.ts';
import type { NewMeasurement } from '#lab/store/new-run.ts';

/** Undefined for a benchmark that was calibrated only. */
export function summarise(benchmark: Benchmark): NewMeasurement | undefined {
  const measurement = measurementOf(benchmark);
  if (measurement === undefined) return undefined;
  const { values, processMeans, shape, load } = measurement;
  return {
    benchmark: benchmark.name, unit: benchmark.unit, lessIsBetter: true, description: textOf(benchmark.metadata, 'description'), tags: tagsOf(benchmark),
    mean: mean(processMeans), standardDeviation: values.length < 2 ? undefined : standardDeviation(values), median: median(values),
    minimum: smallest(values), maximum: largest(values), valueCount: values.length, shape, loadAverage: load, processMeans,
    standardError: processMeans.length < 2 ? undefined : standardDeviation(processMeans) / Math.sqrt(processMeans.length),
    peakMemory: peakMemory(benchmark),
  };
}

function tagsOf(benchmark: Benchmark): readonly string[] {
  const tags = ownValue(benchmark.metadata, 'tags');
  return typeof tags === 'object' ? tags : [];
}

function peakMemory(benchmark: Benchmark): number | undefined {
  // Where a program was started and waited for, the other is of the process that waited.
  const peaks = benchmark.runs.map((run) => numberOf(run.metadata, 'command_max_rss') ?? numberOf(run.metadata, 'mem_max_rss') ?? 0);
  return largest(peaks) > 0 ? largest(peaks) : undefined;
}

/** A file may have more values than a call can have arguments. */
const smallest = (values: readonly number[]): number => values.reduce((least, value) => Math.min(least, value), Infinity);
const largest = (values: readonly number[]): number => values.reduce((most, value) => Math.max(most, value), -Infinity);
