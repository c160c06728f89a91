import { changes } from '#cli/lab/changes.ts';
import { importResults } from '#cli/lab/import.ts';
import type { LabCommand } from '#cli/lab/options.ts';
import { readLabArguments } from '#cli/lab/options.ts';
import { rebuild } from '#cli/lab/rebuild.ts';
import { report } from '#cli/lab/report.ts';
import { enqueue, jobs, runner } from '#cli/lab/runner.ts';
import { serveLab } from '#cli/lab/serve.ts';
import { token } from '#cli/lab/token.ts';
import { suggestion } from '#cli/suggest.ts';
import { labVerb } from '#cli/verbs/lab.ts';
import { LabError } from '#lab/errors.ts';
import { goOnWithoutReader } from '#support/closed-output.ts';

const subcommands: Readonly<Record<string, LabCommand>> = { serve: serveLab, import: importResults, rebuild, report, changes, token, runner, enqueue, jobs };

export async function lab(words: readonly string[]): Promise<number> {
  goOnWithoutReader();
  if (asksForHelp(words)) return (await import('#cli/help.ts')).printVerb(labVerb);
  const given = readLabArguments(words);
  const [name = 'serve', ...operands] = given.operands;
  const command = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
  if (command === undefined) throw new LabError('unknown-subcommand', { name, suggestion: suggestion(name, Object.keys(subcommands)) }, 'armature lab --help');
  return command({ ...given, operands });
}

/** Behind a subcommand too: `armature lab import --help`. What follows `--` are operands. */
function asksForHelp(words: readonly string[]): boolean {
  const end = words.indexOf('--');
  return words.slice(0, end < 0 ? words.length : end).some((word) => word === '--help' || word === '-h');
}
