import { standardDeviation, sum } from '#lab/statistics/descriptive.ts';
import type { Random } from '#lab/statistics/random.ts';

const normalLog = (value: number, deviation: number): number => -0.5 * (value / deviation) ** 2 - Math.log(deviation) - 0.5 * Math.log(2 * Math.PI);

/** log(Σ exp), of numbers whose exponentials are too small to add. */
export function logOfSum(logs: readonly number[]): number {
  let most = -Infinity;
  for (const log of logs) most = Math.max(most, log);
  if (most === -Infinity) return most;
  let total = 0;
  for (const log of logs) total += Math.exp(log - most);
  return most + Math.log(total);
}

/** The width of the kernels by which each value is most likely to be what the others say (leave-one-out likelihood). */
function kernelWidth(values: readonly number[], deviation: number): number {
  const likelihood = (width: number): number => sum(values.map((value, own) =>
    logOfSum(values.flatMap((other, index) => (index === own ? [] : [normalLog(value - other, width)])))));
  const widths = Array.from({ length: 16 }, (_, index) => deviation * 0.1 * 15 ** (index / 15)).map((width) => ({ width, likelihood: likelihood(width) }));
  return widths.reduce((best, one) => (one.likelihood > best.likelihood ? one : best)).width;
}

/** A value unlike all that were seen, one in so many as were seen and one, comes from a normal distribution this much wider. */
const wide = 4;
const tableSteps = 400;

/**
 * The law of the noise of a benchmark, whatever its form: a kernel density of what was seen of it (B. W. Silverman, Density Estimation, 1986, chapter 3), with
 * room for what was not.
 */
export class NoiseLaw {
  readonly deviation: number;
  readonly #values: readonly number[];
  readonly #width: number;
  readonly #table: readonly number[];
  readonly #low: number;
  readonly #step: number;

  constructor(values: readonly number[], width?: number) {
    this.#values = values;
    this.deviation = standardDeviation(values);
    this.#width = width ?? kernelWidth(values, this.deviation);
    this.#low = Math.min(...values) - 4 * this.deviation;
    this.#step = (Math.max(...values) + 4 * this.deviation - this.#low) / tableSteps;
    this.#table = Array.from({ length: tableSteps + 1 }, (_, index) => this.#exactly(this.#low + index * this.#step));
  }

  /** The same law as if these values had not been seen. */
  without(left: readonly number[]): NoiseLaw {
    return new NoiseLaw(this.#values.filter((value) => !left.includes(value)), this.#width);
  }

  #exactly(value: number): number {
    const count = this.#values.length;
    const near = logOfSum(this.#values.map((other) => normalLog(value - other, this.#width))) - Math.log(count + 1);
    return logOfSum([near, normalLog(value, wide * this.deviation) - Math.log(count + 1)]);
  }

  logDensity(value: number): number {
    const position = (value - this.#low) / this.#step;
    const below = Math.floor(position);
    if (below < 0 || below >= tableSteps) return this.#exactly(value);
    return this.#table[below]! + (position - below) * (this.#table[below + 1]! - this.#table[below]!);
  }

  draw(random: Random): number {
    const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const index = Math.floor(random() * (this.#values.length + 1));
    const centre = this.#values[index];
    return centre === undefined ? wide * this.deviation * normal : centre + this.#width * normal;
  }
}
