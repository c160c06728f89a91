import { ResultError } from '#lab/format/errors.ts';
import type { Complain, Metadata } from '#lab/format/metadata.ts';
import { commonMetadata, numberOf, ownValue, parseMetadata, sameValue, textOf } from '#lab/format/metadata.ts';
import type { Limits } from '#lab/format/read-json.ts';
import { readJson } from '#lab/format/read-json.ts';

/** A value before the measurement counts: per iteration like the others, with the number of loops it was taken over. */
export type Warmup = readonly [loops: number, value: number];

/** What one process measured. Without values it only calibrated the number of loops or of warmups. */
export interface Run {
  /** Per loop iteration, in the unit of the benchmark (`second` unless said otherwise). */
  readonly values: readonly number[];
  readonly warmups: readonly Warmup[];
  /** All of it: what the file says once for all runs is here too. */
  readonly metadata: Metadata;
}

export interface Benchmark {
  readonly name: string;
  readonly unit: string;
  /** What all its runs have in common. */
  readonly metadata: Metadata;
  readonly runs: readonly Run[];
}

/** The content of one pyperf file. */
export interface Suite {
  /** What all its benchmarks have in common. */
  readonly metadata: Metadata;
  readonly benchmarks: readonly Benchmark[];
}

/** As in `Benchmark.add_run` of pyperf: processes that differ in these did not measure the same thing. */
const sameInAllRuns = ['aslr', 'cpu_count', 'cpu_model_name', 'hostname', 'inner_loops', 'name', 'platform', 'python_executable',
  'python_implementation', 'python_unicode', 'python_version', 'unit'];

/** The versions that pyperf reads, and what the format was like. Warmups were raw times before 1.0. */
interface Version {
  readonly rootMetadata: boolean;
  readonly benchmarkMetadata: 'metadata' | 'common_metadata';
  readonly values: 'values' | 'samples';
  readonly rawWarmups: boolean;
}
const versions: ReadonlyMap<unknown, Version> = new Map<unknown, Version>([
  ['1.0', { rootMetadata: true, benchmarkMetadata: 'metadata', values: 'values', rawWarmups: false }],
  [6, { rootMetadata: true, benchmarkMetadata: 'metadata', values: 'values', rawWarmups: true }],
  [5, { rootMetadata: false, benchmarkMetadata: 'common_metadata', values: 'samples', rawWarmups: true }],
]);

type Members = Readonly<Record<string, unknown>>;

interface Reading {
  readonly version: Version;
  readonly complain: Complain;
  /** Metadata that stands once in the file and is given to each run: a small file could ask for all memory. */
  entries: number;
}

/** A night of the whole pyperformance suite has 120,000 in its 2,600 runs. */
const mostEntries = 3_000_000;

function members(value: unknown, where: string, complain: Complain): Members {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Members;
  return complain(where, 'an object is expected');
}

function list(value: unknown, where: string, complain: Complain): readonly unknown[] {
  return Array.isArray(value) ? value : complain(where, 'a list is expected');
}

const isFinite = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);

function readValues(value: unknown, where: string, { complain }: Reading): readonly number[] {
  return list(value ?? [], where, complain).map((item) =>
    (isFinite(item) && item > 0 ? item : complain(where, 'each value must be a finite number greater than 0')));
}

function readWarmups(value: unknown, innerLoops: number, where: string, { complain, version }: Reading): readonly Warmup[] {
  return list(value ?? [], where, complain).map((item) => {
    const [loops, time] = Array.isArray(item) && item.length === 2 ? item as [unknown, unknown] : [];
    if (!isFinite(loops) || !Number.isInteger(loops) || loops < 1 || !isFinite(time) || time < 0) {
      return complain(where, 'each warmup must be [loops, value] with loops an integer of at least 1 and a value of at least 0');
    }
    return [loops, version.rawWarmups ? time / (loops * innerLoops) : time];
  });
}

function readRun(value: unknown, shared: Metadata, where: string, reading: Reading): Run {
  const run = members(value, where, reading.complain);
  const metadata = { ...shared, ...parseMetadata(run['metadata'], where, reading.complain) };
  reading.entries += Object.keys(metadata).length;
  if (reading.entries > mostEntries) reading.complain(where, `all runs together have more than ${mostEntries} metadata`);
  const values = readValues(run[reading.version.values], where, reading);
  const warmups = readWarmups(run['warmups'], numberOf(metadata, 'inner_loops') ?? 1, where, reading);
  if (values.length === 0 && warmups.length === 0) reading.complain(where, 'there are neither values nor warmups');
  return { values, warmups, metadata };
}

function checkRunsAgree(runs: readonly Run[], where: string, complain: Complain): void {
  const first = runs[0]?.metadata ?? {};
  for (const key of sameInAllRuns) {
    const odd = runs.findIndex((run) => !sameValue(ownValue(run.metadata, key), ownValue(first, key)));
    if (odd >= 0) complain(where, `run ${odd} differs from the first in ${key}, so they did not measure the same thing`);
  }
}

function readBenchmark(value: unknown, root: Metadata, where: string, reading: Reading): Benchmark {
  const { complain, version } = reading;
  const benchmark = members(value, where, complain);
  const shared = { ...root, ...parseMetadata(benchmark[version.benchmarkMetadata], where, complain) };
  const runs = list(benchmark['runs'], `${where}.runs`, complain).map((run, index) => readRun(run, shared, `${where}.runs[${index}]`, reading));
  if (runs.length === 0) complain(where, 'there are no runs');
  checkRunsAgree(runs, where, complain);
  const metadata = commonMetadata(runs.map((run) => run.metadata));
  const name = textOf(metadata, 'name') ?? complain(where, 'the benchmark has no name');
  return { name, unit: textOf(metadata, 'unit') ?? 'second', metadata, runs };
}

function parseSuite(value: unknown, file: string): Suite {
  const complain: Complain = (where, reason) => {
    throw new ResultError('result-invalid', { name: file, where, reason });
  };
  const root = members(value, 'the file', complain);
  const version = versions.get(root['version']);
  if (version === undefined) {
    if (root['version'] === undefined) complain('the file', 'there is no version');
    throw new ResultError('result-version', { name: file, version: JSON.stringify(root['version']).slice(0, 40) });
  }
  const metadata = version.rootMetadata ? parseMetadata(root['metadata'], 'the file', complain) : {};
  const reading: Reading = { version, complain, entries: 0 };
  const benchmarks = list(root['benchmarks'], 'benchmarks', complain).map((item, index) => readBenchmark(item, metadata, `benchmarks[${index}]`, reading));
  if (benchmarks.length === 0) complain('benchmarks', 'there are none');
  const names = new Set<string>();
  for (const { name } of benchmarks) {
    if (names.has(name)) complain('benchmarks', `there are two called ${JSON.stringify(name.slice(0, 100))}`);
    names.add(name);
  }
  return { metadata: commonMetadata(benchmarks.map((benchmark) => benchmark.metadata)), benchmarks };
}

/**
 * Reads what pyperf wrote, compressed or not, and trusts nothing of it: whatever is not as pyperf would write it is a ResultError that says
 * where. `name` is how messages call the file.
 */
export function readSuite(bytes: Uint8Array, name: string, limits?: Limits): Suite {
  return parseSuite(readJson(bytes, name, limits), name);
}
