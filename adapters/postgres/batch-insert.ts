/**
 * Inserts many rows with one statement and one parameter: the rows travel as JSON and the database takes them apart
 * by the table's own column types. Decimals travel as text, so nothing is rounded on the way.
 *
 * Invariants
 * 1. Rows are inserted in the order of their key, so two writers of the same rows wait for each other and never deadlock.
 * 2. Of several rows with one key only the last in the given order is sent: one statement cannot touch a row twice.
 * 3. A statement carries at most `MAX_ROWS_PER_STATEMENT` rows.
 */
import { sql, type Insertable, type RawBuilder } from 'kysely';
import type { Queries } from './ledger-database.js';
import type { LedgerTables } from './tables.js';

export const MAX_ROWS_PER_STATEMENT = 1_000;

export interface Batch<Table extends keyof LedgerTables> {
  table: Table;
  /** all with the same columns; of two rows with one key the later one is taken */
  rows: readonly Insertable<LedgerTables[Table]>[];
  /** the columns of the natural key */
  key: readonly (keyof Insertable<LedgerTables[Table]> & string)[];
  /** what happens to a row that is there already: the text after "on conflict (key)" */
  onConflict: RawBuilder<unknown>;
}

export const KEEP_THE_FIRST = sql`do nothing`;

/** Every other column takes the new value, when the condition (over the table's name and `excluded`) holds. */
export function replaceWhen(columns: readonly string[], condition: RawBuilder<unknown>): RawBuilder<unknown> {
  const assignments = columns.map((column) => sql`${sql.ref(column)} = excluded.${sql.ref(column)}`);
  return sql`do update set ${sql.join(assignments)} where ${condition}`;
}

/** Returns the keys' first column of the rows that were inserted or changed. */
export async function insertBatch<Table extends keyof LedgerTables>(queries: Queries, batch: Batch<Table>): Promise<string[]> {
  const touched: string[] = [];
  const rows = orderedByKey(batch);
  for (let start = 0; start < rows.length; start += MAX_ROWS_PER_STATEMENT) {
    touched.push(...(await insertSlice(queries, batch, rows.slice(start, start + MAX_ROWS_PER_STATEMENT))));
  }
  return touched;
}

function orderedByKey<Table extends keyof LedgerTables>({ rows, key }: Batch<Table>): object[] {
  const byKey = new Map<string, object>();
  for (const row of rows) byKey.set(JSON.stringify(key.map((column) => row[column])), row);
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

async function insertSlice<Table extends keyof LedgerTables>(queries: Queries, batch: Batch<Table>, rows: object[]): Promise<string[]> {
  const table = sql.table(batch.table);
  const columns = sql.join(Object.keys(rows[0] ?? {}).map((column) => sql.ref(column)));
  const key = sql.join(batch.key.map((column) => sql.ref(column)));
  const result = await sql<{ key: string }>`
    insert into ${table} (${columns})
    select ${columns} from jsonb_populate_recordset(null::${table}, ${JSON.stringify(rows)}::jsonb)
    on conflict (${key}) ${batch.onConflict}
    returning ${sql.ref(`${batch.table}.${String(batch.key[0])}`)} as key`.execute(queries);
  return result.rows.map((row) => row.key);
}
