import type { LabArguments } from '#cli/lab/options.ts';
import { print, withResults } from '#cli/lab/options.ts';
import { targetsOf } from '#cli/lab/targets.ts';
import { postNow } from '#lab/delivery/reporter.ts';
import { LabError } from '#lab/errors.ts';
import { findOneRun, reportOfRuns } from '#lab/report/stored-runs.ts';

/** Markdown for a pull request; with --json also the conclusion of a check, with --post it is sent too. Exit status 1 when something is slower. */
export async function report(given: LabArguments): Promise<number> {
  const [base, head] = given.operands;
  if (base === undefined || head === undefined) throw new LabError('missing-operand', { subcommand: 'report', operand: 'BASE and HEAD' }, 'armature lab report BASE HEAD');
  const targets = given.has('--post') ? targetsOf(given) : undefined;
  if (given.has('--post') && targets === undefined) throw new LabError('missing-operand', { subcommand: 'report --post', operand: '--webhook URL or --github OWNER/NAME' });
  const pull = pullOf(given.option('--pull'));
  return withResults(given, async (lab) => {
    const [baseRun, headRun] = [await findOneRun(lab, base), await findOneRun(lab, head)];
    const { markdown, title, conclusion, comparison } = await reportOfRuns(lab, baseRun, headRun);
    const posted = targets === undefined ? [] : await postNow(lab, targets, { base: baseRun.key, head: headRun.key, pull });
    print(given, { title, conclusion, markdown, comparison, ...(targets === undefined ? {} : { posted }) }, markdown);
    return conclusion === 'failure' ? 1 : 0;
  });
}

function pullOf(word: string | undefined): number | undefined {
  if (word !== undefined && !/^[1-9]\d{0,8}$/.test(word)) throw new LabError('bad-target', { target: word, reason: 'not the number of a pull request' });
  return word === undefined ? undefined : Number(word);
}
