import { LabError } from '#lab/errors.ts';
import { createToken, withdrawToken } from '#lab/store/decisions.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import type { Token, TokenRequest } from '#lab/store/tokens.ts';
import { listTokens } from '#lab/store/tokens.ts';

export interface TokenKeeper {
  readonly list: () => Promise<readonly Token[]>;
  readonly create: (request: TokenRequest) => Promise<{ readonly id: string; readonly token: string }>;
  /** False when there is no such token, or it is revoked already. */
  readonly revoke: (id: string) => Promise<boolean>;
}

export function localKeeper(lab: Lab): TokenKeeper {
  return {
    list: () => listTokens(lab.database),
    create: async (request) => {
      const { stored, secret } = await createToken(lab, request, new Date());
      return { id: stored.id, token: secret };
    },
    revoke: (id) => withdrawToken(lab, id, new Date()),
  };
}

/** An embedded database belongs to the server that has it open: that one is asked. */
export function remoteKeeper(server: string, token: string | undefined): TokenKeeper {
  if (token === undefined) throw new LabError('administrator-needed', { server });
  const ask = async (path: string, options: RequestInit = {}): Promise<Response> => {
    try {
      return await fetch(new URL(`/api/tokens${path}`, server), { ...options, headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' } });
    } catch (error) {
      throw new LabError('lab-unreachable', { server, reason: error instanceof Error ? error.message : String(error) });
    }
  };
  const answered = async <T>(response: Response): Promise<T> => {
    const answer = await response.json().catch(() => ({ message: `status ${response.status}` })) as T & { readonly message?: string };
    if (!response.ok) throw new LabError('lab-refused', { server, reason: answer.message ?? '' });
    return answer;
  };
  return {
    list: async () => (await answered<Token[]>(await ask(''))).map(withDates),
    create: async (request) => answered(await ask('', { method: 'POST', body: JSON.stringify({ ...request, machine: request.machine ?? undefined }) })),
    revoke: async (id) => {
      const response = await ask(`/${encodeURIComponent(id)}`, { method: 'DELETE' });
      if (response.status === 404) return false;
      await answered(response);
      return true;
    },
  };
}

function withDates(token: Token): Token {
  return { ...token, createdAt: new Date(token.createdAt), revokedAt: token.revokedAt === null ? null : new Date(token.revokedAt) };
}
