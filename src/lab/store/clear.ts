import type { Database } from './database.ts';

/** Empties all tables of results. */
export async function clearDatabase(database: Database): Promise<void> {
  await database.execute('truncate machine, environment, variant, benchmark, run, result_file, measurement, change, token restart identity cascade');
}
