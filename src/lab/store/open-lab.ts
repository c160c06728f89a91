import { join } from 'node:path';
import type { Database } from './database.ts';
import { Journal } from './journal.ts';
import type { OpenOptions } from './open-database.ts';
import { openDatabase } from './open-database.ts';
import { RawFiles } from './raw-files.ts';

export interface LabFiles {
  readonly files: RawFiles;
  readonly journal: Journal;
}

/** Everything a lab keeps: what the server, the pages and the commands work on. */
export interface Lab extends LabFiles {
  readonly database: Database;
}

export async function openLab(directory: string, databaseUrl: string | undefined, options?: OpenOptions): Promise<Lab> {
  const database = await openDatabase(directory, databaseUrl, options);
  return { database, ...openFiles(directory) };
}

export function openFiles(directory: string): LabFiles {
  return { files: new RawFiles(join(directory, 'results')), journal: new Journal(join(directory, 'journal.jsonl')) };
}
