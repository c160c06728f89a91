import type { Database } from './database.ts';
import type { Journal } from './journal.ts';
import type { Lab } from './open-lab.ts';
import type { StateUpdate } from './queries/changes.ts';
import { findChange, setChangeState } from './queries/changes.ts';
import type { NewToken, TokenRequest } from './tokens.ts';
import { makeToken, revokeToken, storeToken } from './tokens.ts';

/** What people decide: in the journal first, so that a rebuilt database has it too. */
export async function createToken({ database, journal }: Lab, request: TokenRequest, now: Date): Promise<NewToken> {
  const token = makeToken(request, now);
  await journal.append({ kind: 'token', token: token.stored });
  await storeToken(database, token.stored);
  return token;
}

/** False when there is no such token, or it is revoked already. */
export async function withdrawToken({ database, journal }: Lab, id: string, now: Date): Promise<boolean> {
  const revoked = await revokeToken(database, id, now);
  if (revoked) await journal.append({ kind: 'revoke', id, at: now.toISOString() });
  return revoked;
}

/** False when there is no such change. */
export async function decideChange({ database, journal }: Lab, key: string, update: StateUpdate): Promise<boolean> {
  if ((await findChange(database, key)) === undefined) return false;
  await journal.append({ kind: 'change-state', change: key, update });
  return setChangeState(database, key, update);
}

/** Repeats everything in a journal on a database whose changes have been found again. */
export async function replayDecisions(database: Database, journal: Journal): Promise<void> {
  for (const entry of await journal.entries()) {
    switch (entry.kind) {
      case 'token':
        await storeToken(database, entry.token);
        break;
      case 'revoke':
        await revokeToken(database, entry.id, new Date(entry.at));
        break;
      case 'change-state':
        await setChangeState(database, entry.change, { ...entry.update, at: new Date(entry.update.at) });
        break;
      default: entry satisfies never;
    }
  }
}
