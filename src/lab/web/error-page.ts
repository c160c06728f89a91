import { html } from 'hono/html';
import type { Html } from './layout.ts';
import { page } from './layout.ts';
import { signInLink } from './sign-in-page.ts';

export interface Refusal {
  readonly status: number;
  readonly message: string;
  readonly path: string;
}

/** For people: programs get the same as JSON. */
export function errorPage({ status, message, path }: Refusal): Html {
  return page({
    title: status === 404 ? 'Not found' : status === 401 ? 'Not signed in' : 'That did not work', section: undefined,
    body: html`<div class="card"><p>${message}</p>${status === 401 ? html`<p>${signInLink(path)}</p>` : ''}<p><a href="/">Overview</a></p></div>`,
  });
}
