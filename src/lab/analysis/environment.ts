import { median } from '#lab/statistics/descriptive.ts';
import type { Metadata } from '#lab/format/metadata.ts';
import { numberOf, ownValue, textOf } from '#lab/format/metadata.ts';
import type { Suite } from '#lab/format/pyperf.ts';

/** What a file says about the machine and the tools it was measured with. Undefined is what it does not say. */
export interface Environment {
  /** What figures are only comparable with while it stays as it is: a change of any begins a new epoch. */
  readonly identity: Readonly<Partial<Record<IdentityKey, string>>>;
  /** Frequency governors of the CPUs used. */
  readonly governor: string | undefined;
  readonly isolated: boolean | undefined;
  readonly bootTime: string | undefined;
  /** Median of the load averages of all runs. */
  readonly load: number | undefined;
  readonly cpuCount: number | undefined;
}

export type IdentityKey = 'host' | 'platform' | 'cpus' | 'processor' | 'affinity' | 'driver' | 'randomization' | 'compiler' | 'configuration'
  | 'pyperf' | 'pyperformance' | 'benchmarks';

/** pyperf's names for them. `python_cflags` is left out: CPython's own build sets it, so that a commit may change it. */
const identityNames: readonly (readonly [key: IdentityKey, metadata: string])[] = [
  ['host', 'hostname'], ['platform', 'platform'], ['cpus', 'cpu_count'], ['processor', 'cpu_model_name'], ['affinity', 'cpu_affinity'],
  ['randomization', 'aslr'], ['compiler', 'python_compiler'], ['configuration', 'python_config_args'],
  ['pyperf', 'perf_version'], ['pyperformance', 'performance_version'], ['benchmarks', 'benchmark_hash'],
];

interface CpuConfiguration {
  readonly driver: string | undefined;
  readonly governor: string | undefined;
  readonly isolated: boolean | undefined;
}

function distinct(text: string, pattern: RegExp): string | undefined {
  const found = [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ''))];
  return found.length === 0 ? undefined : found.sort().join('+');
}

/** `183-191=driver:cppc_cpufreq, governor:performance, isolated; idle:acpi_idle`: groups of CPUs, then what holds for all. */
function readCpuConfiguration(text: string | undefined): CpuConfiguration {
  if (text === undefined) return { driver: undefined, governor: undefined, isolated: undefined };
  const groups = text.split(';').map((group) => group.trim()).filter((group) => /^[\d,-]+=/.test(group));
  return {
    driver: distinct(text, /driver:([^,;\s]+)/g),
    governor: distinct(text, /governor:([^,;\s]+)/g),
    isolated: groups.length > 0 && groups.every((group) => /\bisolated\b/.test(group)),
  };
}

/** The metadata that all benchmarks share, and where they do not share one, that of the first that has it. */
function firstOf(suite: Suite): Metadata {
  return Object.assign({}, ...suite.benchmarks.map((benchmark) => benchmark.metadata).reverse(), suite.metadata) as Metadata;
}

export function environmentOf(suite: Suite): Environment {
  const metadata = firstOf(suite);
  const cpu = readCpuConfiguration(textOf(metadata, 'cpu_config'));
  const loads = suite.benchmarks.flatMap(({ runs }) => runs.map((run) => numberOf(run.metadata, 'load_avg_1min'))).filter((load) => load !== undefined);
  const identity = Object.fromEntries([...identityNames.map(([key, name]) => [key, ownValue(metadata, name)] as const), ['driver', cpu.driver] as const]
    .filter(([, value]) => value !== undefined).map(([key, value]) => [key, String(value)]));
  return {
    identity,
    governor: cpu.governor,
    isolated: cpu.isolated,
    bootTime: textOf(metadata, 'boot_time'),
    load: loads.length === 0 ? undefined : median(loads),
    cpuCount: numberOf(metadata, 'cpu_count'),
  };
}

/** What differs, in words. */
export function identityChanges(before: Environment, after: Environment): string[] {
  const keys = [...new Set([...Object.keys(before.identity), ...Object.keys(after.identity)])] as IdentityKey[];
  return keys.filter((key) => before.identity[key] !== after.identity[key])
    .map((key) => `${key}: ${before.identity[key] ?? 'unknown'} → ${after.identity[key] ?? 'unknown'}`);
}
