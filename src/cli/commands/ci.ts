import type { CiOptions } from '#ci/check.ts';
import { checkWorkflows } from '#ci/check.ts';
import { systems } from '#ci/facts.ts';
import type { Ported } from '#ci/port.ts';
import { portWorkflows } from '#ci/port.ts';
import { checkJson, portJson } from '#ci/report/json.ts';
import { agesText, costText, coverageText, findingsText, summaryText } from '#ci/report/text.ts';
import { unifiedDiff } from '#ci/report/unified-diff.ts';
import type { Finding, Severity } from '#ci/rules/rule.ts';
import { actionNamed, ciActions, dateNamed, oneOf } from '#ci/settings.ts';
import { writeFiles } from '#ci/write.ts';
import { askDependencies } from '#cli/ci/ask-dependencies.ts';
import { UserError } from '#cli/errors.ts';
import { parseArguments } from '#cli/options.ts';
import { suggestion } from '#cli/suggest.ts';
import { ciOptions } from '#cli/verbs/ci.ts';
import { coloursFor } from '#support/colours.ts';
import type { ReportedError } from '#support/reported-error.ts';

const levels: readonly Severity[] = ['error', 'warning', 'note'];

export async function ci(words: readonly string[]): Promise<number> {
  const { values, operands } = parseArguments('ci', ciOptions, words);
  const [word = '', path = '.', extra] = operands;
  const action = actionNamed(word, suggestion(word, ciActions));
  if (extra !== undefined) throw new UserError('unexpected-argument', { verb: `ci ${action}`, argument: extra });
  const only = action === 'check' ? '--write' : '--fail-on';
  if (values.has(only)) throw new UserError('unknown-option', { option: only, verb: `ci ${action}`, suggestion: '' });
  const options: CiOptions = {
    today: dateNamed('--date', values.get('--date')?.at(-1)),
    targets: values.get('--target')?.map((value) => oneOf('--target', systems, value)) ?? systems,
    ...(values.has('--dependencies') ? { ask: askDependencies(values.has('--offline')) } : {}),
  };
  if (action === 'port') return port(path, options, values.has('--write'), values.has('--json'));
  return check(path, options, oneOf('--fail-on', [...levels, 'never'], values.get('--fail-on')?.at(-1) ?? 'warning'), values.has('--json'));
}

async function check(path: string, options: CiOptions, failOn: Severity | 'never', json: boolean): Promise<number> {
  const { project, findings } = await checkWorkflows(path, options);
  if (json) printJson(checkJson(project, findings, options.today));
  else {
    process.stdout.write(findingsText(findings, coloursFor(process.stdout)) + summaryText(findings) + coverageText() + agesText(options.today));
    printProblems(project.problems);
  }
  if (project.problems.length > 0) return 2;
  return findings.some((finding) => failOn !== 'never' && levels.indexOf(finding.severity) <= levels.indexOf(failOn)) ? 1 : 0;
}

async function port(path: string, options: CiOptions, write: boolean, json: boolean): Promise<number> {
  const ported = await portWorkflows(path, options);
  if (write) writeFiles(ported);
  if (json) printJson(portJson(ported, write, options.today));
  else {
    process.stdout.write(unifiedDiff(ported.files, coloursFor(process.stdout)));
    process.stderr.write(remainder(ported.left, ported, write) + costText(ported.added) + agesText(options.today));
    printProblems(ported.project.problems);
  }
  if (ported.project.problems.length > 0) return 2;
  return write || ported.files.length === 0 ? 0 : 1;
}

/** What is left to people goes to standard error: standard output is a patch. */
function remainder(left: readonly Finding[], ported: Ported, written: boolean): string {
  const colours = coloursFor(process.stderr);
  const count = String(ported.files.length);
  const unread = ported.project.problems.length;
  const changed = unread > 0 ? `Nothing is changed as long as ${unread === 1 ? 'a file' : `${String(unread)} files`} cannot be read.\n` : ported.files.length === 0 ? 'Nothing to change.\n' : `${count} ${ported.files.length === 1 ? 'file' : 'files'} ${written ? 'changed' : 'to change'}.\n`;
  return left.length === 0 ? changed : `${changed}Left as it is:\n${findingsText(left, colours)}`;
}

function printProblems(problems: readonly ReportedError[]): void {
  for (const problem of problems) process.stderr.write(problem.line());
}

function printJson(document: unknown): void {
  process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
}
