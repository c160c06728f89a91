import { resolve } from 'node:path';
import type { LabArguments } from '#cli/lab/options.ts';
import { print, showProgress } from '#cli/lab/options.ts';
import { rebuildDatabase } from '#lab/ingest/rebuild.ts';

/** Makes the database from the result files: into an empty one, or one whose content is thrown away. */
export async function rebuild(given: LabArguments): Promise<number> {
  const from = given.option('--from');
  const outcome = await rebuildDatabase({
    directory: given.directory, databaseUrl: given.databaseUrl, source: from === undefined ? given.directory : resolve(from),
    onFile: showProgress('reading results'),
  });
  const refused = outcome.refused.map(({ digest, reason }) => `refused ${digest}: ${reason}`);
  print(given, outcome, [...refused, `${outcome.read} results read, ${outcome.refused.length} refused`].join('\n'));
  return outcome.refused.length === 0 ? 0 : 1;
}
