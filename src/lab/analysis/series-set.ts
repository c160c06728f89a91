import type { Level, Night } from '#lab/analysis/night.ts';
import { noiseOf, ownNoise } from '#lab/analysis/noise.ts';
import { median } from '#lab/statistics/descriptive.ts';

export interface Point {
  readonly night: string;
  readonly value: number;
}

interface Series {
  readonly shape: string;
  points: Point[];
  /** What the last change cut off, and how many points there were when it was told. */
  past: { readonly points: readonly Point[]; readonly told: number } | undefined;
  /** From one night to the next, of all nights: where a change cut the series, they are what is known of its noise. */
  differences: number[];
}

/** Nights that the level of reference is the median of. */
const referenceNights = 10;
/** Nights that the noise is estimated from. */
const noiseNights = 60;
/** With fewer points than this there is no reference. */
const leastPoints = 3;
export const valuesOf = (points: readonly Point[]): number[] => points.map(({ value }) => value);

export interface Deviation {
  readonly benchmark: string;
  /** In logarithms. */
  readonly deviation: number;
  readonly noise: number;
}

/** The series of all benchmarks of one machine and configuration, without what is common to all of a night. */
export class SeriesSet {
  readonly #series = new Map<string, Series>();

  clear(): void {
    this.#series.clear();
  }

  points(name: string): readonly Point[] {
    return this.#series.get(name)?.points ?? [];
  }

  /** The benchmark's own noise from night to night, whatever changes lie between. */
  noise(name: string): number {
    return ownNoise(this.#series.get(name)?.differences ?? []);
  }

  /** The series begins at this point. */
  cut(name: string, first: number): void {
    const series = this.#series.get(name);
    if (series === undefined) return;
    const points = series.points.slice(first);
    series.past = { points: series.points.slice(0, first), told: points.length };
    series.points = points;
  }

  /** The points since the last change was told. */
  sinceTold(name: string): readonly Point[] {
    const series = this.#series.get(name);
    return series?.points.slice(series.past?.told ?? Infinity) ?? [];
  }

  /** The last change was none: the series goes on from before it, without the points that looked like one. */
  join(name: string): void {
    const series = this.#series.get(name);
    if (series === undefined) return;
    series.points = [...series.past?.points ?? [], ...this.sinceTold(name)];
    series.past = undefined;
  }

  /** How far each benchmark of the night is from its own level before, what is common included. */
  deviations(night: Night): Deviation[] {
    return [...night.levels].flatMap(([benchmark, { log, shape }]) => {
      const series = this.#series.get(benchmark);
      if (series?.shape !== shape || series.points.length < leastPoints) return [];
      return [{ benchmark, deviation: log - median(valuesOf(series.points.slice(-referenceNights))), noise: noiseOf(valuesOf(series.points)) }];
    });
  }

  /** Another shape is another series: figures of 20 processes and of 6 are not of one kind. */
  append(name: string, { log, shape }: Level, night: string, common: number): void {
    let series = this.#series.get(name);
    if (series?.shape !== shape) {
      series = { shape, points: [], past: undefined, differences: [] };
      this.#series.set(name, series);
    }
    const value = log - common;
    const last = series.points.at(-1);
    if (last !== undefined) series.differences = [...series.differences.slice(1 - noiseNights), value - last.value];
    series.points.push({ night, value });
  }
}
