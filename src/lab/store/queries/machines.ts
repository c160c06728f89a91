import type { Queryable } from '#lab/store/database.ts';
import type { Facts } from '#lab/store/new-run.ts';

/** A stretch of runs of one machine in one environment: figures before and after it are not of the same conditions. */
export interface Epoch {
  readonly fingerprint: string;
  readonly facts: Facts;
  readonly firstRun: string;
  readonly since: Date;
  readonly until: Date;
  readonly runs: number;
  /** The names of the facts that differ from the epoch before. */
  readonly changed: readonly string[];
}

export interface MachineSummary {
  readonly name: string;
  readonly architecture: string;
  readonly system: string;
  readonly processor: string;
  readonly cpuCount: number | null;
  /** Not for anonymous readers. */
  readonly hostname: string | null;
  readonly runs: number;
  readonly variants: readonly string[];
  readonly firstRunAt: Date | null;
  readonly lastRunAt: Date | null;
}

export interface MachineDetails extends MachineSummary {
  readonly epochs: readonly Epoch[];
}

export async function listMachines(database: Queryable): Promise<readonly MachineSummary[]> {
  return database.query<MachineSummary>(`${selectMachines} group by machine.id order by machine.name`);
}

const selectMachines = `
  select machine.name, architecture, system, processor, cpu_count as "cpuCount", hostname, count(run.id)::integer as runs,
    coalesce(array_agg(distinct variant.name) filter (where variant.name is not null), '{}') as variants,
    min(run.measured_at) as "firstRunAt", max(run.measured_at) as "lastRunAt"
  from machine left join run on run.machine_id = machine.id left join variant on variant.id = run.variant_id`;

export async function findMachine(database: Queryable, name: string): Promise<MachineDetails | undefined> {
  const [machine] = await database.query<MachineSummary>(`${selectMachines} where machine.name = $1 group by machine.id`, [name]);
  return machine === undefined ? undefined : { ...machine, epochs: await epochsOf(database, name) };
}

/** Oldest first. Runs of all variants count: they share the machine. */
async function epochsOf(database: Queryable, machine: string): Promise<readonly Epoch[]> {
  const rows = await database.query<Omit<Epoch, 'changed'>>(`
    with steps as (
      select run.key, run.measured_at, run.environment_id, row_number() over (order by measured_at, run.id)
        - row_number() over (partition by environment_id order by measured_at, run.id) as stretch
      from run join machine on machine.id = run.machine_id where machine.name = $1)
    select fingerprint, facts, (array_agg(key order by measured_at))[1] as "firstRun", min(measured_at) as since, max(measured_at) as until,
      count(*)::integer as runs
    from steps join environment on environment.id = environment_id group by environment.id, stretch order by since`, [machine]);
  return rows.map((row, index) => ({ ...row, changed: changedFacts(rows[index - 1]?.facts, row.facts) }));
}

function changedFacts(before: Facts | undefined, after: Facts): readonly string[] {
  if (before === undefined) return [];
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => before[name] !== after[name]).sort();
}
