import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Queryable } from './database.ts';

/** Each scope includes what the ones before it may do, but for submitting: that is for one machine. */
export const tokenScopes = ['read', 'submit', 'administer'] as const;
export type TokenScope = (typeof tokenScopes)[number];

export interface Token {
  /** Public: names the token in lists, and is a part of the secret text. */
  readonly id: string;
  readonly name: string;
  readonly scope: TokenScope;
  /** The machine that a token of scope `submit` may send results of. */
  readonly machine: string | null;
  readonly createdAt: Date;
  readonly revokedAt: Date | null;
}

/** What the database and the journal keep. */
export interface StoredToken extends Token {
  readonly hash: string;
}

export interface NewToken {
  readonly stored: StoredToken;
  /** Shown once, kept nowhere. */
  readonly secret: string;
}

export interface TokenRequest {
  readonly name: string;
  readonly scope: TokenScope;
  readonly machine: string | null;
}

/** What is wrong with a request, if anything. */
export function tokenProblem({ name, scope, machine }: TokenRequest): string | undefined {
  if (!/^[^\p{Cc}]{1,100}$/u.test(name)) return 'A token has a name of at most 100 characters.';
  if (machine !== null && !/^[\w.-]{1,100}$/.test(machine)) return 'The name of a machine has letters, digits, dots, dashes and underscores.';
  if (scope === 'submit' && machine === null) return 'A token that submits is for one machine.';
  if (scope !== 'submit' && machine !== null) return `A token of scope ${scope} is not for one machine.`;
  return undefined;
}

/** `armlab_` lets scanners for leaked secrets know it. */
const secretPattern = /^armlab_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;

export function makeToken(request: TokenRequest, now: Date): NewToken {
  const id = randomBytes(6).toString('hex');
  const random = randomBytes(32).toString('base64url');
  return { stored: { ...request, id, createdAt: now, revokedAt: null, hash: hashOf(random) }, secret: `armlab_${id}_${random}` };
}

/** 256 random bits cannot be guessed from a plain hash, unlike a password: a slow one would only slow the server. */
function hashOf(random: string): string {
  return createHash('sha256').update(random).digest('hex');
}

export async function storeToken(database: Queryable, token: StoredToken): Promise<void> {
  await database.query(`
    insert into token (id, name, scope, machine, hash, created_at, revoked_at) values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (id) do update set revoked_at = excluded.revoked_at`,
  [token.id, token.name, token.scope, token.machine, token.hash, token.createdAt, token.revokedAt]);
}

const columns = 'id, name, scope, machine, created_at as "createdAt", revoked_at as "revokedAt"';

/** The token that a secret text stands for, unless it is unknown or revoked. */
export async function verifyToken(database: Queryable, secret: string): Promise<Token | undefined> {
  const match = secretPattern.exec(secret);
  if (match === null) return undefined;
  const [row] = await database.query<StoredToken>(`select ${columns}, hash from token where id = $1 and revoked_at is null`, [match[1]]);
  if (row === undefined || !timingSafeEqual(Buffer.from(row.hash), Buffer.from(hashOf(match[2] ?? '')))) return undefined;
  const { hash: _, ...token } = row;
  return token;
}

export async function listTokens(database: Queryable): Promise<readonly Token[]> {
  return database.query<Token>(`select ${columns} from token order by created_at, id`);
}

/** False when there is no such token, or it is revoked already. */
export async function revokeToken(database: Queryable, id: string, now: Date): Promise<boolean> {
  return (await database.query('update token set revoked_at = $2 where id = $1 and revoked_at is null returning id', [id, now])).length > 0;
}
