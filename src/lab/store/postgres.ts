import pg from 'pg';
import { LabError } from '#lab/errors.ts';
import type { Database, Queryable } from './database.ts';

/** Enough for the pages of fifty readers: their queries take milliseconds. */
const maximumConnections = 10;

export async function openPostgres(url: string): Promise<Database> {
  const pool = new pg.Pool({ connectionString: url, max: maximumConnections, application_name: 'armature-lab', connectionTimeoutMillis: 10_000 });
  // An idle connection that the server closes is replaced by the next query; without a listener it would end the process.
  pool.on('error', () => undefined);
  try {
    await pool.query('select 1');
  } catch (error) {
    await pool.end();
    throw new LabError('database-unreachable', { url: withoutPassword(url), reason: error instanceof Error ? error.message : String(error) });
  }
  return {
    kind: 'server',
    ...queryable(pool),
    transaction: (work) => transaction(pool, work),
    close: () => pool.end(),
  };
}

async function transaction<T>(pool: pg.Pool, work: (queryable: Queryable) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let failure: Error | undefined;
  try {
    await client.query('begin');
    const result = await work(queryable(client));
    await client.query('commit');
    return result;
  } catch (error) {
    failure = error instanceof Error ? error : new Error(String(error));
    await client.query('rollback').catch(() => undefined);
    throw failure;
  } finally {
    // A connection whose transaction failed is not used again: it may be in any state.
    client.release(failure);
  }
}

function queryable(client: pg.Pool | pg.PoolClient): Queryable {
  return {
    query: async <Row extends object>(text: string, parameters: readonly unknown[] = []) => (await client.query<Row>(text, [...parameters])).rows,
    execute: async (script) => {
      await client.query(script);
    },
  };
}

/** For messages and logs. */
export function withoutPassword(url: string): string {
  return url.replace(/^(\w+:\/\/[^:/@]*):[^@/]*@/, '$1:***@');
}
