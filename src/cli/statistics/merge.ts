import type { AgentExit, AgentPlace, AgentRefusal, AgentStatistics, AgentUnit } from '#cli/statistics/agent-statistics.ts';
import type { CompileRecord, Dump, ExitPlace } from '#server/record.ts';

/** A way compiled code was left, and how often. */
export interface ExitCount {
  readonly kind: AgentExit['kind'];
  readonly reason: string;
  readonly name: string;
  readonly line: number;
  readonly count: number;
  readonly observed: string;
}

export type PlaceStatus = 'compiled' | 'disabled' | 'refused' | 'waiting';

/** Everything known about one loop or function entry: the agent's half and the server's half. */
export interface PlaceReport {
  readonly name: string;
  readonly file: string;
  readonly functionLine: number;
  readonly line: number;
  readonly kind: 'entry' | 'osr';
  readonly status: PlaceStatus;
  /** Why it is not compiled. */
  readonly refusal: { readonly code: string; readonly detail: string } | undefined;
  /** Units made for it; more than one when guards failed. */
  readonly units: number;
  readonly entries: number;
  readonly nanoseconds: number;
  readonly bytes: number;
  readonly compileMilliseconds: number;
  readonly exits: readonly ExitCount[];
  /** Calls of classes and operators that call out of the newest unit, with the reason. */
  readonly notInlined: readonly ExitPlace[];
  readonly dumps: readonly Dump[];
}

export interface RunReport {
  readonly wallMilliseconds: number;
  readonly compiledUnits: number;
  readonly refusedPlaces: number;
  /** Exits because an assumption did not hold. */
  readonly guardsFailed: number;
  readonly compiledNanoseconds: number;
  readonly places: readonly PlaceReport[];
}

interface Gathered {
  readonly place: AgentPlace;
  readonly units: AgentUnit[];
  readonly refusals: AgentRefusal[];
  readonly records: CompileRecord[];
}

/** Joins by place: file, function, kind and offset. */
function gather(statistics: AgentStatistics | undefined, records: readonly CompileRecord[]): readonly Gathered[] {
  const all = new Map<string, Gathered>();
  const at = (place: AgentPlace): Gathered => {
    const key = JSON.stringify([place.file, place.code, place.line, place.kind, place.offset]);
    const found = all.get(key) ?? { place, units: [], refusals: [], records: [] };
    all.set(key, found);
    return found;
  };
  for (const record of records) {
    at({ code: record.name, file: record.filename, line: record.firstlineno, placeLine: record.line, kind: record.kind, offset: record.offset }).records.push(record);
  }
  for (const unit of statistics?.unit_list ?? []) at(unit).units.push(unit);
  for (const refusal of statistics?.refusals ?? []) at(refusal).refusals.push(refusal);
  return [...all.values()];
}

function sum<T>(items: readonly T[], value: (item: T) => number): number {
  return items.reduce((total, item) => total + value(item), 0);
}

function statusOf({ units, refusals, records }: Gathered): PlaceStatus {
  if (units.some((unit) => !unit.disabled)) return 'compiled';
  if (units.length > 0) return 'disabled';
  if (records.at(-1)?.refused !== undefined) return 'refused';
  const isWaiting = refusals.some((refusal) => refusal.reason === 'in flight');
  return refusals.length > 0 && !isWaiting ? 'refused' : 'waiting';
}

function refusalOf({ refusals, records }: Gathered): PlaceReport['refusal'] {
  const ofServer = records.findLast((record) => record.refused !== undefined)?.refused;
  if (ofServer !== undefined) return ofServer;
  const [ofAgent] = refusals;
  return ofAgent === undefined ? undefined : { code: ofAgent.reason, detail: '' };
}

/** Exits of all units of a place, equal ones added up, the most frequent first. */
function exitsOf({ place, units, records }: Gathered): ExitCount[] {
  const counts = new Map<string, ExitCount>();
  const places = records.findLast((record) => record.refused === undefined)?.exits ?? [];
  for (const unit of units) {
    for (const exit of unit.exits) {
      const reason = unit.text.find((row) => row.exit === exit.exit)?.reason ?? exit.kind;
      const source = places.find((candidate) => candidate.offset === exit.offset && candidate.reason === reason);
      const name = source?.name ?? place.code;
      const line = source?.line ?? place.line;
      const key = JSON.stringify([exit.kind, reason, name, line, exit.observed]);
      const count = exit.taken + (counts.get(key)?.count ?? 0);
      counts.set(key, { kind: exit.kind, reason, name, line, observed: exit.observed, count });
    }
  }
  return [...counts.values()].sort((left, right) => right.count - left.count);
}

function reportPlace(gathered: Gathered): PlaceReport {
  const { place, units, records } = gathered;
  const status = statusOf(gathered);
  return {
    name: place.code,
    file: place.file,
    functionLine: place.line,
    line: records[0]?.line ?? place.placeLine,
    kind: place.kind,
    status,
    refusal: status === 'refused' ? refusalOf(gathered) : undefined,
    units: Math.max(units.length, records.filter((record) => record.refused === undefined).length),
    entries: sum(units, (unit) => unit.entries),
    nanoseconds: sum(units, (unit) => unit.nanoseconds),
    bytes: sum(units, (unit) => unit.bytes),
    compileMilliseconds: sum(records, (record) => record.milliseconds),
    exits: exitsOf(gathered),
    notInlined: records.findLast((record) => record.refused === undefined)?.notInlined ?? [],
    dumps: records.flatMap((record) => record.dumps),
  };
}

export function mergeReport(statistics: AgentStatistics | undefined, records: readonly CompileRecord[], wallMilliseconds: number): RunReport {
  const places = gather(statistics, records).map(reportPlace).sort((left, right) => right.nanoseconds - left.nanoseconds);
  return {
    wallMilliseconds,
    compiledUnits: sum(places, (place) => place.units),
    refusedPlaces: places.filter((place) => place.status === 'refused').length,
    guardsFailed: sum(places.flatMap((place) => place.exits.filter((exit) => exit.kind === 'deopt')), (exit) => exit.count),
    compiledNanoseconds: sum(places, (place) => place.nanoseconds),
    places,
  };
}
