/** Lines over time, drawn on the server: pages are complete without a script. */
import { html } from 'hono/html';
import { formatDay, formatValue } from './format.ts';
import type { Html } from './layout.ts';
import type { Point, Scale } from './scale.ts';
import { scaleOf, timeTicks, valueTicks } from './scale.ts';

export interface ChartPoint extends Point {
  readonly error: number | null;
  /** Another environment begins here: a line down the chart. */
  readonly beginsEpoch: boolean;
  readonly label: string;
  readonly href: string;
}

/** A change that was found. */
export interface ChartMark {
  readonly at: Date;
  readonly title: string;
  readonly className: string;
  readonly href: string;
}

export interface ChartOptions {
  readonly name: string;
  readonly unit: string;
  readonly points: readonly ChartPoint[];
  readonly marks: readonly ChartMark[];
  /** Other series on the same scales. */
  readonly beside: readonly BesideLine[];
}

export interface BesideLine {
  readonly name: string;
  readonly href: string;
  readonly points: readonly Point[];
}

/** There are three colours for them. */
export const mostBeside = 3;

const coordinate = (value: number): string => value.toFixed(1);
const percent = (value: number): string => `${value.toFixed(2)}%`;

/** Through the runs that are not in doubt, unless there are no others; a gap where one lacks the benchmark. */
function pathOf(points: readonly Point[], scale: Scale): string {
  const sound = points.filter(({ isDoubtful }) => !isDoubtful);
  let isDown = false;
  return (sound.some(({ value }) => value !== null) ? sound : points).map(({ at, value }) => {
    if (value === null) {
      isDown = false;
      return '';
    }
    const command = isDown ? 'L' : 'M';
    isDown = true;
    return `${command}${coordinate(scale.x(at))} ${coordinate(scale.y(value))}`;
  }).join('');
}

/** What is drawn in here is stretched to the size of the chart; lines keep their width. */
const stretched = (content: Html | readonly Html[]): Html => html`<svg viewBox="0 0 100 100" preserveAspectRatio="none" width="100%" height="100%">${content}</svg>`;

export interface SparkOptions {
  readonly name: string;
  readonly points: readonly (Point & { readonly beginsEpoch?: boolean })[];
  /** For one of few. */
  readonly isTall?: true;
}

/** A small chart, which says only where it went. */
export function sparkline({ name, points, isTall }: SparkOptions): Html {
  const classes = isTall ? 'spark tall' : 'spark';
  const scale = scaleOf(points, { left: 0.5, right: 98, top: 7, bottom: 93 });
  if (scale === undefined) return html`<svg class="${classes}" role="img" aria-label="${name}: no values"></svg>`;
  const path = pathOf(points, scale);
  const end = points.findLast(({ value, isDoubtful }) => value !== null && !isDoubtful) ?? points.findLast(({ value }) => value !== null);
  const epochs = points.flatMap(({ at, beginsEpoch }, index) => (beginsEpoch && index > 0 ? [html`<path class="epoch" d="M${coordinate(scale.x(at))} 0V100"/>`] : []));
  const area = isTall && !path.slice(1).includes('M') ? html`<path class="area" d="${path}V100H${/\d[\d.]*/.exec(path)?.[0] ?? '0'}Z"/>` : '';
  const dot = end === undefined ? '' : html`<circle cx="${percent(scale.x(end.at))}" cy="${percent(scale.y(end.value ?? 0))}" r="3"/>`;
  return html`<svg class="${classes}" role="img" aria-label="${name} over ${points.length} runs">${stretched(html`${epochs}${area}<path d="${path}"/>`)}${dot}</svg>`;
}

function pointLink(point: ChartPoint, scale: Scale, unit: string): readonly Html[] {
  const { at, value, error, isDoubtful, label, href } = point;
  if (value === null) return [];
  const [x, y] = [percent(scale.x(at)), percent(scale.y(value))];
  const title = `${formatDay(at)} ${label}: ${formatValue(value, unit)}${isDoubtful ? ' (environment in doubt)' : ''}`;
  const reach = error === null ? '' : html`<line class="error" x1="${x}" x2="${x}" y1="${percent(scale.y(value + error))}" y2="${percent(scale.y(value - error))}"/>`;
  return [html`<a href="${href}" aria-label="${title}"><title>${title}</title>${reach}<circle${isDoubtful ? html` class="doubtful"` : ''} cx="${x}" cy="${y}" r="4"/><rect class="hit" x="${percent(scale.x(at) - 0.5)}" y="0" width="1%" height="100%"/></a>
`];
}

/** The large chart of one benchmark: every point is a link to its run, every change one to what is known of it. */
export function lineChart({ name, unit, points, marks, beside }: ChartOptions): Html {
  const all = [...points, ...beside.flatMap((line) => line.points)].sort((left, right) => left.at.getTime() - right.at.getTime());
  const scale = scaleOf(all, { left: 0.5, right: 98.5, top: 3, bottom: 92 });
  const [first, last] = [all[0], all.at(-1)];
  if (scale === undefined || first === undefined || last === undefined) return html`<p class="empty">No values.</p>`;
  const ticks = valueTicks(scale, unit);
  const times = timeTicks(first.at, last.at);
  const upright = (at: Date, className: string): Html => html`<line class="${className}" x1="${percent(scale.x(at))}" x2="${percent(scale.x(at))}" y1="0" y2="93%"/>`;
  return html`<figure class="chart"><div class="plot"><svg class="axis" aria-hidden="true">${ticks.map(({ value, label }) => html`<text x="0" y="${percent(scale.y(value))}" dy="4">${label}</text>`)}</svg>
<svg class="lines" role="group" aria-label="${name} over time, ${formatValue(scale.low, unit)} to ${formatValue(scale.high, unit)}">
${ticks.map(({ value }) => html`<line class="grid" x1="0" x2="100%" y1="${percent(scale.y(value))}" y2="${percent(scale.y(value))}"/>`)}
${times.map(({ value, label }) => html`<text x="${percent(scale.x(value))}" y="99%" text-anchor="${scale.x(value) > 94 ? 'end' : scale.x(value) < 5 ? 'start' : 'middle'}">${label}</text>`)}
${points.flatMap(({ at, beginsEpoch }, index) => (beginsEpoch && index > 0 ? [upright(at, 'epoch')] : []))}
${marks.map(({ at, title, className, href }) => html`<a href="${href}" aria-label="${title}"><title>${title}</title>${upright(at, `change ${className}`)}</a>`)}
${stretched(html`${beside.map((line, index) => html`<path class="beside${index + 1}" d="${pathOf(line.points, scale)}"/>`)}<path d="${pathOf(points, scale)}"/>`)}
${points.flatMap((point) => pointLink(point, scale, unit))}</svg></div>
<figcaption>${beside.map((line, index) => html`<span><span class="key beside${index + 1}"></span><a href="${line.href}">${line.name}</a></span>`)}<span>${formatDay(first.at)} to ${formatDay(last.at)}</span><span>hollow: the environment was in doubt</span><span>dashed: another environment begins</span>${
    marks.length === 0 ? '' : html`<span>coloured: a change was found</span>`}</figcaption></figure>`;
}

export interface IntervalOptions {
  readonly low: number;
  readonly high: number;
  readonly middle: number;
  /** What is at the edges, as a logarithm. */
  readonly reach: number;
  readonly className: string;
}

/** One ratio and its interval, on a scale that all rows of a table share; the middle is no change. The same is beside it in words. */
export function intervalMark({ low, high, middle, reach, className }: IntervalOptions): Html {
  const share = (ratio: number): number => 48 * Math.min(1, Math.max(-1, Math.log(ratio) / reach));
  const x = (ratio: number): string => percent(50 + share(ratio));
  return html`<svg class="interval ${className}" aria-hidden="true"><line class="zero" x1="50%" x2="50%" y1="0" y2="16"/><rect x="${middle < 1 ? x(middle) : '50%'}" width="${percent(Math.abs(share(middle)))}" y="3" height="10"/><line x1="${x(low)}" x2="${x(high)}" y1="8" y2="8"/><circle cx="${x(middle)}" cy="8" r="3"/></svg>`;
}
