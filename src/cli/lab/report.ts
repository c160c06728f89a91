import type { LabArguments } from '#cli/lab/options.ts';
import { print, withLab } from '#cli/lab/options.ts';
import { LabError } from '#lab/errors.ts';
import { findOneRun, reportOfRuns } from '#lab/report/stored-runs.ts';

/** Markdown for a pull request; with --json also the conclusion of a check. Exit status 1 when something is slower. */
export async function report(given: LabArguments): Promise<number> {
  const [base, head] = given.operands;
  if (base === undefined || head === undefined) throw new LabError('missing-operand', { subcommand: 'report', operand: 'BASE and HEAD' }, 'armature lab report BASE HEAD');
  return withLab(given, async (lab) => {
    const { markdown, title, conclusion, comparison } = await reportOfRuns(lab, await findOneRun(lab, base), await findOneRun(lab, head));
    print(given, { title, conclusion, markdown, comparison }, markdown);
    return conclusion === 'failure' ? 1 : 0;
  });
}
