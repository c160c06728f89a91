import { endLike } from '#cli/child.ts';
import { coloursFor } from '#support/colours.ts';
import { UserError } from '#cli/errors.ts';
import { parseOptions } from '#cli/options.ts';
import { parseProgram } from '#cli/program.ts';
import { pythonCommand } from '#cli/python.ts';
import { reportText } from '#cli/statistics/report-text.ts';
import { runObserved, warnWithoutStatistics } from '#cli/statistics/run-with-statistics.ts';
import { suggestion } from '#cli/suggest.ts';
import { explainOptions } from '#cli/verbs.ts';

/** The dumps of the last steps are the listing of the machine code, and what its check found. */
const listingStep = 'emit', verifyStep = 'verify';

export async function explain(words: readonly string[]): Promise<number> {
  const { values, rest } = parseOptions('explain', explainOptions, words);
  const program = parseProgram('explain', explainOptions, rest);
  const dump = await dumpedSteps(values);
  const run = await runObserved({
    python: pythonCommand(values.get('--python')),
    program,
    // Standard output is for the report.
    stdio: ['inherit', 2, 'inherit'],
  }, dump);
  warnWithoutStatistics(run);
  process.stdout.write(values.has('--json') ? `${JSON.stringify(run.report, null, 2)}\n` : reportText(run.report, coloursFor(process.stdout)));
  const wrong = values.has('--verify') && run.report.places.some(({ dumps }) => dumps.some(({ pass, text }) => pass === verifyStep && text.startsWith('wrong')));
  return wrong ? 1 : endLike(run.outcome);
}

/** Names of the compiler's steps to dump, separated by commas. */
async function dumpedSteps(values: ReadonlyMap<string, string>): Promise<string | undefined> {
  const asked = values.has('--dump') ? values.get('--dump') || 'all' : undefined;
  if (asked !== undefined && asked !== 'all') {
    const { stepNames } = await import('#server/start.ts');
    const names: readonly string[] = [...stepNames(), 'all'];
    const unknown = asked.split(',').find((name) => !names.includes(name));
    if (unknown !== undefined) {
      throw new UserError('unknown-pass', { pass: unknown, suggestion: suggestion(unknown, names), passes: names.join(', ') }, `one of ${names.join(', ')}`);
    }
  }
  const wanted = (option: string, step: string): string | undefined => (values.has(option) && asked !== 'all' ? step : undefined);
  const steps = [asked, wanted('--asm', listingStep), wanted('--verify', verifyStep)].filter((step) => step !== undefined);
  return steps.length === 0 ? undefined : steps.join(',');
}
