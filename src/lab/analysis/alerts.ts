import type { Change, NightReport } from '#lab/analysis/night.ts';

/** One thing to tell a person about a night. */
export type Alert =
  /** The environment was wrong: measure again. */
  | { readonly kind: 'environment'; readonly details: readonly string[] }
  /** Something the figures depend on was exchanged: levels before and after are not compared. */
  | { readonly kind: 'epoch'; readonly details: readonly string[] }
  /** The suite as a whole, or a good part of it, is not where it was. */
  | { readonly kind: 'suite'; readonly since: string; readonly ratio: number; readonly benchmarks: readonly string[] }
  /** Smaller changes that began with a shift of the suite, found later than the shift itself. */
  | { readonly kind: 'suite-part'; readonly since: string; readonly changes: readonly Change[] }
  /** Several benchmarks changed in the same night: one cause, one alert. */
  | { readonly kind: 'group'; readonly since: string; readonly changes: readonly Change[] }
  /** Several more are told in one night, of different first nights: too many to look at each, so likely builds or the machine. */
  | { readonly kind: 'several'; readonly changes: readonly Change[] }
  | { readonly kind: 'benchmark'; readonly change: Change };

/** So many benchmarks with the same first night are one alert. */
const leastGroup = 3;
/** More alerts of single benchmarks than this nobody follows up in a day. */
export const mostSingle = 2;
/** The first night of a small change is found to within a night. */
const tolerance = 1;

/** Changes whose first nights are the same or the next one. */
function clusters(changes: readonly Change[], order: (night: string) => number): Change[][] {
  const sorted = [...changes].sort((left, right) => order(left.since) - order(right.since));
  const result: Change[][] = [];
  for (const change of sorted) {
    const last = result.at(-1);
    const first = last?.[0];
    if (last !== undefined && first !== undefined && order(change.since) - order(first.since) <= tolerance) last.push(change);
    else result.push([change]);
  }
  return result;
}

/** Some of a group are sure a night earlier than others: those told before count too. */
function changeAlerts(changes: readonly Change[], told: readonly Change[], order: (night: string) => number): Alert[] {
  const found = clusters([...changes, ...told], order)
    .map((cluster) => ({ isGroup: cluster.length >= leastGroup, changes: cluster.filter((change) => changes.includes(change)) }));
  const groups = found.filter((cluster) => cluster.isGroup && cluster.changes.length > 0)
    .map((cluster): Alert => ({ kind: 'group', since: cluster.changes[0]?.since ?? '', changes: cluster.changes }));
  const rest = found.filter((cluster) => !cluster.isGroup).flatMap((cluster) => cluster.changes);
  if (rest.length > mostSingle) return [...groups, { kind: 'several', changes: rest }];
  return [...groups, ...rest.map((change): Alert => ({ kind: 'benchmark', change }))];
}

/** The changes that belong to a shift of the suite are told with the shift they belong to. */
function lateParts(changes: readonly Change[]): Alert[] {
  const shifts = new Set(changes.map(({ partOf }) => partOf).filter((since) => since !== undefined));
  return [...shifts].map((since) => ({ kind: 'suite-part', since, changes: changes.filter(({ partOf }) => partOf === since) }));
}

/**
 * What to tell of a night. A shift is told when it begins, not again each night that it lasts. `told`: changes
 * of the nights just before. `order` is the position of a night by its id.
 */
export function alertsOf(report: Omit<NightReport, 'alerts'>, told: readonly Change[], order: (night: string) => number): Alert[] {
  const { shift, suiteChange } = report;
  const alerts: Alert[] = [];
  const faults = report.issues.filter(({ severity }) => severity === 'fault').map(({ detail }) => detail);
  if (faults.length > 0) alerts.push({ kind: 'environment', details: faults });
  if (report.epochReasons.length > 0) alerts.push({ kind: 'epoch', details: report.epochReasons });
  if (shift?.since === report.id) alerts.push({ kind: 'suite', since: shift.since, ratio: shift.ratio, benchmarks: shift.moved.map(({ benchmark }) => benchmark) });
  if (suiteChange !== undefined) alerts.push({ kind: 'suite', since: suiteChange.since, ratio: suiteChange.ratio, benchmarks: [] });
  const isOwn = ({ partOf }: Change): boolean => partOf === undefined;
  return [...alerts, ...lateParts(report.changes), ...changeAlerts(report.changes.filter(isOwn), told.filter(isOwn), order)];
}
