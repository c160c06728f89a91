import type { AttachedServer } from '../differential/attached-server.ts';
import { startAttachedServer } from '../differential/attached-server.ts';
import type { ProgramResult } from '../differential/program-run.ts';
import { runProgram } from '../differential/program-run.ts';

const eager = { ARMATURE_THRESHOLD_ZERO: '1' };

export const startEagerServer = (): Promise<AttachedServer> => startAttachedServer(eager);

/** Runs a command whose Python finds the server, and asks it for code at once. */
export function runAttached(server: AttachedServer, command: readonly string[], variables: Readonly<Record<string, string>> = {}): Promise<ProgramResult> {
  return runProgram({ command, cwd: '/', environment: { ...eager, ...server.environment, ...variables }, timeoutSeconds: 120 });
}
