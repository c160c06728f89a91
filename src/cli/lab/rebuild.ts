import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { LabArguments } from '#cli/lab/options.ts';
import { mustExist, print, showProgress } from '#cli/lab/options.ts';
import { LabError } from '#lab/errors.ts';
import { rebuildDatabase } from '#lab/ingest/rebuild.ts';

/** Makes the database from the result files: into an empty one, or one whose content is thrown away. */
export async function rebuild(given: LabArguments): Promise<number> {
  const from = given.option('--from');
  // An empty database from a mistyped name would look like a success.
  if (from !== undefined && !existsSync(join(from, 'results'))) throw new LabError('no-source', { path: from });
  if (from === undefined) mustExist(given);
  const outcome = await rebuildDatabase({
    directory: given.directory, databaseUrl: given.databaseUrl, source: from === undefined ? given.directory : resolve(from),
    onFile: showProgress('reading results'), onSeries: showProgress('looking for changes, series'),
  });
  const refused = outcome.refused.map(({ digest, reason }) => `refused ${digest}: ${reason}`);
  print(given, outcome, [...refused, `${outcome.read} results read, ${outcome.refused.length} refused`].join('\n'));
  return outcome.refused.length === 0 ? 0 : 1;
}
