import type * as Package from '@electric-sql/pglite';
import type { PGlite, Transaction } from '@electric-sql/pglite';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { LabError } from '#lab/errors.ts';
import type { Database, Queryable } from './database.ts';
import { lockDirectory } from './lock.ts';

/** PostgreSQL inside this process. It takes no lock of its own, and two processes on one directory lose rows: hence ours. */
export async function openEmbedded(directory: string, fresh = false): Promise<Database> {
  const lock = lockDirectory(directory);
  try {
    const { PGlite: Embedded } = await loadPackage();
    const path = join(directory, 'database');
    if (fresh) await rm(path, { recursive: true, force: true });
    const engine = await Embedded.create(path);
    return {
      kind: 'embedded',
      ...queryable(engine),
      transaction: (work) => engine.transaction((transaction) => work(queryable(transaction))),
      close: async () => {
        await engine.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    if (error instanceof LabError) throw error;
    throw new LabError('database-damaged', { path: directory, reason: error instanceof Error ? error.message : String(error) });
  }
}

function queryable(engine: PGlite | Transaction): Queryable {
  return {
    query: async <Row extends object>(text: string, parameters: readonly unknown[] = []) => (await engine.query<Row>(text, [...parameters])).rows,
    execute: async (script) => {
      await engine.exec(script);
    },
  };
}

/** 27 MB that only this command needs: an optional package, which npm may have left out. */
async function loadPackage(): Promise<typeof Package> {
  try {
    return await import('@electric-sql/pglite');
  } catch (error) {
    throw new LabError('embedded-database-missing', { reason: error instanceof Error ? error.message.split('\n')[0] ?? '' : String(error) });
  }
}
