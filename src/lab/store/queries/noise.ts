import type { Queryable } from '#lab/store/database.ts';

/** What a machine calls noise: how much the mean of one benchmark differs from night to night when nothing changed. */
export interface MachineNoise {
  readonly variant: string;
  /** The median over benchmarks of the median step between runs that follow each other in one environment, as a share. */
  readonly share: number;
  readonly benchmarks: number;
  /** Those that were looked at. */
  readonly runs: number;
}

/** What was before does not tell how a machine is now, and reading it would take long. */
const recentRuns = 60;
const fewestSteps = 4;

/** Of each variant that has enough runs to tell. */
export async function noiseOfMachine(database: Queryable, machine: string): Promise<readonly MachineNoise[]> {
  return database.query<MachineNoise>(`
    with numbered as (
      select run.id, run.variant_id, run.environment_id, run.quality, row_number() over (partition by variant_id order by measured_at desc, run.id desc) as position
      from run join machine on machine.id = run.machine_id where machine.name = $1),
    recent as (select * from numbered where position <= $2),
    steps as (
      select head.variant_id, after.benchmark_id, abs(ln(after.mean / before.mean)) as step
      from recent as head join recent as base on base.variant_id = head.variant_id and base.position = head.position + 1 and base.environment_id = head.environment_id
        join measurement as after on after.run_id = head.id join measurement as before on before.run_id = base.id and before.benchmark_id = after.benchmark_id
      where head.quality = 'ok' and base.quality = 'ok' and after.mean > 0 and before.mean > 0),
    benchmarks as (
      select variant_id, percentile_cont(0.5) within group (order by step) as step from steps group by variant_id, benchmark_id having count(*) >= $3)
    select variant.name as variant, percentile_cont(0.5) within group (order by step) as share, count(*)::integer as benchmarks,
      (select count(*)::integer from recent where recent.variant_id = variant.id) as runs
    from benchmarks join variant on variant.id = variant_id group by variant.id order by variant.name`, [machine, recentRuns, fewestSteps]);
}
