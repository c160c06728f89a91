import type { Lab } from '#lab/store/open-lab.ts';
import type { Token } from '#lab/store/tokens.ts';
import { verifyToken } from '#lab/store/tokens.ts';
import { HttpError } from './http-error.ts';

/** What every handler of the lab finds in its context: `context.get('token')`. */
export interface LabEnvironment {
  Variables: {
    /** Undefined for an anonymous reader, who sees no host names and paths. */
    token: Token | undefined;
  };
}

/** A token that is given must be good: a client that mistyped it should hear so, not see less. */
export async function readToken(lab: Lab, authorization: string | undefined): Promise<Token | undefined> {
  if (authorization === undefined) return undefined;
  const secret = secretOf(authorization);
  const token = secret === undefined ? undefined : await verifyToken(lab.database, secret);
  if (token === undefined) throw new HttpError(401, 'invalid-token', 'The token is not known, or it was revoked.');
  return token;
}

/** `Bearer TOKEN`, or `Basic` with the token as password: the clients of Codespeed know nothing else. */
function secretOf(authorization: string): string | undefined {
  const [scheme = '', value = ''] = authorization.trim().split(/\s+/, 2);
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme.toLowerCase() !== 'basic') return undefined;
  const decoded = Buffer.from(value, 'base64').toString();
  return decoded.slice(decoded.indexOf(':') + 1);
}

/** For writing: the machine that results may be of, undefined for any. */
export function submitsFor(token: Token | undefined): string | undefined {
  if (token === undefined) throw new HttpError(401, 'token-needed', 'Results are taken with a token only (`armature lab token create`).');
  if (token.scope === 'read') throw new HttpError(403, 'scope', 'This token may read only.');
  return token.machine ?? undefined;
}

export function requireReader(token: Token | undefined): void {
  if (token === undefined) throw new HttpError(401, 'token-needed', 'Jobs are shown to tokens only.');
}

export function requireAdministrator(token: Token | undefined): Token {
  if (token === undefined) throw new HttpError(401, 'token-needed', 'This needs a token of scope `administer`.');
  if (token.scope !== 'administer') throw new HttpError(403, 'scope', 'This needs a token of scope `administer`.');
  return token;
}
