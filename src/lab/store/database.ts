/** What the lab needs of a database: both the embedded one and a PostgreSQL server give it, with the same SQL. */
export interface Queryable {
  query: <Row extends object>(text: string, parameters?: readonly unknown[]) => Promise<readonly Row[]>;
  /** Several statements, without parameters. */
  execute: (script: string) => Promise<void>;
}

export interface Database extends Queryable {
  readonly kind: 'embedded' | 'server';
  /** All or nothing; a rejection rolls back. */
  transaction: <T>(work: (queryable: Queryable) => Promise<T>) => Promise<T>;
  close: () => Promise<void>;
}

/** The only row of a query that always yields one. */
export async function queryOne<Row extends object>(database: Queryable, text: string, parameters: readonly unknown[] = []): Promise<Row> {
  const [row] = await database.query<Row>(text, parameters);
  if (row === undefined) throw new Error(`no row: ${text.slice(0, 80)}`);
  return row;
}
