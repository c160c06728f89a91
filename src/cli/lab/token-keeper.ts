import type { LabClient } from '#lab/client/lab-client.ts';
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
export function remoteKeeper(client: LabClient): TokenKeeper {
  return { list: () => client.tokens(), create: (request) => client.createToken(request), revoke: (id) => client.revokeToken(id) };
}
