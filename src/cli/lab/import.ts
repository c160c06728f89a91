import { accessSync, constants } from 'node:fs';
import type { LabArguments } from '#cli/lab/options.ts';
import { print, showProgress, withLab } from '#cli/lab/options.ts';
import { LabError } from '#lab/errors.ts';
import type { ImportOutcome } from '#lab/ingest/import-tree.ts';
import { importTree } from '#lab/ingest/import-tree.ts';
import { judgeAll } from '#lab/watch/watcher.ts';
import { reasonOf } from '#support/system-reason.ts';

export async function importResults(given: LabArguments): Promise<number> {
  if (given.operands.length === 0) throw new LabError('missing-operand', { subcommand: 'import', operand: 'PATH' }, 'armature lab import results/');
  given.operands.forEach(mustBeThere);
  return withLab(given, async (lab) => {
    let total: ImportOutcome = { imported: 0, known: 0, refused: [] };
    const start = Date.now();
    for (const path of given.operands) {
      const outcome = await importTree(lab, path, { machine: given.option('--machine'), onFile: showProgress('reading results') });
      total = { imported: total.imported + outcome.imported, known: total.known + outcome.known, refused: [...total.refused, ...outcome.refused] };
    }
    const seconds = (Date.now() - start) / 1000;
    if (total.imported > 0) await judgeAll(lab.database, showProgress('looking for changes, series'));
    print(given, { ...total, seconds }, [...total.refused.map(refusal), summary(total, seconds)].join('\n'));
    return total.refused.length === 0 ? 0 : 1;
  });
}

/** Before anything is read: a name that is wrong must not leave half of the others imported and not judged. */
function mustBeThere(path: string): void {
  try {
    accessSync(path, constants.R_OK);
  } catch (error) {
    throw new LabError('unreadable-path', { path, reason: reasonOf(error) });
  }
}

/** Most reasons begin with the name of the file. */
function refusal({ path, reason }: ImportOutcome['refused'][number]): string {
  return `refused ${path}: ${reason.startsWith(`${path} `) ? reason.slice(path.length + 1) : reason}`;
}

function summary({ imported, known, refused }: ImportOutcome, seconds: number): string {
  const parts = [`${imported} imported`, `${known} known already`, `${refused.length} refused`];
  return `${parts.join(', ')} in ${seconds.toFixed(1)} s`;
}
