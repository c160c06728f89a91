/** Links that name a series, used by several pages. */
import { html } from 'hono/html';
import type { RunSummary, SeriesName } from '#lab/store/queries/rows.ts';
import { formatDay, link, pathOf, shortCommit } from './format.ts';
import type { Html } from './layout.ts';

export const timelineLink = ({ machine, variant }: SeriesName, benchmark?: string): string => link('/timeline', { machine, variant, benchmark });

export const seriesLink = (series: SeriesName): Html => html`<a href="${timelineLink(series)}">${series.variant} on ${series.machine}</a>`;

export const machineLink = (name: string): Html => html`<a href="${pathOf('/machines', name)}">${name}</a>`;

export const runLink = (run: Pick<RunSummary, 'key' | 'commitId' | 'measuredAt'>): Html =>
  html`<a href="${pathOf('/runs', run.key)}">${formatDay(run.measuredAt)} ${shortCommit(run.commitId)}</a>`;

export const compareLink = (base: string, head: string): string => link('/compare', { base, head });
