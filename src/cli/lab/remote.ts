/** The lab that `--server` names. */
import type { LabArguments } from '#cli/lab/options.ts';
import { LabClient } from '#lab/client/lab-client.ts';
import { LabError } from '#lab/errors.ts';

const tokenOf = (given: LabArguments): string | undefined => given.option('--token') ?? process.env['ARMATURE_LAB_TOKEN'];

/** For what only a running lab can do. */
export function clientOf(given: LabArguments, subcommand: string): LabClient {
  const server = given.option('--server');
  const token = tokenOf(given);
  if (server === undefined) throw new LabError('missing-operand', { subcommand, operand: '--server URL' });
  if (token === undefined) throw new LabError('missing-operand', { subcommand, operand: '--token TOKEN' });
  return clientAt(server, token);
}

/** For what is done in the data directory as well: undefined when no server is named. */
export function administeredLab(given: LabArguments): LabClient | undefined {
  const server = given.option('--server');
  if (server === undefined) return undefined;
  const token = tokenOf(given);
  if (token === undefined) throw new LabError('administrator-needed', { server });
  return clientAt(server, token);
}

function clientAt(server: string, token: string): LabClient {
  if (!URL.canParse(server)) throw new LabError('bad-server', { server });
  return new LabClient(server, token);
}
