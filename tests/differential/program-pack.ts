/** Several programs in one Python process, and what each of them printed. */
import path from 'node:path';
import type { TestPython } from '../harness/pythons.ts';
import type { ProgramResult } from './program-run.ts';
import { runProgram } from './program-run.ts';

const runner = path.join(import.meta.dirname, 'random-program/run_programs.py');
const mark = '#### ';

export interface PackRun {
  readonly python: TestPython;
  /** Where the files are; their names show in tracebacks. */
  readonly folder: string;
  readonly files: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** By file; a file that never began has no result. That of the last one also has the ending of the process. */
export async function runPack({ python, folder, files, environment }: PackRun): Promise<ReadonlyMap<string, ProgramResult>> {
  const isEmulated = python.command.length > 1;
  const whole = await runProgram({
    command: [...python.command, runner, ...files], cwd: folder, environment, timeoutSeconds: 60 + files.length * (isEmulated ? 120 : 30),
  });
  return splitOutput(whole);
}

function splitOutput(whole: ProgramResult): ReadonlyMap<string, ProgramResult> {
  const outputs = new Map<string, string[]>();
  let current: string[] = [];
  let last: string | undefined;
  for (const line of whole.stdout.split('\n')) {
    const name = line.startsWith(mark) ? line.slice(mark.length) : undefined;
    if (name === undefined) {
      current.push(line);
      continue;
    }
    current = [];
    last = name === 'end' ? last : name;
    if (name !== 'end') outputs.set(name, current);
  }
  const good: ProgramResult = { ...whole, stderr: '', status: 0, signal: undefined, timedOut: false };
  return new Map([...outputs].map(([name, lines]) => [name, { ...(name === last ? whole : good), stdout: lines.join('\n') }]));
}
