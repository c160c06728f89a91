import { mkdir } from 'node:fs/promises';
import type { Database } from './database.ts';
import { openEmbedded } from './embedded.ts';
import { migrate } from './migrate.ts';
import { openPostgres } from './postgres.ts';

export interface OpenOptions {
  /** Throws an embedded database away, whatever state it is in. */
  readonly fresh?: boolean;
}

/** With `url` a PostgreSQL server, else the embedded database in `directory`; the tables are there afterwards. */
export async function openDatabase(directory: string, url: string | undefined, options: OpenOptions = {}): Promise<Database> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const database = url === undefined ? await openEmbedded(directory, options.fresh === true) : await openPostgres(url);
  try {
    await migrate(database);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}
