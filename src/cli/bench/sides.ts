import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Attachment } from '#cli/attachment.ts';
import { attach, plainAttachment, withoutAgent } from '#cli/attachment.ts';
import { UserError } from '#cli/errors.ts';
import { BenchError } from '#lab/bench/errors.ts';
import type { Mode, Python, Side } from '#lab/bench/modes.ts';
import { displayName, modeVariables, nameSides, pythonProbe } from '#lab/bench/modes.ts';
import { isListening } from '#server/shared-server.ts';

export interface PreparedSides {
  readonly sides: readonly Side[];
  /** Whether the sides with Armature, if there are any, still have their server. */
  isServed(): Promise<boolean>;
  /** Ends what serves the sides with Armature. */
  close(): Promise<void>;
}

interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function ask([file = '', ...args]: readonly string[], code: string, environment: NodeJS.ProcessEnv): Answer {
  const { error, status, stdout, stderr } = spawnSync(file, [...args, '-c', code], { encoding: 'utf8', env: environment });
  if (error === undefined) return { status, stdout, stderr };
  if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw new UserError('python-not-found', { python: file });
  throw new UserError('python-not-executable', { python: file, reason: (error as NodeJS.ErrnoException).code ?? error.message });
}

function describePython(command: readonly string[]): Python {
  const { status, stdout, stderr } = ask(command, pythonProbe, withoutAgent(process.env));
  const python = command.join(' ');
  if (status !== 0) throw new BenchError('bench-python', { python, reason: stderr.trim().split('\n').at(-1) ?? `status ${status ?? 'unknown'}` });
  const known = JSON.parse(stdout) as Omit<Python, 'command'>;
  // What is on PATH may be a script in front of the interpreter; an emulated one keeps its command.
  return { ...known, command: command.length === 1 && known.executable !== '' ? [known.executable] : command };
}

/** Long enough for the start of Node; a server that comes later than this serves the later processes. */
const serverStartMilliseconds = 5000;

/** The first process must find the server listening, or it would measure an interpreter. */
async function startServing(attachment: Attachment): Promise<void> {
  await attachment.serve();
  const socket = attachment.environment['ARMATURE_SOCKET'];
  if (socket === undefined) return;
  for (const end = Date.now() + serverStartMilliseconds; Date.now() < end && !(await isListening(socket));) await sleep(20);
}

/** Why the agent stays out of this interpreter: it says so itself. */
function refusal(python: Python, environment: NodeJS.ProcessEnv): string | undefined {
  const { stderr } = ask(python.command, 'pass', environment);
  return /^armature: (.*); running plain$/m.exec(stderr)?.[1];
}

/** Interpreters times modes, as far as they go together; one line on standard error for each that does not. */
export async function prepareSides(commands: readonly (readonly string[])[], modes: readonly Mode[]): Promise<PreparedSides> {
  const pythons = commands.map(describePython);
  const plain = withoutAgent(process.env);
  const attachment = modes.includes('armature') ? await attach(plain, false) : plainAttachment;
  await startServing(attachment);
  const sides = pythons.flatMap((python) => modes.flatMap((mode) => {
    const attached = mode === 'armature' ? { ...attachment.environment, ARMATURE_REQUIRE_MESSAGE: '1' } : {};
    const environment = { ...plain, ...modeVariables(mode, python), ...attached };
    const problem = problemOf(python, mode, environment, attachment);
    if (problem === undefined) return [{ python, mode, environment }];
    process.stderr.write(problem);
    return [];
  }));
  const socket = sides.some(({ mode }) => mode === 'armature') ? attachment.environment['ARMATURE_SOCKET'] : undefined;
  const isServed = (): Promise<boolean> => (socket === undefined ? Promise.resolve(true) : isListening(socket));
  if (sides.length > 0) return { sides: nameSides(sides), isServed, close: () => attachment.close() };
  await attachment.close();
  throw new BenchError('bench-no-sides', {});
}

function problemOf(python: Python, mode: Mode, environment: NodeJS.ProcessEnv, attachment: Attachment): string | undefined {
  const name = `${displayName(python)} (${python.command.join(' ')})`;
  if (mode === 'cpython-jit' && python.jit === 'none') return new BenchError('bench-no-jit', { python: name }).line();
  if (mode !== 'armature') return undefined;
  const reason = attachment.environment['ARMATURE_SOCKET'] === undefined ? 'no compile server could be started' : refusal(python, environment);
  return reason === undefined ? undefined : new BenchError('bench-no-armature', { python: name, reason }).line();
}
