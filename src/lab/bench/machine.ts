import { hostname } from 'node:os';
import type { Metadata } from '#lab/format/metadata.ts';
import { implementerName, partName } from '#lab/bench/arm-parts.ts';
import { formatCpuList, parseCpuList } from '#lab/bench/cpu-list.ts';
import type { MachineFiles } from '#lab/bench/machine-files.ts';

const cpuDirectory = 'sys/devices/system/cpu';

/** One processor as /proc/cpuinfo shows it, by the names used there. */
type CpuFields = ReadonlyMap<string, string>;

/** A kind of core of an Arm processor. */
export interface CoreKind {
  readonly name: string;
  readonly implementer: number;
  readonly part: number;
  /** `r4p1`, as Arm writes variant and revision. */
  readonly revision: string;
  readonly cpus: readonly number[];
}

/** Processors of /proc/cpuinfo; what stands there for the whole machine (`Model`, `Serial`) is left out. */
function processors(files: MachineFiles): ReadonlyMap<number, CpuFields> {
  const found = new Map<number, CpuFields>();
  for (const block of (files.read('proc/cpuinfo') ?? '').split(/\n\s*\n/)) {
    const fields = new Map(block.split('\n').flatMap((line): [string, string][] => {
      const colon = line.indexOf(':');
      return colon < 0 ? [] : [[line.slice(0, colon).trim(), line.slice(colon + 1).trim()]];
    }));
    const number = Number(fields.get('processor') ?? Number.NaN);
    if (Number.isInteger(number)) found.set(number, fields);
  }
  return found;
}

/** Empty on a processor of another make than Arm. */
export function coreKinds(files: MachineFiles): readonly CoreKind[] {
  const kinds = new Map<string, CoreKind & { readonly cpus: number[] }>();
  for (const [cpu, fields] of processors(files)) {
    const implementer = Number(fields.get('CPU implementer') ?? Number.NaN);
    const part = Number(fields.get('CPU part') ?? Number.NaN);
    if (Number.isNaN(implementer) || Number.isNaN(part)) continue;
    const revision = `r${Number(fields.get('CPU variant') ?? 0)}p${fields.get('CPU revision') ?? '0'}`;
    const key = `${implementer} ${part} ${revision}`;
    const kind = kinds.get(key) ?? { name: partName(implementer, part), implementer, part, revision, cpus: [] };
    kind.cpus.push(cpu);
    kinds.set(key, kind);
  }
  return [...kinds.values()];
}

/** Groups processors by what is said of each: `0-3=A; 4-7=B`, the form of pyperf's `cpu_config`. */
function grouped(cpus: readonly number[], say: (cpu: number) => string | undefined): readonly string[] {
  const groups = new Map<string, number[]>();
  for (const cpu of cpus) {
    const text = say(cpu);
    if (text !== undefined) groups.set(text, [...(groups.get(text) ?? []), cpu]);
  }
  return [...groups].map(([text, members]) => `${formatCpuList(members)}=${text}`);
}

function listOf(files: MachineFiles, path: string): readonly number[] {
  return parseCpuList(files.read(path) ?? '') ?? [];
}

export function onlineCpus(files: MachineFiles): readonly number[] {
  const online = listOf(files, `${cpuDirectory}/online`);
  return online.length > 0 ? online : [...processors(files).keys()];
}

export function isolatedCpus(files: MachineFiles): readonly number[] {
  return listOf(files, `${cpuDirectory}/isolated`);
}

function configuration(files: MachineFiles, cpus: readonly number[]): string | undefined {
  const isolated = new Set(isolatedCpus(files));
  const withoutTicks = new Set(listOf(files, `${cpuDirectory}/nohz_full`));
  const groups = grouped(cpus, (cpu) => {
    const driver = files.read(`${cpuDirectory}/cpu${cpu}/cpufreq/scaling_driver`);
    const governor = files.read(`${cpuDirectory}/cpu${cpu}/cpufreq/scaling_governor`);
    const parts = [
      ...(driver === undefined ? [] : [`driver:${driver}`]), ...(governor === undefined ? [] : [`governor:${governor}`]),
      ...(withoutTicks.has(cpu) ? ['nohz_full'] : []), ...(isolated.has(cpu) ? ['isolated'] : []),
    ];
    return parts.length === 0 ? undefined : parts.join(', ');
  });
  const idle = files.read(`${cpuDirectory}/cpuidle/current_driver`);
  const all = [...groups, ...(idle === undefined ? [] : [`idle:${idle}`])];
  return all.length === 0 ? undefined : all.join('; ');
}

const megahertz = (kilohertz: string): string => String(Math.round(Number(kilohertz) / 1000));

/** What the hardware can do, and what the system allows when that is less. */
function frequencyLimits(files: MachineFiles, cpus: readonly number[]): string | undefined {
  const groups = grouped(cpus, (cpu) => {
    const read = (name: string): string | undefined => files.read(`${cpuDirectory}/cpu${cpu}/cpufreq/${name}`);
    const [least, most] = [read('cpuinfo_min_freq'), read('cpuinfo_max_freq')];
    if (least === undefined || most === undefined) return undefined;
    const [lower, upper] = [read('scaling_min_freq') ?? least, read('scaling_max_freq') ?? most];
    const limited = lower === least && upper === most ? '' : ` (limited to ${megahertz(lower)}-${megahertz(upper)} MHz)`;
    return `${megahertz(least)}-${megahertz(most)} MHz${limited}`;
  });
  return groups.length === 0 ? undefined : groups.join('; ');
}

const addressSpaceLayouts = ['No randomization', 'Conservative randomization', 'Full randomization'];

function armMetadata(files: MachineFiles): Record<string, string | undefined> {
  const kinds = coreKinds(files);
  if (kinds.length === 0) return {};
  const hexadecimal = (value: number): string => `0x${value.toString(16)}`;
  const unique = (texts: readonly string[]): string => [...new Set(texts)].join(', ');
  // A feature counts when every core has it: a program may be moved.
  const sets = [...processors(files).values()].map((fields) => fields.get('Features')?.split(/\s+/) ?? []);
  const features = (sets[0] ?? []).filter((feature) => sets.every((set) => set.includes(feature)));
  const vector = ['sve2', 'sve'].find((feature) => features.includes(feature));
  const vectorBytes = files.read('proc/sys/abi/sve_default_vector_length');
  return {
    cpu_model_name: unique(kinds.map((kind) => `${implementerName(kind.implementer)} ${kind.name}`)),
    cpu_implementer: unique(kinds.map((kind) => `${implementerName(kind.implementer)} (${hexadecimal(kind.implementer)})`)),
    cpu_part: unique(kinds.map((kind) => `${kind.name} (${hexadecimal(kind.part)})`)),
    cpu_core_kinds: kinds.map((kind) => `${formatCpuList(kind.cpus)}=${kind.cpus.length} ${kind.name} ${kind.revision}`).join('; '),
    cpu_features: features.join(' '),
    cpu_lse: features.includes('atomics') ? 'yes' : 'no',
    cpu_sve: vector === undefined ? 'no' : `${vector}${vectorBytes === undefined ? '' : `, ${Number(vectorBytes) * 8} bits`}`,
    board: files.read('proc/device-tree/model')?.replaceAll('\0', ''),
  };
}

/** In local time without a zone, as pyperf writes dates. */
export function formatDate(date: Date): string {
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().replace('T', ' ').replace('Z', '');
}

function defined(values: Readonly<Record<string, string | number | undefined>>): Metadata {
  return Object.fromEntries(Object.entries(values).flatMap(([name, value]) =>
    (value === undefined || value === '' || Number.isNaN(value) ? [] : [[name, value]])));
}

const startOfSystem = (files: MachineFiles): number => Number(/^btime (\d+)/m.exec(files.read('proc/stat') ?? '')?.[1] ?? Number.NaN);

/**
 * What does not change while benchmarks run: names and forms of pyperf for what pyperf knows, and what it does not find out on Arm
 * (`cpu_model_name`, core kinds, features, page size, limits of the frequency).
 */
export function machineMetadata(files: MachineFiles, affinity: readonly number[] | undefined, host = hostname()): Metadata {
  const cpus = affinity ?? onlineCpus(files);
  const boot = startOfSystem(files);
  const pageKilobytes = /^KernelPageSize:\s+(\d+) kB/m.exec(files.read('proc/self/smaps') ?? '')?.[1];
  return defined({
    aslr: addressSpaceLayouts[Number(files.read('proc/sys/kernel/randomize_va_space') ?? Number.NaN)],
    boot_time: Number.isNaN(boot) ? undefined : formatDate(new Date(boot * 1000)).slice(0, 19),
    cpu_affinity: affinity === undefined ? undefined : formatCpuList(affinity),
    cpu_config: configuration(files, cpus),
    cpu_count: onlineCpus(files).length,
    cpu_frequency_limits: frequencyLimits(files, cpus),
    cpu_model_name: [...processors(files).values()][0]?.get('model name'),
    hostname: host,
    page_size: pageKilobytes === undefined ? undefined : Number(pageKilobytes) * 1024,
    ...armMetadata(files),
  });
}

function frequencies(files: MachineFiles, cpus: readonly number[]): string | undefined {
  const known = processors(files);
  const groups = grouped(cpus, (cpu) => {
    const kilohertz = files.read(`${cpuDirectory}/cpu${cpu}/cpufreq/scaling_cur_freq`);
    if (kilohertz !== undefined) return `${megahertz(kilohertz)} MHz`;
    const mhz = known.get(cpu)?.get('cpu MHz');
    return mhz === undefined ? undefined : `${Math.round(Number(mhz))} MHz`;
  });
  return groups.length === 0 ? undefined : groups.join('; ');
}

/** pyperf knows the sensors of Intel only. */
function temperatures(files: MachineFiles): string | undefined {
  const zones = 'sys/class/thermal';
  const texts = files.list(zones).filter((name) => name.startsWith('thermal_zone')).sort().flatMap((name) => {
    const millidegrees = Number(files.read(`${zones}/${name}/temp`) ?? Number.NaN);
    return Number.isNaN(millidegrees) ? [] : [`${files.read(`${zones}/${name}/type`) ?? name}=${Math.round(millidegrees / 1000)} C`];
  });
  return texts.length === 0 ? undefined : texts.join(', ');
}

/** The state of the machine at the end of one process. */
export function momentMetadata(files: MachineFiles, affinity: readonly number[] | undefined, now = new Date()): Metadata {
  const load = (files.read('proc/loadavg') ?? '').split(' ');
  const boot = startOfSystem(files);
  return defined({
    date: formatDate(now),
    load_avg_1min: Number.parseFloat(load[0] ?? ''),
    runnable_threads: Number.parseInt(load[3] ?? '', 10),
    uptime: now.getTime() / 1000 - boot,
    cpu_freq: frequencies(files, affinity ?? onlineCpus(files)),
    cpu_temp: temperatures(files),
  });
}
