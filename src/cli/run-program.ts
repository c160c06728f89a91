import type { StdioOptions } from 'node:child_process';
import type { Attachment } from '#cli/attachment.ts';
import { attach, plainAttachment } from '#cli/attachment.ts';
import type { Outcome } from '#cli/child.ts';
import { startChild } from '#cli/child.ts';
import { warn } from '#cli/errors.ts';
import type { Program } from '#cli/program.ts';
import type { Observer } from '#server/record.ts';

export interface RunRequest {
  readonly python: readonly string[];
  readonly program: Program;
  readonly stdio: StdioOptions;
  /** Variables besides those of the attachment. */
  readonly variables?: Readonly<Record<string, string>>;
  /** The server is part of this process. */
  readonly ownServer?: boolean;
  /** Given: a server of our own is needed, which tells it everything. */
  readonly observer?: Observer | undefined;
}

/** Runs a program with the compiler attached, to its end. Nothing may stand between this call and the start of Python. */
export async function runProgram(request: RunRequest): Promise<Outcome> {
  const attachment = await attachmentFor(request);
  // The agent says in one line why it stays out; with `armature env` it is silent.
  const environment = { ...process.env, ...attachment.environment, ARMATURE_REQUIRE_MESSAGE: '1', ...request.variables };
  const child = startChild([...request.python, ...request.program.words], environment, request.stdio);
  void attachment.serve(request.observer);
  try {
    return await child.finished;
  } finally {
    await attachment.close();
  }
}

async function attachmentFor({ program, observer, ownServer = false }: RunRequest): Promise<Attachment> {
  if (program.isolatedBy !== undefined) {
    warn('python-ignores-environment', { option: program.isolatedBy });
    return plainAttachment;
  }
  return attach(process.env, ownServer || observer !== undefined);
}
