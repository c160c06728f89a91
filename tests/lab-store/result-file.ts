import { gzipSync } from 'node:zlib';

export interface FileWanted {
  readonly day: string;
  readonly flags: readonly string[];
  readonly commit: string;
  readonly governor: string;
  /** The mean time of each, in seconds. */
  readonly benchmarks: Readonly<Record<string, number>>;
}

export interface ResultFile {
  /** As bench_runner would call it. */
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly compressed: Uint8Array;
}

const processes = 4;

/** What bench_runner writes for a night, small. */
export function resultFile({ day, flags, commit, governor, benchmarks }: FileWanted): ResultFile {
  const runs = (mean: number): object[] => Array.from({ length: processes }, (_, process) => ({
    metadata: { date: `${day} 02:00:0${process}.000000`, load_avg_1min: 1.5 },
    // Within 0.1 % of the mean, different in each process.
    values: [0, 1, 2].map((value) => mean * (1 + (process - 1.5) * 1e-3 / 2 + (value - 1) * 1e-4)),
    warmups: [[1, mean]],
  }));
  const document = {
    version: '1.0',
    metadata: {
      hostname: 'kite.example.org', platform: 'Linux-6.8.0-aarch64-with-glibc2.39', cpu_count: 8, unit: 'second', perf_version: '2.10.0',
      cpu_config: `2-3=driver:cppc_cpufreq, governor:${governor}, isolated`, python_implementation: 'cpython',
      python_executable: '/home/maria/python/bin/python', commit_id: commit, commit_date: `${day}T00:00:00+00:00`,
    },
    benchmarks: Object.entries(benchmarks).map(([name, mean]) => ({ metadata: { name, loops: 4 }, runs: runs(mean) })),
  };
  const bytes = Buffer.from(JSON.stringify(document));
  const date = day.replaceAll('-', '');
  const suffix = flags.length === 0 ? '' : `-${flags.join(',')}`;
  return {
    name: `results/bm-${date}-3.15.0-${commit}${suffix}/bm-${date}-kite-aarch64-python-main-3.15.0-${commit}.json`,
    bytes, compressed: gzipSync(bytes),
  };
}
