import type { Benchmark } from '#lab/format/pyperf.ts';
import { readSuite } from '#lab/format/pyperf.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import type { RunDetails } from '#lab/store/queries/runs.ts';

/** From the result files themselves: the database has no single samples. */
export async function samplesOf(lab: Lab, run: RunDetails, name: string): Promise<Benchmark | undefined> {
  for (const digest of run.digests) {
    const file = await lab.files.read(digest);
    if (file.context.format !== 'pyperf') continue;
    const benchmark = readSuite(file.bytes, file.context.name).benchmarks.find((candidate) => candidate.name === name);
    if (benchmark !== undefined) return benchmark;
  }
  return undefined;
}

export interface Sample {
  /** From 1, as people count. */
  readonly process: number;
  readonly kind: 'warmup' | 'value';
  readonly position: number;
  /** How often a warmup ran; undefined for values, whose number of loops is in the metadata. */
  readonly loops: number | undefined;
  readonly value: number;
}

/** Process by process, warmups first. */
export function samplesInOrder(benchmark: Benchmark): readonly Sample[] {
  return benchmark.runs.flatMap(({ values, warmups }, index): readonly Sample[] => [
    ...warmups.map(([loops, value], position): Sample => ({ process: index + 1, kind: 'warmup', position: position + 1, loops, value })),
    ...values.map((value, position): Sample => ({ process: index + 1, kind: 'value', position: position + 1, loops: undefined, value })),
  ]);
}
