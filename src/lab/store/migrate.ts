import { LabError } from '#lab/errors.ts';
import type { Database } from './database.ts';
import { queryOne } from './database.ts';
import { migrations } from './schema.ts';

/** Any number, the same in every process of the lab: two that start at once must not both create the tables. */
const migrationLock = 7_231_506;

export async function migrate(database: Database): Promise<void> {
  await database.transaction(async (transaction) => {
    await transaction.query('select pg_advisory_xact_lock($1)', [migrationLock]);
    await transaction.execute('create table if not exists schema_version (version integer not null)');
    const { version } = await queryOne<{ version: number }>(transaction, 'select coalesce(max(version), 0) as version from schema_version');
    if (version > migrations.length) throw new LabError('database-newer', { found: String(version), known: String(migrations.length) });
    for (const [index, migration] of migrations.entries()) {
      if (index < version) continue;
      await transaction.execute(migration);
      await transaction.query('insert into schema_version values ($1)', [index + 1]);
    }
  });
}
