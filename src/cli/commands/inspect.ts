import type { InspectOptions } from '#check/binary/inspect.ts';
import { cpuNamed, inspect as inspectSubjects } from '#check/binary/inspect.ts';
import { renderJson } from '#check/binary/render-json.ts';
import { renderText } from '#check/binary/render-text.ts';
import { parseArguments } from '#cli/options.ts';
import { inspectOptions } from '#cli/verbs/inspect.ts';
import { coloursFor } from '#support/colours.ts';

export async function inspect(words: readonly string[]): Promise<number> {
  const { values, operands } = parseArguments('inspect', inspectOptions, words);
  const options: InspectOptions = {
    cpus: (values.get('--cpu') ?? []).map(cpuNamed),
    instructions: !values.has('--no-instructions'),
    ...(process.stderr.isTTY ? { progress: showProgress } : {}),
  };
  const reports = await inspectSubjects(operands, options);
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
  process.stdout.write(values.has('--json') ? renderJson(reports, options) : renderText(reports, options, coloursFor(process.stdout)));
  return reports.some(({ findings }) => findings.some(({ severity }) => severity === 'error')) ? 1 : 0;
}

function showProgress(what: string): void {
  process.stderr.write(`\r\u001b[K${what.slice(0, (process.stderr.columns || 80) - 1)}`);
}
