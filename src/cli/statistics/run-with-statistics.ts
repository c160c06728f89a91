import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Outcome } from '#cli/child.ts';
import { UserError, warn } from '#cli/errors.ts';
import type { RunRequest } from '#cli/run-program.ts';
import { runProgram } from '#cli/run-program.ts';
import type { AgentStatistics } from '#cli/statistics/agent-statistics.ts';
import { parseAgentStatistics } from '#cli/statistics/agent-statistics.ts';
import type { RunReport } from '#cli/statistics/merge.ts';
import { mergeReport } from '#cli/statistics/merge.ts';
import { summaryText } from '#cli/statistics/report-text.ts';
import type { CompileRecord } from '#server/record.ts';

export interface StatisticsRun {
  readonly outcome: Outcome;
  readonly report: RunReport;
  /** False when the agent wrote nothing: it did not attach, or the program was killed. */
  readonly attached: boolean;
}

/** Runs a program with a server of its own, and puts together what the server and the agent saw. */
export async function runObserved(request: RunRequest, dump?: string): Promise<StatisticsRun> {
  const directory = mkdtempSync(join(tmpdir(), 'armature-stats-'));
  const file = join(directory, 'stats.json');
  const records: CompileRecord[] = [];
  const start = performance.now();
  try {
    const outcome = await runProgram({
      ...request,
      variables: { ...request.variables, ARMATURE_STATS: file },
      observer: { compiled: (record) => records.push(record), dump },
    });
    const statistics = readStatistics(file);
    return { outcome, report: mergeReport(statistics, records, performance.now() - start), attached: statistics !== undefined };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function readStatistics(file: string): AgentStatistics | undefined {
  try {
    return parseAgentStatistics(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

export function warnWithoutStatistics({ outcome, attached }: StatisticsRun): void {
  if (attached) return;
  warn('no-statistics', { reason: outcome.kind === 'killed' ? `it was ended by ${outcome.signal}` : 'the agent was not attached' });
}

/** `armature run --stats` and `--stats-json`. */
export async function runWithStatistics(request: RunRequest, summary: boolean, file: string | undefined): Promise<Outcome> {
  const run = await runObserved(request);
  warnWithoutStatistics(run);
  if (summary) process.stderr.write(`armature: ${summaryText(run.report)}\n`);
  if (file !== undefined) writeReport(file, run.report);
  return run.outcome;
}

function writeReport(path: string, report: RunReport): void {
  try {
    writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  } catch (error) {
    throw new UserError('cannot-write', { path, reason: error instanceof Error ? error.message : String(error) });
  }
}
