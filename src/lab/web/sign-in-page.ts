import { html } from 'hono/html';
import type { Token } from '#lab/store/tokens.ts';
import { link } from './format.ts';
import type { Html } from './layout.ts';
import { page } from './layout.ts';

export interface SignIn {
  /** Who is signed in. */
  readonly token: Token | undefined;
  /** Where to go then. */
  readonly next: string;
  readonly isRefused: boolean;
}

export const signInLink = (next: string): Html => html`<a href="${link('/sign-in', { next })}">Sign in with a token</a>`;

export function signInPage({ token, next, isRefused }: SignIn): Html {
  return page({
    title: 'Sign in', section: '/',
    body: token === undefined ? html`${isRefused ? html`<p class="worse" role="alert">The token is not known, or it was revoked.</p>` : ''}
<form method="post" action="/sign-in"><input type="hidden" name="next" value="${next}">
<label>Token <input type="password" name="token" autocomplete="current-password" required></label><button>Sign in</button></form>
<p class="faint">A token of any scope shows jobs and host names; one of scope <code>administer</code> decides about changes. It is kept in a cookie for twelve hours.</p>`
      : html`<p>Signed in as ${token.name} (${token.scope}). <a href="${next}">Go on</a></p><form method="post" action="/sign-out"><button>Sign out</button></form>`,
  });
}
