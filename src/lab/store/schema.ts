/**
 * The tables. A migration is never changed once it was released: another one is added. The result files are the source of
 * truth (raw-files.ts); everything here but the tokens and the states of changes, which the journal has too, comes from them.
 */
export const migrations: readonly string[] = [
  `
  create table machine (
    id integer generated always as identity primary key,
    name text not null unique,
    architecture text not null,
    system text not null,
    processor text not null,
    cpu_count integer,
    hostname text
  );

  -- What may move results without any change of the program: kernel, governor, isolation, versions of the tools.
  create table environment (
    id integer generated always as identity primary key,
    machine_id integer not null references machine,
    fingerprint text not null,
    facts jsonb not null,
    unique (machine_id, fingerprint)
  );

  -- What is measured: an implementation of Python with the flags it was built or started with.
  create table variant (
    id integer generated always as identity primary key,
    name text not null unique,
    implementation text not null,
    flags text[] not null
  );

  create table benchmark (
    id integer generated always as identity primary key,
    name text not null unique,
    unit text not null,
    less_is_better boolean not null default true,
    description text,
    tags text[] not null default '{}'
  );

  create table run (
    id integer generated always as identity primary key,
    key text not null unique,
    origin text not null check (origin in ('pyperf', 'codespeed')),
    machine_id integer not null references machine,
    environment_id integer not null references environment,
    variant_id integer not null references variant,
    title text not null,
    python_version text not null,
    commit_id text,
    commit_branch text,
    commit_fork text,
    commit_date timestamptz,
    measured_at timestamptz not null,
    received_at timestamptz not null,
    load_average double precision,
    governor text,
    -- What the quality gate of #lab/analysis looks at.
    conditions jsonb not null,
    -- What it and the detector of changes found: 'suspect' when the whole suite moved, 'quarantined' when the environment was at fault.
    quality text not null default 'ok' check (quality in ('ok', 'suspect', 'quarantined')),
    quality_reasons text[] not null default '{}',
    suite_ratio double precision,
    epoch integer,
    metadata jsonb not null
  );
  create index run_series on run (machine_id, variant_id, measured_at);
  create index run_commit on run (commit_id);

  -- One file of a pyperf run; as many as there were requests of a Codespeed client.
  create table result_file (
    digest text primary key,
    run_id integer not null references run on delete cascade,
    byte_count integer not null,
    received_at timestamptz not null
  );
  create index result_file_run on result_file (run_id);

  create table measurement (
    run_id integer not null references run on delete cascade,
    benchmark_id integer not null references benchmark,
    mean double precision not null,
    standard_deviation double precision,
    -- Of the mean, over the means of the processes: values of one process are not independent.
    standard_error double precision,
    median double precision,
    minimum double precision,
    maximum double precision,
    value_count integer not null,
    -- As in '20x3': 20 processes with 3 values each.
    shape text not null,
    load_average double precision,
    process_means double precision[] not null,
    peak_memory double precision,
    primary key (run_id, benchmark_id)
  );
  create index measurement_benchmark on measurement (benchmark_id, run_id);

  create table change (
    id integer generated always as identity primary key,
    key text not null unique,
    machine_id integer not null references machine,
    variant_id integer not null references variant,
    -- Null for an event of the whole suite.
    benchmark_id integer references benchmark,
    kind text not null check (kind in ('step', 'suite-shift', 'environment', 'epoch')),
    run_id integer not null references run on delete cascade,
    previous_run_id integer references run on delete cascade,
    ratio double precision not null,
    p_value double precision,
    detail text not null default '',
    state text not null default 'new' check (state in ('new', 'confirmed', 'investigating', 'accepted', 'fixed', 'invalid')),
    note text not null default '',
    detected_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    updated_by text
  );
  create index change_series on change (machine_id, variant_id, benchmark_id);
  create index change_run on change (run_id);

  create table token (
    id text primary key,
    name text not null,
    scope text not null check (scope in ('submit', 'read', 'administer')),
    machine text,
    hash text not null,
    created_at timestamptz not null,
    revoked_at timestamptz
  );
  `,
  `
  -- One row: see data-version.ts.
  create table data_version (number integer not null);
  insert into data_version values (0);
  `,
  `
  -- Everything that was said of a change, in order; the row of the change has the last.
  create table change_decision (
    id integer generated always as identity primary key,
    change_id integer not null references change on delete cascade,
    state text not null,
    note text not null,
    decided_by text not null,
    decided_at timestamptz not null
  );
  create index change_decision_change on change_decision (change_id);
  insert into change_decision (change_id, state, note, decided_by, decided_at)
    select id, state, note, updated_by, updated_at from change where updated_by is not null;

  -- Who asked for jobs: one row for each set of CPUs of a machine.
  create table runner (
    machine text not null,
    cpus text not null,
    pythons text[] not null,
    seen_at timestamptz not null,
    primary key (machine, cpus)
  );
  -- The last one that each job was given to.
  create table lease (
    job_id uuid primary key,
    machine text not null,
    cpus text not null,
    began_at timestamptz not null
  );
  `,
  `
  -- Of a run of a pull request: its number, and the commit that it is compared with.
  alter table run add column pull_number integer, add column pull_base text;
  create index run_pull_base on run (machine_id, variant_id) where pull_number is not null;
  `,
  `
  -- Runs that came in and were not yet judged and reported: what a process that ended left to do is done by the next one.
  create table unfinished_run (run_id integer primary key references run on delete cascade);
  `,
];
