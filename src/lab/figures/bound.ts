import type { Night, NightReport } from '#lab/analysis/night.ts';
import type { Injected } from '#lab/figures/injection.ts';
import { breaksOf } from '#lab/figures/no-change.ts';
import type { Oracle } from '#lab/figures/oracle.ts';
import { likelihoodRatio, oracles } from '#lab/figures/oracle.ts';
import { nominal } from '#lab/figures/splits.ts';
import { mean } from '#lab/statistics/descriptive.ts';
import { NoiseLaw } from '#lab/statistics/noise-law.ts';
import type { Random } from '#lab/statistics/random.ts';

/** How many steps can be found at all, by whatever detector. */
export interface Bound {
  /** Benchmarks that may be called changed a night when nothing changed. */
  readonly wrong: number;
  /** The share of the steps that is found of all benchmarks together. */
  readonly found: number;
  /** Benchmarks of which fewer than nineteen of twenty steps can be found, the least first. */
  readonly beyond: readonly { readonly benchmark: string; readonly found: number; readonly noise: number }[];
}

export interface Bounds {
  /** With two wrong alerts each night, or the nominal rate, whichever is less. */
  readonly allowed: Bound;
  /** With as many wrong ones as the lab itself tells. */
  readonly asOurs: Bound;
  /** What an oracle that is allowed as much finds of the same steps in the nights as they are. */
  readonly inNights: number;
}

export interface BoundOptions {
  readonly step: number;
  readonly nights: number;
  /** Alerts of single benchmarks that a night may have. */
  readonly mostSingle: number;
  readonly draws: number;
  /** What the lab tells a night when nothing changed. */
  readonly ours: number;
}

/** Noise is what is left of the nights without their changes: with fewer nights nothing is known of its law. */
const leastNights = 20;
const surely = 0.95;
/** As many nights before a step as the detector looks at. */
const mostPast = 30;

export function noiseLaws(still: readonly Night[]): Map<string, NoiseLaw> {
  const names = [...new Set(still.flatMap(({ levels }) => [...levels.keys()]))].sort();
  const values = names.map((name) => [name, still.flatMap(({ levels }) => levels.get(name)?.log ?? [])] as const);
  return new Map(values.filter(([, logs]) => logs.length >= leastNights).map(([name, logs]) => [name, new NoiseLaw(logs)]));
}

function boundOf({ wrong, power }: Oracle, nights: number, laws: ReadonlyMap<string, NoiseLaw>): Bound {
  const beyond = [...power].filter(([, found]) => found < surely).sort((left, right) => left[1] - right[1])
    .map(([benchmark, found]) => ({ benchmark, found, noise: laws.get(benchmark)?.deviation ?? NaN }));
  return { wrong: wrong / nights, found: mean([...power.values()]), beyond };
}

/** A benchmark in the normal nights, without what is common to all. */
function pointsOf(nights: readonly Night[], reports: readonly NightReport[], benchmark: string): { position: number; value: number }[] {
  return nights.flatMap(({ levels }, position) => {
    const { common, state } = reports[position] ?? {};
    const log = levels.get(benchmark)?.log;
    return state !== 'normal' || common === undefined || log === undefined ? [] : [{ position, value: log - common }];
  });
}

/** Where the level before a step begins: at the last change that is known, or the last shift of the suite that moved this benchmark. */
function levelStart(nights: readonly Night[], reports: readonly NightReport[], benchmark: string, start: number): number {
  const breaks = breaksOf(reports, benchmark);
  return nights.slice(0, start).reduce((last, { id }, position) => {
    if (breaks.has(id)) return position;
    return reports[position]?.shift?.moved.some((moved) => moved.benchmark === benchmark) === true ? position + 1 : last;
  }, 0);
}

/** Nights, what was said of them, what is left of them without changes, and the noise that is. */
export interface Judged {
  readonly nights: readonly Night[];
  readonly reports: readonly NightReport[];
  readonly still: readonly Night[];
  readonly laws: ReadonlyMap<string, NoiseLaw>;
}

/** What has no night to know the level before from counts as found. */
function isFound({ nights, reports, still, laws }: Judged, { benchmark, start: id }: Injected, limit: number, { step, nights: allowed }: BoundOptions): boolean {
  const law = laws.get(benchmark);
  const start = nights.findIndex((night) => night.id === id);
  const points = pointsOf(nights, reports, benchmark);
  const from = levelStart(nights, reports, benchmark, start);
  const past = points.filter(({ position }) => position >= from && position < start).slice(-mostPast).map(({ value }) => value);
  if (law === undefined || past.length === 0) return true;
  const now = points.filter(({ position }) => position >= start).slice(0, allowed);
  const seen = new Set(now.map(({ position }) => nights[position]?.id));
  const own = law.without(still.flatMap((night) => (seen.has(night.id) ? night.levels.get(benchmark)?.log ?? [] : [])));
  const by = Math.log1p(step);
  return now.some((_, index) => likelihoodRatio(past, now.slice(0, index + 1).map(({ value }) => value + by), by, own) > limit);
}

type Laws = ReadonlyMap<string, NoiseLaw>;

/** Two wrong alerts a night, or the nominal rate of each benchmark, whichever is less: until the last night in which the step may be found. */
const allowedWrong = (laws: Laws, { mostSingle, nights }: BoundOptions): number => Math.min(mostSingle * nights, nominal * laws.size);

function oraclesOf(laws: Laws, wrongs: readonly number[], random: Random, { step, nights, draws }: BoundOptions): Oracle[] {
  return oracles(laws, wrongs, random, { step, nights, past: mostPast, draws });
}

/** Benchmarks of which the oracle finds nineteen of twenty steps with as many wrong ones as the lab. */
export function findableIn(laws: Laws, random: Random, options: BoundOptions): Set<string> {
  return new Set(oraclesOf(laws, [options.ours * options.nights], random, options).flatMap(({ power }) => [...power].filter(([, found]) => found >= surely).map(([benchmark]) => benchmark)));
}

/**
 * What no detector can do better than: an oracle that knows the night of the step, its size and the law of each benchmark's noise, and does not know the level
 * before, which it has from 30 nights, nor whether it is slower or faster.
 *
 * A detector that calls `wrong` benchmarks changed a night, on average, when nothing changed, calls at most `nights` times as many changed within that many
 * nights. Of all tests of one night with so many errors the likelihood ratio has the most power (Neyman and Pearson), and one limit for all benchmarks spends
 * the errors where they find most.
 */
export function boundsOf(judged: Judged, injected: readonly Injected[], random: Random, options: BoundOptions): Bounds {
  const { laws } = judged;
  const [most, asOurs] = oraclesOf(laws, [allowedWrong(laws, options), options.ours * options.nights], random, options) as [Oracle, Oracle];
  const found = injected.filter((one) => isFound(judged, one, most.limit, options));
  return { allowed: boundOf(most, options.nights, laws), asOurs: boundOf(asOurs, options.nights, laws), inNights: found.length / injected.length };
}
