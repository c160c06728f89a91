import type { HistoryOptions } from '#lab/analysis/history.ts';
import { History } from '#lab/analysis/history.ts';
import type { Change, Night } from '#lab/analysis/night.ts';
import { median, noiseOfSeries } from '#lab/statistics/descriptive.ts';
import type { Random } from '#lab/statistics/random.ts';
import { shuffled } from '#lab/statistics/random.ts';

/** What became of one artificial step. */
export interface Injected {
  readonly benchmark: string;
  readonly start: string;
  /** Normal nights until it was told, the night of the step being 1; undefined when not within the nights allowed. */
  readonly nights: number | undefined;
  /** The benchmark's own noise from night to night over the whole history, as a share. */
  readonly noise: number;
}

export interface InjectionOptions {
  readonly step: number;
  readonly direction: Change['direction'];
  readonly nightsAllowed: number;
  /** Nights that must be there before the step, and the most that may. */
  readonly nightsBefore: number;
  readonly mostBefore: number;
  /** How often each benchmark gets a step, in different nights. */
  readonly rounds: number;
  readonly history: Partial<HistoryOptions>;
}

export const defaultInjectionOptions: InjectionOptions = {
  step: 0.03, direction: 'slower', nightsAllowed: 5, nightsBefore: 10, mostBefore: Infinity, rounds: 3, history: {},
};

function moved(night: Night, benchmark: string, by: number): Night {
  const level = night.levels.get(benchmark);
  return level === undefined ? night : { ...night, levels: new Map(night.levels).set(benchmark, { ...level, log: level.log + by }) };
}

/** Judges the whole history again, as it would have been judged night by night, with one benchmark slower, or faster, from `start` on. */
function inject(nights: readonly Night[], benchmark: string, start: number, { step, direction, nightsAllowed, history: options }: InjectionOptions): number | undefined {
  const by = (direction === 'slower' ? 1 : -1) * Math.log1p(step);
  const history = new History({ ...options, only: new Set([benchmark]) });
  for (const night of nights.slice(0, start)) history.add(night);
  let count = 0;
  for (const night of nights.slice(start)) {
    const { changes, state } = history.add(moved(night, benchmark, by));
    if (state === 'normal') count++;
    if (changes.some((change) => change.benchmark === benchmark && change.direction === direction)) return count;
    if (count >= nightsAllowed) return undefined;
  }
  return undefined;
}

/** Over the whole history, which a step of a few nights does not move. */
export function noiseOver(nights: readonly Night[], benchmark: string): number {
  const logs = nights.map((night) => {
    const log = night.levels.get(benchmark)?.log;
    return log === undefined ? NaN : log;
  });
  return noiseOfSeries(logs.filter((log) => !Number.isNaN(log)));
}

/** The nights on which a step can begin: in order, the benchmark there all the time, and enough nights before and after. */
function possibleStarts(nights: readonly Night[], benchmark: string, { nightsAllowed, nightsBefore, mostBefore }: InjectionOptions, states: readonly string[]): number[] {
  return nights.flatMap((_, start) => {
    const enough = start >= nightsBefore && start <= mostBefore && states.slice(start).filter((state) => state === 'normal').length >= nightsAllowed;
    const isThere = nights.slice(start - nightsBefore, start + nightsAllowed).every(({ levels }) => levels.has(benchmark));
    return enough && isThere && states[start] === 'normal' ? [start] : [];
  });
}

export function injectionFigures(nights: readonly Night[], random: Random, given: Partial<InjectionOptions> = {}): Injected[] {
  const options = { ...defaultInjectionOptions, ...given };
  const history = new History({ ...options.history, only: new Set() });
  const states = nights.map((night) => history.add(night).state);
  const names = [...new Set(nights.flatMap(({ levels }) => [...levels.keys()]))].sort();
  return names.flatMap((benchmark) => {
    const noise = noiseOver(nights, benchmark);
    return shuffled(possibleStarts(nights, benchmark, options, states), random).slice(0, options.rounds)
      .map((start) => ({ benchmark, start: nights[start]?.id ?? '', nights: inject(nights, benchmark, start, options), noise }));
  });
}

export function medianNights(injected: readonly Injected[]): number {
  return median(injected.flatMap(({ nights }) => nights ?? []));
}
