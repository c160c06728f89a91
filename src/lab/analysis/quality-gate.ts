import type { Environment } from '#lab/analysis/environment.ts';
import { median } from '#lab/statistics/descriptive.ts';

/** Something about a night that is known before any time is looked at. */
export interface Issue {
  readonly kind: 'governor' | 'load' | 'isolation' | 'missing-benchmarks' | 'shape' | 'reboot';
  /** After a fault no benchmark is blamed for what this night shows, and the night is no reference for others. */
  readonly severity: 'fault' | 'note';
  readonly detail: string;
}

/** What the gate knows of a night. */
export interface GatedNight {
  readonly environment: Environment;
  readonly names: ReadonlySet<string>;
  readonly shapes: ReadonlyMap<string, string>;
}

/** What is usual is what the last ten nights were: after six nights, what was odd is usual. */
export const gateMemory = 10;
/** With fewer nights than this nothing is usual yet. */
const leastMemory = 3;

function mostFrequent<T>(values: readonly T[]): T | undefined {
  const counts = new Map<T, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].reduce<readonly [T, number] | undefined>((best, entry) => (best === undefined || entry[1] > best[1] ? entry : best), undefined)?.[0];
}

/** Without a past, only a fixed frequency is trusted; a machine that always runs another governor gets used to it. */
function governorIssue(night: GatedNight, past: readonly GatedNight[]): Issue | undefined {
  const { governor } = night.environment;
  if (governor === undefined) return undefined;
  const usual = past.length < leastMemory ? 'performance' : mostFrequent(past.map(({ environment }) => environment.governor));
  if (governor === usual) return undefined;
  return { kind: 'governor', severity: 'fault', detail: `frequency governor ${governor}, expected ${usual ?? 'none'}` };
}

/** Of a quiet machine, the load is that of the benchmark itself, about 1. */
export function loadLimit(loads: readonly number[]): number {
  if (loads.length < leastMemory) return Infinity;
  const usual = median(loads);
  return Math.max(2 * usual, usual + 1);
}

const loadsOf = (past: readonly GatedNight[]): number[] => past.map(({ environment }) => environment.load).filter((load) => load !== undefined);

/** The load beyond which a benchmark was not alone. */
export function loadLimitOf(past: readonly GatedNight[]): number {
  return loadLimit(loadsOf(past));
}

function loadIssue(night: GatedNight, past: readonly GatedNight[]): Issue | undefined {
  const { load } = night.environment;
  const limit = loadLimitOf(past);
  if (load === undefined || load <= limit) return undefined;
  return { kind: 'load', severity: 'fault', detail: `load average ${load.toFixed(1)}, usually ${median(loadsOf(past)).toFixed(1)}` };
}

function isolationIssue(night: GatedNight, past: readonly GatedNight[]): Issue | undefined {
  if (past.length < leastMemory || night.environment.isolated !== false) return undefined;
  if (mostFrequent(past.map(({ environment }) => environment.isolated)) !== true) return undefined;
  return { kind: 'isolation', severity: 'fault', detail: 'the CPUs are no longer isolated' };
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5).join(', ');
  return names.length > 5 ? `${shown} and ${names.length - 5} more` : shown;
}

function missingIssue(night: GatedNight, last: GatedNight | undefined): Issue | undefined {
  const missing = [...last?.names ?? []].filter((name) => !night.names.has(name));
  if (missing.length === 0) return undefined;
  const severity = missing.length > (last?.names.size ?? 0) / 2 ? 'fault' : 'note';
  return { kind: 'missing-benchmarks', severity, detail: `missing since the night before: ${listed(missing)}` };
}

function shapeIssue(night: GatedNight, last: GatedNight | undefined): Issue | undefined {
  const changed = [...night.shapes].filter(([name, shape]) => (last?.shapes.get(name) ?? shape) !== shape)
    .map(([name, shape]) => `${name} ${last?.shapes.get(name) ?? ''} → ${shape}`);
  return changed.length === 0 ? undefined : { kind: 'shape', severity: 'note', detail: `processes x values changed: ${listed(changed)}` };
}

/** pyperf reckons the time of boot from the uptime: it moves by a second without a reboot. */
const samePoint = (before: string, after: string): boolean => Math.abs(Date.parse(before.replace(' ', 'T')) - Date.parse(after.replace(' ', 'T'))) < 120_000;

function rebootIssue(night: GatedNight, last: GatedNight | undefined): Issue | undefined {
  const [before, after] = [last?.environment.bootTime, night.environment.bootTime];
  if (before === undefined || after === undefined || samePoint(before, after)) return undefined;
  return { kind: 'reboot', severity: 'note', detail: `started at ${after}` };
}

/** `past`: the nights before on this machine with this configuration, oldest first. */
export function issuesOf(night: GatedNight, past: readonly GatedNight[]): Issue[] {
  const memory = past.slice(-gateMemory);
  const last = memory.at(-1);
  return [governorIssue(night, memory), loadIssue(night, memory), isolationIssue(night, memory),
    missingIssue(night, last), shapeIssue(night, last), rebootIssue(night, last)].filter((issue) => issue !== undefined);
}
