import { endLike } from '#cli/child.ts';
import { UserError } from '#cli/errors.ts';
import { parseOptions } from '#cli/options.ts';
import { parseProgram } from '#cli/program.ts';
import { pythonCommand } from '#cli/python.ts';
import { runProgram } from '#cli/run-program.ts';
import { runOptions } from '#cli/verbs.ts';

export async function run(words: readonly string[]): Promise<number> {
  const { values, rest } = parseOptions('run', runOptions, words);
  const request = {
    python: pythonCommand(values.get('--python')),
    program: parseProgram('run', runOptions, rest),
    stdio: 'inherit',
    ownServer: values.has('--own-server'),
    ...(values.has('--perf') ? { variables: { ARMATURE_PERF: perfFormat(values.get('--perf') ?? '') } } : {}),
  } as const;
  if (!values.has('--stats') && !values.has('--stats-json')) return endLike(await runProgram(request));
  const { runWithStatistics } = await import('#cli/statistics/run-with-statistics.ts');
  return endLike(await runWithStatistics(request, values.has('--stats'), values.get('--stats-json')));
}

function perfFormat(format: string): string {
  if (format !== '' && format !== 'map' && format !== 'jitdump') throw new UserError('unknown-perf-format', { format });
  return format === '' ? 'map' : format;
}
