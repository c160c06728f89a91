import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { runProgram } from '../differential/program-run.ts';
import { skips } from './lists.ts';

/** Outcome of each test method of a module: `ok`, `FAIL`, `ERROR`, `skipped`. */
export interface SuiteResult {
  readonly outcomes: ReadonlyMap<string, string>;
  /** How the process ended, when it did not end as a finished test run does. */
  readonly trouble: string | undefined;
  readonly output: string;
}

/** `test_add (test.test_int.IntTests.test_add) ... ok`; what a test prints may stand between the dots and the outcome. */
const outcomeLine = /^(\w[\w.]*) \((\S+?)\)(?:\n[^\n]*?)? \.\.\. (?:[^\n]*?)(ok|FAIL|ERROR|skipped|expected failure|unexpected success)\b/gm;
/** Statuses of regrtest: all passed, some failed, nothing was run (a module that skips itself). */
const finished = new Set([0, 1, 2, 3, 4, 5]);

export async function runSuiteModule(
  python: readonly string[], module: string, environment: Readonly<Record<string, string>>, timeoutSeconds: number,
): Promise<SuiteResult> {
  const folder = mkdtempSync(path.join(tmpdir(), 'armature-suite-'));
  const ignore = skips().flatMap(({ pattern }) => ['-i', pattern]);
  try {
    const result = await runProgram({
      command: [...python, '-m', 'test', '-v', '--tempdir', folder, ...ignore, module],
      cwd: folder,
      environment,
      timeoutSeconds,
    });
    const output = result.stdout + result.stderr;
    const normal = result.signal === undefined && !result.timedOut && finished.has(result.status ?? -1);
    const ending = result.timedOut ? 'did not end in time' : `ended by ${result.signal ?? `status ${result.status}`}`;
    return { outcomes: outcomesOf(output), trouble: normal ? undefined : ending, output };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function outcomesOf(output: string): ReadonlyMap<string, string> {
  const outcomes = new Map<string, string>();
  for (const [, method = '', owner = '', outcome = ''] of output.matchAll(outcomeLine)) {
    outcomes.set(owner.endsWith(method) ? owner : `${owner}.${method}`, outcome);
  }
  return outcomes;
}

/** Tests whose outcome the compiler changed for the worse, and how the whole run ended if that changed. */
export function regressions(plain: SuiteResult, attached: SuiteResult): readonly string[] {
  const found: string[] = [];
  if (attached.trouble !== undefined && plain.trouble === undefined) found.push(`the run ${attached.trouble}`);
  for (const [name, outcome] of plain.outcomes) {
    const now = attached.outcomes.get(name) ?? 'not run';
    if (outcome !== now) found.push(`${name}: ${outcome}, attached: ${now}`);
  }
  return found;
}
