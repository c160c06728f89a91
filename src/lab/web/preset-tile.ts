import { html } from 'hono/html';
import type { Preset } from '#lab/store/queries/comparison.ts';
import { formatRatio, ratioClass } from './format.ts';
import type { Html } from './layout.ts';
import { compareLink } from './series-links.ts';

/** A pair of runs that is worth a look, with what it comes to. */
export function presetTile({ title, base, head, ratio }: Preset, heading?: string): Html {
  return html`<li>${heading === undefined ? '' : html`<h2>${heading}</h2>`}<span class="hero ${ratioClass(ratio)}">${ratio === null ? 'nothing in common' : formatRatio(ratio)}</span><a href="${compareLink(base, head)}">${title}</a></li>
`;
}
