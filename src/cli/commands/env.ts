import { agentEnvironment } from '#cli/attachment.ts';
import { UserError } from '#cli/errors.ts';
import { parseOptionsOnly } from '#cli/options.ts';
import { ourSharedServer, startDetached } from '#cli/shared.ts';
import { envOptions } from '#cli/verbs.ts';
import { RuntimeDirectoryError } from '#server/runtime-directory.ts';
import type { SharedServer } from '#server/shared-server.ts';
import { isRunning, stopShared } from '#server/shared-server.ts';

const startMilliseconds = 10_000;

export async function env(words: readonly string[]): Promise<number> {
  const values = parseOptionsOnly('env', envOptions, words);
  const server = findPlace();
  const json = values.has('--json');
  if (values.has('--stop')) {
    const stopped = await stopShared(server);
    return say(json ? { stopped } : stopped ? 'stopped' : 'no shared server was running');
  }
  if (values.has('--status')) {
    const running = await isRunning(server);
    say(json ? { running, socket: server.socketPath } : running ? `running, ${server.socketPath}` : 'not running');
    return running ? 0 : 1;
  }
  if (!(await isRunning(server))) await startShared(server);
  const variables = agentEnvironment(server.socketPath, process.env);
  if (!json && process.stdout.isTTY) process.stderr.write('# these lines are for your shell: eval "$(armature env)"\n');
  return say(json ? variables : Object.entries(variables).map(([name, value]) => `export ${name}=${shellQuoted(value)}`).join('\n'));
}

function say(content: string | object): number {
  process.stdout.write(`${typeof content === 'string' ? content : JSON.stringify(content)}\n`);
  return 0;
}

export function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`;
}

function findPlace(): SharedServer {
  try {
    return ourSharedServer();
  } catch (error) {
    if (error instanceof RuntimeDirectoryError) throw new UserError('server-unavailable', { reason: error.message });
    throw error;
  }
}

async function startShared(server: SharedServer): Promise<void> {
  let ended = false;
  startDetached(server).on('exit', () => {
    ended = true;
  });
  const deadline = Date.now() + startMilliseconds;
  while (!(await isRunning(server))) {
    if (ended || Date.now() > deadline) throw new UserError('server-unavailable', { reason: `it did not start; see ${server.logPath}` });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
