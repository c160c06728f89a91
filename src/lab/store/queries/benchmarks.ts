import type { Queryable } from '#lab/store/database.ts';

export interface BenchmarkSummary {
  readonly name: string;
  readonly unit: string;
  readonly lessIsBetter: boolean;
  readonly description: string | null;
  readonly tags: readonly string[];
  readonly measurements: number;
}

export async function listBenchmarks(database: Queryable): Promise<readonly BenchmarkSummary[]> {
  return database.query<BenchmarkSummary>(`
    select name, unit, less_is_better as "lessIsBetter", description, tags, count(measurement.run_id)::integer as measurements
    from benchmark left join measurement on measurement.benchmark_id = benchmark.id group by benchmark.id order by name`);
}

export async function isBenchmark(database: Queryable, name: string): Promise<boolean> {
  return (await database.query('select 1 as found from benchmark where name = $1', [name])).length > 0;
}
