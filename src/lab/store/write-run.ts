import { createHash } from 'node:crypto';
import { LabError } from '#lab/errors.ts';
import { bumpVersion } from './data-version.ts';
import type { Database, Queryable } from './database.ts';
import { queryOne } from './database.ts';
import type { Facts, NewMachine, NewMeasurement, NewRun, NewVariant, ResultFile } from './new-run.ts';

export interface WrittenRun {
  readonly id: number;
  readonly key: string;
  /** False when the file had been read before. */
  readonly isNew: boolean;
}

/** Writes all of a run or nothing. A file that is there already changes nothing. */
export async function writeRun(database: Database, run: NewRun, file: ResultFile): Promise<WrittenRun> {
  return database.transaction(async (transaction) => {
    const known = await findByDigest(transaction, file.digest);
    if (known !== undefined) return known;
    const id = await insertRun(transaction, run, file);
    await insertMeasurements(transaction, id, run.measurements);
    const [inserted] = await transaction.query<{ digest: string }>(
      'insert into result_file (digest, run_id, byte_count, received_at) values ($1, $2, $3, $4) on conflict do nothing returning digest',
      [file.digest, id, file.byteCount, file.receivedAt]);
    await transaction.query('insert into unfinished_run (run_id) values ($1) on conflict do nothing', [id]);
    await bumpVersion(transaction);
    return { id, key: run.key, isNew: inserted !== undefined };
  });
}

async function findByDigest(queryable: Queryable, digest: string): Promise<WrittenRun | undefined> {
  const [row] = await queryable.query<{ id: number; key: string }>(
    'select run.id, run.key from result_file join run on run.id = run_id where digest = $1', [digest]);
  return row === undefined ? undefined : { ...row, isNew: false };
}

/** A Codespeed client sends one run in many requests: the later ones add to it. */
async function insertRun(queryable: Queryable, run: NewRun, file: ResultFile): Promise<number> {
  const machine = await machineId(queryable, run.machine);
  const environment = await environmentId(queryable, machine, run.environment);
  const variant = await variantId(queryable, run.variant);
  const { id } = await queryOne<{ id: number }>(queryable, `
    insert into run (key, origin, machine_id, environment_id, variant_id, title, python_version, commit_id, commit_branch, commit_fork,
      commit_date, measured_at, received_at, load_average, governor, metadata, conditions, pull_number, pull_base)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16::jsonb, $17::jsonb, $18, $19)
    on conflict (key) do update set received_at = excluded.received_at
    returning id`,
  [run.key, run.origin, machine, environment, variant, run.title, run.pythonVersion, run.commit.id, run.commit.branch, run.commit.fork,
    run.commit.date, run.measuredAt, file.receivedAt, run.loadAverage, run.governor, JSON.stringify(run.metadata), JSON.stringify(run.conditions),
    run.pull?.number, run.pull?.base]);
  return id;
}

async function machineId(queryable: Queryable, machine: NewMachine): Promise<number> {
  const { id } = await queryOne<{ id: number }>(queryable, `
    insert into machine (name, architecture, system, processor, cpu_count, hostname) values ($1, $2, $3, $4, $5, $6)
    on conflict (name) do update set
      architecture = coalesce(nullif(excluded.architecture, ''), machine.architecture),
      system = coalesce(nullif(excluded.system, ''), machine.system),
      processor = coalesce(nullif(excluded.processor, ''), machine.processor),
      cpu_count = coalesce(excluded.cpu_count, machine.cpu_count), hostname = coalesce(excluded.hostname, machine.hostname)
    returning id`,
  [machine.name, machine.architecture, machine.system, machine.processor, machine.cpuCount, machine.hostname]);
  return id;
}

/** Equal facts in any order are one environment. */
export function fingerprintOf(facts: Facts): string {
  const sorted = Object.entries(facts).sort(([left], [right]) => (left < right ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16);
}

async function environmentId(queryable: Queryable, machine: number, facts: Facts): Promise<number> {
  const { id } = await queryOne<{ id: number }>(queryable, `
    insert into environment (machine_id, fingerprint, facts) values ($1, $2, $3::jsonb)
    on conflict (machine_id, fingerprint) do update set facts = excluded.facts returning id`,
  [machine, fingerprintOf(facts), JSON.stringify(facts)]);
  return id;
}

async function variantId(queryable: Queryable, variant: NewVariant): Promise<number> {
  const { id } = await queryOne<{ id: number }>(queryable, `
    insert into variant (name, implementation, flags) values ($1, $2, $3)
    on conflict (name) do update set implementation = excluded.implementation returning id`,
  [variant.name, variant.implementation, [...variant.flags]]);
  return id;
}

const recordType = `record(benchmark text, unit text, "lessIsBetter" boolean, description text, tags text[], mean double precision,
  "standardDeviation" double precision, "standardError" double precision, median double precision, minimum double precision, maximum double precision,
  "valueCount" integer, shape text, "loadAverage" double precision, "processMeans" double precision[], "peakMemory" double precision)`;

async function insertMeasurements(queryable: Queryable, run: number, measurements: readonly NewMeasurement[]): Promise<void> {
  // In the order of their names: two transactions that insert benchmarks must not wait for each other.
  await checkUnits(queryable, measurements);
  const rows = JSON.stringify([...measurements].sort((left, right) => (left.benchmark < right.benchmark ? -1 : 1)));
  await queryable.query(`
    insert into benchmark (name, unit, less_is_better, description, tags)
    select benchmark, unit, "lessIsBetter", description, coalesce(tags, '{}') from jsonb_to_recordset($1::jsonb) as ${recordType}
    on conflict (name) do update set description = coalesce(excluded.description, benchmark.description),
      tags = case when excluded.tags = '{}' then benchmark.tags else excluded.tags end`, [rows]);
  await queryable.query(`
    insert into measurement (run_id, benchmark_id, mean, standard_deviation, standard_error, median, minimum, maximum,
      value_count, shape, load_average, process_means, peak_memory)
    select $2, benchmark.id, mean, "standardDeviation", "standardError", median, minimum, maximum, "valueCount", shape, "loadAverage",
      "processMeans", "peakMemory"
    from jsonb_to_recordset($1::jsonb) as ${recordType} join benchmark on benchmark.name = record.benchmark
    on conflict (run_id, benchmark_id) do update set mean = excluded.mean, standard_deviation = excluded.standard_deviation,
      standard_error = excluded.standard_error, median = excluded.median, minimum = excluded.minimum, maximum = excluded.maximum, value_count = excluded.value_count, shape = excluded.shape, load_average = excluded.load_average,
      process_means = excluded.process_means, peak_memory = excluded.peak_memory`, [rows, run]);
}

/** The units of a benchmark are those of its first result. */
async function checkUnits(queryable: Queryable, measurements: readonly NewMeasurement[]): Promise<void> {
  const [wrong] = await queryable.query<{ benchmark: string; given: string; known: string }>(`
    select benchmark.name as benchmark, given.unit as given, benchmark.unit as known
    from unnest($1::text[], $2::text[]) as given (name, unit) join benchmark on benchmark.name = given.name
    where benchmark.unit <> given.unit order by benchmark.name limit 1`,
  [measurements.map((row) => row.benchmark), measurements.map((row) => row.unit)]);
  if (wrong !== undefined) throw new LabError('unit-differs', wrong);
}
