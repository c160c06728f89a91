import type { Level, Night } from '#lab/analysis/night.ts';
import { noiseOf } from '#lab/analysis/noise.ts';
import { median } from '#lab/statistics/descriptive.ts';

export interface Point {
  readonly night: string;
  readonly value: number;
}

interface Series {
  readonly shape: string;
  points: Point[];
}

/** Nights that the level of reference is the median of. */
const referenceNights = 10;
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

  /** The series begins at this point. */
  cut(name: string, first: number): void {
    const series = this.#series.get(name);
    if (series !== undefined) series.points = series.points.slice(first);
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
      series = { shape, points: [] };
      this.#series.set(name, series);
    }
    series.points.push({ night, value: log - common });
  }
}
