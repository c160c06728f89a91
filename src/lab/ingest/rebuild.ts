import { resolve } from 'node:path';
import { clearDatabase } from '#lab/store/clear.ts';
import { replayDecisions } from '#lab/store/decisions.ts';
import { openFiles, openLab } from '#lab/store/open-lab.ts';
import { finishAllRuns } from '#lab/store/unfinished-runs.ts';
import { judgeAll } from '#lab/watch/watcher.ts';
import { adoptFiles } from './adopt-files.ts';
import type { ReadInOutcome } from './read-in.ts';
import { readInMissing } from './read-in.ts';

export interface RebuildOptions {
  readonly directory: string;
  readonly databaseUrl: string | undefined;
  /** The data directory whose results and journal are read, and copied if it is another one. */
  readonly source: string;
  readonly onFile?: (done: number, total: number) => void;
  readonly onSeries?: (done: number, total: number) => void;
}

/** The embedded database is removed first, however damaged; of a PostgreSQL server the tables of the lab are emptied. */
export async function rebuildDatabase(options: RebuildOptions): Promise<ReadInOutcome> {
  const lab = await openLab(options.directory, options.databaseUrl, { fresh: true });
  try {
    await clearDatabase(lab.database);
    const refused = resolve(options.source) === resolve(options.directory) ? [] : await adoptFiles(lab, openFiles(options.source));
    const outcome = await readInMissing(lab, options.onFile);
    await judgeAll(lab.database, options.onSeries);
    // They were reported when they came.
    await finishAllRuns(lab.database);
    await replayDecisions(lab.database, lab.journal);
    return { read: outcome.read, refused: [...refused, ...outcome.refused] };
  } finally {
    await lab.database.close();
  }
}
