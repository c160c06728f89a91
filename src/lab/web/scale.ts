/** Where values and times are on a chart, in percent of its width and height: what is drawn in percents fits every screen. */
import { unitOf } from './format.ts';

export interface Point {
  readonly at: Date;
  readonly value: number | null;
  /** The environment was at fault: such a value does not stretch the scale. */
  readonly isDoubtful: boolean;
}

export interface Scale {
  readonly x: (at: Date) => number;
  readonly y: (value: number) => number;
  readonly low: number;
  readonly high: number;
}

interface Edges {
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
}

/** At least 4 % are shown, so that noise does not look like news. Values in doubt that are beyond the scale are at its edge. */
export function scaleOf(points: readonly Point[], { left, right, top, bottom }: Edges): Scale | undefined {
  const sound = points.filter(({ isDoubtful }) => !isDoubtful);
  const values = (sound.some(({ value }) => value !== null) ? sound : points).flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length === 0) return undefined;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const middle = (least + most) / 2;
  const half = Math.max((most - least) * 0.53, Math.abs(middle) * 0.02, Number.MIN_VALUE);
  const [low, high] = [middle - half, middle + half];
  const [first, last] = [points[0]?.at.getTime() ?? 0, points.at(-1)?.at.getTime() ?? 0];
  return {
    x: (at) => (last === first ? right : left + ((at.getTime() - first) / (last - first)) * (right - left)),
    y: (value) => top + Math.min(1, Math.max(0, (high - value) / (high - low))) * (bottom - top),
    low, high,
  };
}

export interface Tick<Value> {
  readonly value: Value;
  readonly label: string;
}

/** Some five round values. */
export function valueTicks({ low, high }: Scale, unit: string): readonly Tick<number>[] {
  const rough = (high - low) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5].find((factor) => factor * power >= rough) ?? 10);
  const { scale, name } = unitOf(high, unit);
  const digits = Math.min(6, Math.max(0, -Math.floor(Math.log10(step / scale) + 1e-9)));
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, index) => (first + index) * step)
    .map((value) => ({ value, label: `${(value / scale).toFixed(digits)}${name}` }));
}

const day = 86_400_000;
const daySteps = [1, 2, 7, 14];
const monthSteps = [1, 2, 3, 6, 12, 24, 60];
const mostTicks = 6;

/** Days or months, six at most. */
export function timeTicks(first: Date, last: Date): readonly Tick<Date>[] {
  const days = (last.getTime() - first.getTime()) / day;
  const dayStep = daySteps.find((step) => days / step <= mostTicks);
  const label = (date: Date, options: Intl.DateTimeFormatOptions): string => date.toLocaleDateString('en-GB', { ...options, timeZone: 'UTC' });
  if (dayStep !== undefined) {
    const start = Math.ceil(first.getTime() / day) * day;
    const dates = Array.from({ length: Math.floor((last.getTime() - start) / (dayStep * day)) + 1 }, (_, index) => new Date(start + index * dayStep * day));
    return dates.map((value) => ({ value, label: label(value, { day: 'numeric', month: 'short' }) }));
  }
  const monthStep = monthSteps.find((step) => days / 30 / step <= mostTicks) ?? 120;
  const ticks: Tick<Date>[] = [];
  for (let month = Math.ceil((first.getUTCFullYear() * 12 + first.getUTCMonth() + 1) / monthStep) * monthStep; ; month += monthStep) {
    const value = new Date(Date.UTC(Math.floor(month / 12), month % 12, 1));
    if (value > last) return ticks;
    ticks.push({ value, label: label(value, { month: 'short', year: 'numeric' }) });
  }
}
