/** A lab of many results, made up: what the figures of its pages are measured on. */
import type { NewMeasurement, NewRun } from '#lab/store/new-run.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import { writeRun } from '#lab/store/write-run.ts';
import type { Random } from '#lab/statistics/random.ts';
import { randomFrom } from '#lab/statistics/random.ts';

export interface LargeLabOptions {
  readonly machines: readonly string[];
  readonly variants: readonly string[];
  readonly nights: number;
  readonly benchmarks: number;
}

/** 100,192 results: 202 nights of two builds on two machines, with as many benchmarks as pyperformance has. */
export const hundredThousand: LargeLabOptions = { machines: ['kite', 'heron'], variants: ['cpython', 'cpython-jit'], nights: 202, benchmarks: 124 };

const processes = 20;
const day = 24 * 60 * 60 * 1000;
const firstNight = Date.UTC(2026, 0, 1, 2);

export const benchmarkName = (index: number): string => `benchmark_${String(index).padStart(3, '0')}`;

function measurementOf(index: number, night: number, random: Random): NewMeasurement {
  // Each has a level of its own, noise of one percent, and a step once in a hundred nights.
  const level = 0.001 * 1.05 ** index * (1 + 0.03 * Math.floor((night + 7 * index) / 100 % 2));
  const processMeans = Array.from({ length: processes }, () => level * (1 + 0.01 * (random() - 0.5)));
  const mean = processMeans.reduce((total, value) => total + value, 0) / processes * (1 + 0.01 * (random() - 0.5));
  return {
    benchmark: benchmarkName(index), unit: 'second', lessIsBetter: true, description: undefined, tags: [], mean, standardDeviation: level * 0.005,
    standardError: level * 0.001, median: mean, minimum: Math.min(...processMeans), maximum: Math.max(...processMeans), valueCount: 3 * processes, shape: `${processes}x3`,
    loadAverage: 1.1, processMeans, peakMemory: 2e7,
  };
}

export function runOf(machine: string, variant: string, night: number, benchmarks: number, random: Random): NewRun {
  const commit = (0xabc0000000 + night).toString(16).padStart(40, '0').split('').reverse().join('');
  const measuredAt = new Date(firstNight + night * day);
  const identity = { kernel: night < 100 ? '6.8.0' : '6.11.0' };
  return {
    key: randomKey(random), origin: 'pyperf', title: `${variant} 3.15.0 ${commit.slice(0, 7)} on ${machine}`, pythonVersion: '3.15.0', measuredAt, loadAverage: 1.1, governor: 'performance',
    machine: { name: machine, architecture: 'aarch64', system: 'Linux', processor: '', cpuCount: 8, hostname: undefined },
    environment: identity, variant: { name: variant, implementation: 'cpython', flags: [] }, commit: { id: commit, branch: 'main', fork: 'python', date: measuredAt },
    conditions: { identity: { platform: identity.kernel }, governor: 'performance', isolated: true, load: 1.1, bootTime: undefined, cpuCount: 8 }, metadata: { platform: 'Linux' },
    measurements: Array.from({ length: benchmarks }, (_, index) => measurementOf(index, night, random)),
  };
}

const randomKey = (random: Random): string => Array.from({ length: 16 }, () => Math.floor(random() * 16).toString(16)).join('');

/** Straight into the database: the result files are not needed for what is measured. Returns the number of results. */
export async function fillLargeLab(lab: Lab, options: LargeLabOptions, progress: (done: number, total: number) => void = () => undefined): Promise<number> {
  const random = randomFrom(1);
  const total = options.nights * options.machines.length * options.variants.length;
  let done = 0;
  for (let night = 0; night < options.nights; night++) {
    for (const machine of options.machines) {
      for (const variant of options.variants) {
        const run = runOf(machine, variant, night, options.benchmarks, random);
        await writeRun(lab.database, run, { digest: run.key.repeat(4), byteCount: 850_000, receivedAt: run.measuredAt });
        progress(++done, total);
      }
    }
  }
  return total * options.benchmarks;
}

/** A night as pyperformance writes it, of the size of a real one: 124 benchmarks of 20 processes with 3 values. */
export function nightlyFile(night: number): Uint8Array<ArrayBuffer> {
  const random = randomFrom(night);
  const measuredAt = new Date(firstNight + night * day);
  const stamp = measuredAt.toISOString().slice(0, 10);
  const benchmarks = Array.from({ length: hundredThousand.benchmarks }, (_, index) => ({
    metadata: { name: benchmarkName(index), loops: 4, description: 'A benchmark', tags: ['apps'] },
    runs: measurementOf(index, night, random).processMeans.map((mean, process) => ({
      metadata: { date: `${stamp} 02:00:${String(process).padStart(2, '0')}.000000`, load_avg_1min: 1.1, duration: 1.5, mem_max_rss: 2e7, runnable_threads: 1, uptime: 1e6 + process },
      values: [0.999 * mean, mean, 1.001 * mean], warmups: [[1, 1.1 * mean]],
    })),
  }));
  const metadata = {
    hostname: 'kite', platform: '6.11.0', cpu_count: 8, unit: 'second', perf_version: '2.10.0', cpu_config: '2-3=driver:cppc_cpufreq, governor:performance, isolated',
    python_implementation: 'cpython', python_version: '3.15.0', commit_id: (0xdef0000000 + night).toString(16).padStart(40, '0'), commit_branch: 'main',
  };
  return Uint8Array.from(Buffer.from(JSON.stringify({ version: '1.0', metadata, benchmarks })));
}
