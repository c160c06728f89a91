/** Lines over time, drawn on the server: pages are complete without a script. */
import { html } from 'hono/html';
import { formatDay, formatValue } from './format.ts';
import type { Html } from './layout.ts';

export interface ChartPoint {
  readonly at: Date;
  readonly value: number | null;
  readonly error: number | null;
  /** Points of a run whose environment was at fault are hollow. */
  readonly isDoubtful: boolean;
  /** Another environment begins here: a line down the chart. */
  readonly beginsEpoch: boolean;
  readonly label: string;
  readonly href: string;
}

export interface ChartOptions {
  readonly name: string;
  readonly unit: string;
  readonly points: readonly ChartPoint[];
}

interface Scale {
  readonly x: (index: number) => number;
  readonly y: (value: number) => number;
  readonly low: number;
  readonly high: number;
}

/**
 * The values with a margin; at least 4 % are shown, so that noise does not look like news. Values in doubt do not stretch the
 * scale: those beyond it are drawn at its edge.
 */
function scaleOf(points: readonly ChartPoint[], width: number, height: number, edge: number): Scale | undefined {
  const sound = points.filter(({ isDoubtful }) => !isDoubtful);
  const values = (sound.some(({ value }) => value !== null) ? sound : points).flatMap(({ value }) => (value === null ? [] : [value]));
  if (values.length === 0) return undefined;
  const [least, most] = [Math.min(...values), Math.max(...values)];
  const middle = (least + most) / 2;
  const half = Math.max((most - least) * 0.55, Math.abs(middle) * 0.02, Number.MIN_VALUE);
  const [low, high] = [middle - half, middle + half];
  const step = points.length > 1 ? (width - 2 * edge) / (points.length - 1) : 0;
  const share = (value: number): number => Math.min(1, Math.max(0, (high - value) / (high - low)));
  return { x: (index) => edge + step * index, y: (value) => edge + share(value) * (height - 2 * edge), low, high };
}

const coordinate = (value: number): string => value.toFixed(1);

/** A path with a gap where a run lacks the benchmark. */
function pathOf(points: readonly ChartPoint[], scale: Scale): string {
  let isDown = false;
  return points.map(({ value }, index) => {
    if (value === null) {
      isDown = false;
      return '';
    }
    const command = isDown ? 'L' : 'M';
    isDown = true;
    return `${command}${coordinate(scale.x(index))} ${coordinate(scale.y(value))}`;
  }).join('');
}

function epochLines(points: readonly ChartPoint[], scale: Scale, height: number): readonly Html[] {
  return points.flatMap(({ beginsEpoch }, index) => {
    const x = coordinate(scale.x(index));
    return beginsEpoch && index > 0 ? [html`<line class="epoch" x1="${x}" x2="${x}" y1="0" y2="${height}"/>`] : [];
  });
}

/** The small chart of one benchmark among many. */
export function sparkline({ name, points }: ChartOptions): Html {
  const [width, height] = [220, 48];
  const scale = scaleOf(points, width, height, 4);
  if (scale === undefined) return html`<svg class="spark" viewBox="0 0 ${width} ${height}" role="img" aria-label="${name}: no values"></svg>`;
  const last = points.findLastIndex(({ value }) => value !== null);
  const end = points[last]?.value ?? 0;
  return html`<svg class="spark" viewBox="0 0 ${width} ${height}" role="img" aria-label="${name} over ${points.length} runs">${epochLines(points, scale, height)}<path d="${pathOf(points, scale)}"/><circle cx="${coordinate(scale.x(last))}" cy="${coordinate(scale.y(end))}" r="2.5"/></svg>`;
}

/** The large chart of one benchmark: every point is a link to its run. */
export function lineChart({ name, unit, points }: ChartOptions): Html {
  const [width, height, edge] = [900, 320, 14];
  const scale = scaleOf(points, width, height, edge);
  if (scale === undefined) return html`<p class="empty">No values.</p>`;
  const marks = points.flatMap((point, index) => {
    if (point.value === null) return [];
    const [x, y] = [scale.x(index), scale.y(point.value)];
    const reach = point.error === null ? 0 : Math.abs(scale.y(point.value + point.error) - y);
    const title = `${formatDay(point.at)} ${point.label}: ${formatValue(point.value, unit)}${point.isDoubtful ? ' (environment in doubt)' : ''}`;
    return [html`<a href="${point.href}"><title>${title}</title><line class="error" x1="${coordinate(x)}" x2="${coordinate(x)}" y1="${coordinate(y - reach)}" y2="${coordinate(y + reach)}"/><circle${point.isDoubtful ? html` class="doubtful"` : ''} cx="${coordinate(x)}" cy="${coordinate(y)}" r="4"/></a>
`];
  });
  return html`<figure class="chart"><svg viewBox="0 0 ${width} ${height}" role="group" aria-label="${name} over time, ${formatValue(scale.low, unit)} to ${formatValue(scale.high, unit)}">
${epochLines(points, scale, height)}<path d="${pathOf(points, scale)}"/>
${marks}</svg>
<figcaption><span>${formatValue(scale.high, unit)} at the top, ${formatValue(scale.low, unit)} at the bottom</span>
<span>${formatDay(points[0]?.at ?? null)} to ${formatDay(points.at(-1)?.at ?? null)}; hollow: the environment was in doubt; upright lines: another environment begins</span></figcaption></figure>`;
}
