import type { CompareOptions, Comparison } from '#lab/analysis/compare.ts';
import { compareSuites } from '#lab/analysis/compare.ts';
import { LabError } from '#lab/errors.ts';
import type { Suite } from '#lab/format/pyperf.ts';
import { readSuite } from '#lab/format/pyperf.ts';
import { pullRequestReport } from '#lab/report/pull-request.ts';
import type { PullRequestReport } from '#lab/report/pull-request.ts';
import type { Lab } from '#lab/store/open-lab.ts';
import type { RunDetails } from '#lab/store/queries/runs.ts';
import { findRun, resolveRuns } from '#lab/store/queries/runs.ts';

/** The run that a word means: a key, the beginning of one, or a commit that has one run only. */
export async function findOneRun(lab: Lab, word: string): Promise<RunDetails> {
  const runs = await resolveRuns(lab.database, word, 10);
  const exact = runs.find((run) => run.key === word) ?? (runs.length === 1 ? runs[0] : undefined);
  if (exact === undefined && runs.length > 0) throw new LabError('ambiguous-run', { word, runs: runs.map((run) => `${run.key} (${run.title})`).join(', ') });
  const run = exact === undefined ? undefined : await findRun(lab.database, exact.key);
  if (run === undefined) throw new LabError('unknown-run', { word });
  return run;
}

/** Everything that was measured, from the file itself: the database has no single values. */
export async function suiteOfRun(lab: Lab, run: RunDetails): Promise<Suite> {
  const [digest] = run.digests;
  if (run.origin !== 'pyperf' || digest === undefined) throw new LabError('summary-only', { run: run.title });
  const file = await lab.files.read(digest);
  return readSuite(file.bytes, file.context.name);
}

export interface StoredReport extends PullRequestReport {
  readonly comparison: Comparison;
}

export async function reportOfRuns(lab: Lab, base: RunDetails, head: RunDetails, options: Partial<CompareOptions> & { readonly link?: string } = {}): Promise<StoredReport> {
  const { link, ...compare } = options;
  const comparison = compareSuites(await suiteOfRun(lab, base), await suiteOfRun(lab, head), compare);
  const faults = [base, head].filter((run) => run.quality === 'quarantined').map((run) => `${run.title}: ${run.qualityReasons.join('; ')}`);
  const report = pullRequestReport(comparison, {
    reference: base.title, changed: head.title, marker: `${head.machine}-${head.variant}`, faults, ...(link === undefined ? {} : { link }),
  });
  return { ...report, comparison };
}
