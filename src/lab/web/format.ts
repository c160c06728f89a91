/** Figures and times as a reader wants them. */
import { html } from 'hono/html';
import type { Html } from './layout.ts';

const units: readonly (readonly [scale: number, name: string])[] = [[1, 's'], [1e-3, 'ms'], [1e-6, 'µs'], [1e-9, 'ns']];

/** Three significant digits: 0.01234 seconds are `12.3 ms`. Other units stay what they are. */
export function formatValue(value: number | null, unit: string): string {
  if (value === null) return '–';
  const { scale, name } = unitOf(value, unit);
  return `${formatNumber(value / scale)}${name === '' ? ` ${unit}` : name}`;
}

/** Six digits, zeros too: samples of one process often differ in the fourth, and are read below each other. */
export function formatSample(value: number, unit: string): string {
  const { scale, name } = unitOf(value, unit);
  const scaled = value / scale;
  return `${Math.abs(scaled) >= 1e-3 && Math.abs(scaled) < 1e6 ? scaled.toPrecision(6) : formatNumber(scaled, 6)}${name === '' ? ` ${unit}` : name}`;
}

/** What a value of this size is written in. */
export function unitOf(value: number, unit: string): { readonly scale: number; readonly name: string } {
  if (unit === 'byte') return { scale: 2 ** 20, name: ' MiB' };
  if (unit !== 'second') return { scale: 1, name: '' };
  const [scale, name] = units.find(([least]) => Math.abs(value) >= least) ?? [1e-9, 'ns'];
  return { scale, name: ` ${name}` };
}

export function formatNumber(value: number, digits = 3): string {
  return value !== 0 && (Math.abs(value) >= 1e6 || Math.abs(value) < 1e-3) ? value.toExponential(digits - 1) : String(Number(value.toPrecision(digits)));
}

/** 1.05 of a time is `5.0 % slower`. */
export function formatRatio(ratio: number | null, lessIsBetter = true): string {
  if (ratio === null) return '–';
  const change = (ratio - 1) * 100;
  if (Math.abs(change) < 0.05) return 'the same';
  const isWorse = lessIsBetter ? change > 0 : change < 0;
  return `${Math.abs(change).toFixed(1)} % ${isWorse ? 'slower' : 'faster'}`;
}

/** The class that gives a ratio its colour; what is within the noise of any machine has none. */
export function ratioClass(ratio: number | null, lessIsBetter = true): string {
  if (ratio === null || Math.abs(ratio - 1) < 0.01) return '';
  return (ratio > 1) === lessIsBetter ? 'worse' : 'better';
}

/** Good and bad by words and by colour. */
export const ratioPill = (ratio: number | null, lessIsBetter = true): Html | string =>
  (ratio === null ? '–' : html`<span class="pill ${ratioClass(ratio, lessIsBetter)}">${formatRatio(ratio, lessIsBetter)}</span>`);

/** `1 machine`, `2 machines`. */
export const countOf = (count: number, one: string): string => `${count.toLocaleString('en')} ${one}${count === 1 ? '' : 's'}`;

export const formatDay = (date: Date | null): string => (date === null ? '–' : date.toISOString().slice(0, 10));

export const formatTime = (date: Date): string => `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;

export const shortCommit = (commit: string | null): string => commit?.slice(0, 10) ?? '–';

/** A path with a query; what is undefined is left out. */
export function link(path: string, query: Readonly<Record<string, string | readonly string[] | undefined>> = {}): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of typeof value === 'string' ? [value] : value ?? []) parameters.append(name, one);
  }
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}

/** A path whose last part is a name that may contain anything. */
export const pathOf = (directory: string, name: string): string => `${directory}/${encodeURIComponent(name)}`;
