import type { Queryable } from './database.ts';

/** Oldest first. */
export async function unfinishedRuns(database: Queryable): Promise<readonly string[]> {
  const rows = await database.query<{ key: string }>('select key from unfinished_run join run on run.id = run_id order by received_at, run.id');
  return rows.map(({ key }) => key);
}

/** It was judged, and whoever is to hear of it will. */
export async function finishRun(database: Queryable, runKey: string): Promise<void> {
  await database.query('delete from unfinished_run using run where run.id = run_id and run.key = $1', [runKey]);
}

export async function finishAllRuns(database: Queryable): Promise<void> {
  await database.query('delete from unfinished_run');
}
