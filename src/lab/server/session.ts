/** A browser cannot send a token in a header: it keeps it in a cookie that scripts do not see. */
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { Lab } from '#lab/store/open-lab.ts';
import type { Token } from '#lab/store/tokens.ts';
import { verifyToken } from '#lab/store/tokens.ts';

const cookieName = 'armature_lab_token';
/** A working day. */
const sessionSeconds = 12 * 60 * 60;

/**
 * The token that a browser was signed in with. One that was revoked since counts as none: the reader sees less, and can sign in again.
 * For requests that change something it counts only when they come from a page of the lab.
 */
export async function signedIn(lab: Lab, context: Context): Promise<Token | undefined> {
  const secret = getCookie(context, cookieName);
  const isRead = context.req.method === 'GET' || context.req.method === 'HEAD';
  return secret === undefined || !(isRead || isFromOwnPage(context)) ? undefined : verifyToken(lab.database, secret);
}

export function signIn(context: Context, secret: string): void {
  const secure = new URL(context.req.url).protocol === 'https:' || context.req.header('x-forwarded-proto') === 'https';
  setCookie(context, cookieName, secret, { httpOnly: true, sameSite: 'Strict', secure, path: '/', maxAge: sessionSeconds });
}

export function signOut(context: Context): void {
  deleteCookie(context, cookieName, { path: '/' });
}

/** Browsers say where a request comes from; over plain HTTP older and newer ones say so by `Origin` only. */
export function isFromOwnPage(context: Context): boolean {
  const site = context.req.header('sec-fetch-site');
  if (site !== undefined) return site === 'same-origin';
  const origin = context.req.header('origin') ?? '';
  return URL.canParse(origin) && new URL(origin).host === context.req.header('host');
}
