import type { Queryable } from './database.ts';
import { queryOne } from './database.ts';

/** Counts the transactions that changed what readers see: an answer of the same version is the same answer. */
export async function dataVersion(queryable: Queryable): Promise<number> {
  return (await queryOne<{ number: number }>(queryable, 'select number from data_version')).number;
}

/** The last statement of a transaction: from here to its end others that write have to wait. */
export async function bumpVersion(queryable: Queryable): Promise<void> {
  await queryable.query('update data_version set number = number + 1');
}
