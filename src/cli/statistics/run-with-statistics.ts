import type { Outcome } from '#cli/child.ts';
import type { RunRequest } from '#cli/run-program.ts';
import { runProgram } from '#cli/run-program.ts';

export async function runWithStatistics(request: RunRequest, _output: { summary: boolean; file: string | undefined }): Promise<{ outcome: Outcome }> {
  return { outcome: await runProgram(request) };
}
