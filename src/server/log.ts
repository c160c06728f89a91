import { appendFileSync } from 'node:fs';

/** One line for people who watch the server; nothing unless ARMATURE_LOG asks for it. */
export type Log = (line: string) => void;

/** ARMATURE_LOG is `stderr` (or `1`), or the name of a file. */
export const noLog: Log = () => undefined;

export function logFrom(environment: NodeJS.ProcessEnv): Log {
  const target = environment['ARMATURE_LOG'] ?? '';
  if (target === '') return noLog;
  const toStandardError = target === 'stderr' || target === '1';
  return (line) => {
    const text = `${new Date().toISOString()} armature[${process.pid}] ${line}\n`;
    if (toStandardError) process.stderr.write(text);
    else appendQuietly(target, text);
  };
}

function appendQuietly(path: string, text: string): void {
  try {
    appendFileSync(path, text, { mode: 0o600 });
  } catch {
    // A full disk or a bad name must not stop the compiler.
  }
}
