import { createHash } from 'node:crypto';
import type { Environment } from '#lab/analysis/environment.ts';
import { environmentOf } from '#lab/analysis/environment.ts';
import type { Metadata } from '#lab/format/metadata.ts';
import { numberOf, textOf } from '#lab/format/metadata.ts';
import type { Suite } from '#lab/format/pyperf.ts';
import { readSuite } from '#lab/format/pyperf.ts';
import { LabError } from '#lab/errors.ts';
import type { Facts, NewCommit, NewMachine, NewRun } from '#lab/store/new-run.ts';
import type { RawContext, RawFile } from '#lab/store/raw-files.ts';
import { parseBenchRunnerName } from './bench-runner-name.ts';
import { summarise } from './summarise.ts';
import { variantOf } from './variant.ts';

/** The key is what links name a run by: 64 bits of the digest are unique enough, and short enough to read out. */
const keyLength = 16;

/** Reads a file of pyperf as a run; whatever is wrong with it is an error that says where. */
export function readPyperfRun({ digest, context, bytes }: RawFile): NewRun {
  const suite = readSuite(bytes, context.name);
  const metadata = suiteMetadata(suite);
  const conditions = environmentOf(suite);
  const name = parseBenchRunnerName(context.name);
  const measurements = suite.benchmarks.flatMap((benchmark) => summarise(benchmark) ?? []);
  if (measurements.length === 0) throw new LabError('result-without-values', { name: context.name });
  const variant = variantOf(metadata, name?.flags);
  const pythonVersion = name?.version ?? /^\S+/.exec(textOf(metadata, 'python_version') ?? '')?.[0] ?? 'unknown';
  const machine = machineOf(metadata, context, name?.machine);
  const commit = commitOf(metadata, context.commit, name?.fork);
  return {
    key: digest.slice(0, keyLength), origin: 'pyperf', machine, environment: factsOf(conditions), variant, pythonVersion, commit,
    title: [variant.name, pythonVersion, commit.id?.slice(0, 7), `on ${machine.name}`].filter((part) => part !== undefined).join(' '),
    measuredAt: measuredAt(suite) ?? new Date(context.receivedAt), loadAverage: conditions.load, governor: conditions.governor, conditions,
    metadata: suite.metadata, measurements, pull: context.pull,
  };
}

/** What most benchmarks have: one that runs a command, say, has no `python_compiler`, and is not common to all for that reason. */
function suiteMetadata(suite: Suite): Metadata {
  const counts = new Map<string, number>();
  const merged = new Map<string, Metadata[string]>();
  for (const { metadata } of suite.benchmarks) {
    for (const [key, value] of Object.entries(metadata)) {
      const entry = JSON.stringify([key, value]);
      const count = (counts.get(entry) ?? 0) + 1;
      counts.set(entry, count);
      if (count * 2 > suite.benchmarks.length) merged.set(key, value);
    }
  }
  return Object.fromEntries(merged);
}

function machineOf(metadata: Metadata, context: RawContext, nickname: string | undefined): NewMachine {
  const platform = textOf(metadata, 'platform') ?? '';
  const hostname = textOf(metadata, 'hostname');
  const architecture = /(aarch64|arm64|x86_64|AMD64|armv\d\w*|riscv64|ppc64le|s390x|i\d86)/i.exec(platform)?.[1] ?? textOf(metadata, 'cpu_machine') ?? '';
  return {
    name: context.machine ?? nickname ?? neutralName(architecture, hostname), architecture, system: platform,
    processor: textOf(metadata, 'cpu_model_name') ?? textOf(metadata, 'cpu_part_name') ?? '',
    cpuCount: numberOf(metadata, 'cpu_count'), hostname,
  };
}

/** Machines have public names, host names are private. */
function neutralName(architecture: string, hostname: string | undefined): string {
  const digest = createHash('sha256').update(hostname ?? '').digest('hex').slice(0, 4);
  return `${architecture === '' ? 'machine' : architecture}-${digest}`;
}

function commitOf(metadata: Metadata, said: string | undefined, fork: string | undefined): NewCommit {
  const date = parseDate(textOf(metadata, 'commit_date'));
  return {
    id: textOf(metadata, 'commit_id') ?? said, branch: textOf(metadata, 'commit_branch'), fork: textOf(metadata, 'commit_fork') ?? fork, date,
  };
}

/** The start of the first process. pyperf writes local time without a zone; it is taken as UTC. */
function measuredAt(suite: Suite): Date | undefined {
  const dates = suite.benchmarks.flatMap((benchmark) => benchmark.runs.map((run) => textOf(run.metadata, 'date') ?? ''))
    .filter((text) => text !== '').sort();
  return parseDate(dates[0]);
}

export function parseDate(text: string | undefined): Date | undefined {
  const match = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)\s*(Z|[+-]\d\d:?\d\d)?$/.exec(text ?? '');
  if (match === null) return undefined;
  const date = new Date(`${match[1]}T${match[2]}${match[3] ?? 'Z'}`);
  return Number.isNaN(date.getTime()) ? undefined : date;
}

/** The environment that all variants on a machine share: how Python was configured is a matter of the variant, and the host name is private. */
function factsOf({ identity, governor, isolated }: Environment): Facts {
  const { host: _, configuration: __, ...shared } = identity;
  return { ...shared, ...(governor === undefined ? {} : { governor }), ...(isolated === undefined ? {} : { isolated: String(isolated) }) };
}
