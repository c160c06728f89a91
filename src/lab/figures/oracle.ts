import { mean } from '#lab/statistics/descriptive.ts';
import type { NoiseLaw } from '#lab/statistics/noise-law.ts';
import { logOfSum } from '#lab/statistics/noise-law.ts';
import type { Random } from '#lab/statistics/random.ts';

/** Levels that are tried on each side of the mean of the nights before. */
const levelSteps = 15;

/** What the nights before say of the level, as logarithms of weights. */
interface LevelWeights {
  readonly levels: readonly number[];
  readonly logs: readonly number[];
}

function weightsOf(past: readonly number[], law: NoiseLaw): LevelWeights {
  const centre = mean(past);
  const reach = 4.5 * law.deviation / Math.sqrt(past.length);
  const levels = Array.from({ length: 2 * levelSteps + 1 }, (_, index) => centre + reach * (index / levelSteps - 1));
  return { levels, logs: levels.map((level) => logLikelihood(past, level, law)) };
}

/** A loop: this is called some hundred million times. */
function logLikelihood(values: readonly number[], level: number, law: NoiseLaw): number {
  let total = 0;
  for (const value of values) total += law.logDensity(value - level);
  return total;
}

/** How likely the nights are, `by` away from the level before. Constants that cancel out are left out. */
function likelihood({ levels, logs }: LevelWeights, now: readonly number[], by: number, law: NoiseLaw): number {
  return logOfSum(levels.map((level, index) => logs[index]! + logLikelihood(now, level + by, law)));
}

/** How much likelier the nights are `by` away from the level before than at it: a logarithm. */
export function likelihoodRatio(past: readonly number[], now: readonly number[], by: number, law: NoiseLaw): number {
  const weights = weightsOf(past, law);
  return likelihood(weights, now, by, law) - likelihood(weights, now, 0, law);
}

interface Draws {
  readonly benchmark: string;
  readonly noise: readonly number[];
  readonly step: readonly number[];
}

export interface OracleOptions {
  readonly step: number;
  readonly nights: number;
  readonly past: number;
  readonly draws: number;
}

function drawsOf(benchmark: string, law: NoiseLaw, random: Random, { step, nights, past: count, draws }: OracleOptions): Draws {
  const by = Math.log1p(step);
  const ratios = Array.from({ length: draws }, () => {
    const past = Array.from({ length: count }, () => law.draw(random));
    const now = Array.from({ length: nights }, () => law.draw(random));
    const weights = weightsOf(past, law);
    const [same, slower, faster] = [0, by, -by].map((shift) => likelihood(weights, now, shift, law)) as [number, number, number];
    // Nights that are all `by` slower are at −by what these are at the level before.
    return [Math.max(slower, faster) - same, same - faster] as const;
  });
  return { benchmark, noise: ratios.map(([noise]) => noise), step: ratios.map(([, found]) => found) };
}

export interface Oracle {
  /** Benchmarks that it takes for changed a night when nothing changed. */
  readonly wrong: number;
  readonly limit: number;
  /** How often it finds the step, of each benchmark. */
  readonly power: ReadonlyMap<string, number>;
}

/** The limit that tells so many wrong ones a night: by Neyman and Pearson none finds more steps with as many wrong ones. */
export function oracles(laws: ReadonlyMap<string, NoiseLaw>, wrongs: readonly number[], random: Random, options: OracleOptions): Oracle[] {
  const drawn = [...laws].map(([benchmark, law]) => drawsOf(benchmark, law, random, options));
  const noise = Float64Array.from(drawn.flatMap((one) => one.noise)).sort().reverse();
  return wrongs.map((wrong) => {
    const limit = noise[Math.floor(wrong * options.draws)] ?? -Infinity;
    return { wrong, limit, power: new Map(drawn.map(({ benchmark, step }) => [benchmark, step.filter((ratio) => ratio > limit).length / step.length])) };
  });
}
