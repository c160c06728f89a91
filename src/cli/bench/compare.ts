import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArguments } from '#cli/options.ts';
import { compareOptions } from '#cli/verbs/bench.ts';
import type { CompareOptions } from '#lab/analysis/compare.ts';
import { compareSuites } from '#lab/analysis/compare.ts';
import { hptReadOut, hptText } from '#lab/analysis/hpt-read-out.ts';
import { comparisonText } from '#lab/bench/comparison-text.ts';
import { BenchError } from '#lab/bench/errors.ts';
import { ownValue } from '#lab/format/metadata.ts';
import type { Suite } from '#lab/format/pyperf.ts';
import { readSuite } from '#lab/format/pyperf.ts';
import { coloursFor } from '#support/colours.ts';
import { reasonOf } from '#support/system-reason.ts';

/** What should be the same on both sides, or be what the comparison is about. */
const telling = ['hostname', 'cpu_model_name', 'cpu_config', 'cpu_affinity', 'platform', 'python_implementation', 'python_version', 'python_compiler', 'python_cflags',
  'bench_mode', 'perf_version', 'performance_version'];

export function compare(words: readonly string[]): Promise<number> {
  const { values, operands } = parseArguments('bench compare', compareOptions, words);
  const [before, after] = operands;
  if (before === undefined || after === undefined || operands.length > 2) throw new BenchError('bench-compare-operands', { count: String(operands.length) });
  const minimum = readMinimum(values.get('--min-speed')?.at(-1));
  const [reference, changed] = [readResult(before), readResult(after)];
  const comparison = compareSuites(reference, changed, minimum);
  if (comparison.benchmarks.length === 0 && comparison.differentUnits.length === 0) throw new BenchError('bench-nothing-in-common', { before, after });
  const differences = metadataDifferences(reference, changed);
  const hpt = hptReadOut(reference, changed);
  if (values.has('--json')) {
    process.stdout.write(`${JSON.stringify({ reference: before, changed: after, ...comparison, hpt, metadataDifferences: differences }, null, 2)}\n`);
  } else {
    process.stdout.write(comparisonText(comparison, { reference: before, changed: after, heads: ['before', 'after'] }, coloursFor(process.stdout), true));
    if (hpt !== undefined) process.stdout.write(`${hptText(hpt)}\n`);
    for (const { name, reference: left, changed: right } of differences) process.stdout.write(`Differs: ${name}: ${left} | ${right}\n`);
  }
  return Promise.resolve(0);
}

/** pyperf's option of the same name has percent too. */
function readMinimum(value: string | undefined): Partial<CompareOptions> {
  if (value === undefined) return {};
  const percent = Number(value);
  if (value.trim() !== '' && percent >= 0 && percent <= 1000) return { minimumEffect: percent / 100, pyperfMinimum: percent };
  throw new BenchError('bench-number', { option: '--min-speed', value, wanted: 'a number of percent' });
}

function readResult(file: string): Suite {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new BenchError('bench-unreadable-result', { file, reason: reasonOf(error), files: resultsIn(file) });
  }
  return readSuite(bytes, file);
}

/** `armature bench` writes directories: whoever names one is told what is in it. */
function resultsIn(path: string): string {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) return '';
  const files = readdirSync(path).filter((name) => /\.json(?:\.gz)?$/.test(name)).map((name) => join(path, name)).sort();
  return files.length === 0 ? '' : `: ${files.slice(0, 8).join(', ')}${files.length > 8 ? ', …' : ''}`;
}

interface Difference {
  readonly name: string;
  readonly reference: string;
  readonly changed: string;
}

function metadataDifferences(reference: Suite, changed: Suite): readonly Difference[] {
  return telling.flatMap((name) => {
    const [left, right] = [reference, changed].map((suite) => String(ownValue(suite.metadata, name) ?? 'not said'));
    return left === undefined || right === undefined || left === right ? [] : [{ name, reference: left, changed: right }];
  });
}
