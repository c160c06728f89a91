import type { LabArguments } from '#cli/lab/options.ts';
import { print, withLab } from '#cli/lab/options.ts';
import { administeredLab } from '#cli/lab/remote.ts';
import type { TokenKeeper } from '#cli/lab/token-keeper.ts';
import { localKeeper, remoteKeeper } from '#cli/lab/token-keeper.ts';
import { LabError } from '#lab/errors.ts';
import type { Token, TokenRequest } from '#lab/store/tokens.ts';
import { tokenProblem, tokenScopes } from '#lab/store/tokens.ts';

/** Of the lab in the data directory, or with `--server` of one that is running. */
export async function token(given: LabArguments): Promise<number> {
  const [action = 'list', operand] = given.operands;
  const work = workOf(given, action, operand);
  const client = administeredLab(given);
  if (client !== undefined) return work(remoteKeeper(client));
  return withLab(given, (lab) => work(localKeeper(lab)));
}

type Work = (keeper: TokenKeeper) => Promise<number>;

function workOf(given: LabArguments, action: string, operand: string | undefined): Work {
  switch (action) {
    case 'list': return (keeper) => list(given, keeper);
    case 'create': {
      const request = requestOf(given, operand);
      return (keeper) => create(given, keeper, request);
    }
    case 'revoke': {
      if (operand === undefined) throw new LabError('missing-operand', { subcommand: 'token revoke', operand: 'ID' }, 'armature lab token list');
      return (keeper) => revoke(given, keeper, operand);
    }
    default: throw new LabError('unknown-subcommand', { name: `token ${action}`, suggestion: '' }, 'armature lab --help');
  }
}

function requestOf(given: LabArguments, name: string | undefined): TokenRequest {
  if (name === undefined) throw new LabError('missing-operand', { subcommand: 'token create', operand: 'NAME' });
  const wanted = given.option('--scope') ?? 'submit';
  const scope = tokenScopes.find((candidate) => candidate === wanted);
  if (scope === undefined) throw new LabError('unknown-scope', { scope: wanted, scopes: tokenScopes.join(', ') });
  const request = { name, scope, machine: given.option('--machine') ?? null };
  const problem = tokenProblem(request);
  if (problem !== undefined) throw new LabError('bad-token-request', { problem });
  return request;
}

async function create(given: LabArguments, keeper: TokenKeeper, request: TokenRequest): Promise<number> {
  const { id, token: secret } = await keeper.create(request);
  if (!given.json) process.stderr.write(`Token ${id}. It is shown this once:\n`);
  print(given, { id, token: secret }, secret);
  return 0;
}

async function list(given: LabArguments, keeper: TokenKeeper): Promise<number> {
  const tokens = await keeper.list();
  print(given, tokens, tokens.length === 0 ? 'There are no tokens: nobody can send results.' : tokens.map(line).join('\n'));
  return 0;
}

function line({ id, name, scope, machine, createdAt, revokedAt }: Token): string {
  const day = (date: Date): string => date.toISOString().slice(0, 10);
  const state = revokedAt === null ? `since ${day(createdAt)}` : `revoked ${day(revokedAt)}`;
  return `${id}  ${scope.padEnd(10)}  ${(machine ?? '-').padEnd(16)}  ${state}  ${name}`;
}

async function revoke(given: LabArguments, keeper: TokenKeeper, id: string): Promise<number> {
  if (!(await keeper.revoke(id))) throw new LabError('unknown-token', { id }, 'armature lab token list');
  print(given, { revoked: id }, `revoked ${id}`);
  return 0;
}
