/** Whether a database holds a ledger at all: asked before anybody takes a new, empty one for it. */
import pg from 'pg';
import { isBotError } from '../../core/errors/bot-error.js';
import { rebuildDatabaseError } from './database-errors.js';
import { describeDatabase } from './database-url.js';
import { MIGRATIONS_TABLE } from './migrate.js';

/** empty: it has no tables of ours · absent: the server has no such database */
export type SchemaPresence = 'there' | 'empty' | 'absent';

const TIMEOUT_MS = 5_000;
const NO_SUCH_DATABASE = '3D000';

/** Rejects with BotError when the database cannot be opened. */
export async function schemaPresence(databaseUrl: string): Promise<SchemaPresence> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: TIMEOUT_MS, query_timeout: TIMEOUT_MS });
  // A connection that breaks between two steps is reported by the step that fails.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ present: boolean }>('select to_regclass($1) is not null as present', [MIGRATIONS_TABLE]);
    return rows[0]?.present === true ? 'there' : 'empty';
  } catch (error) {
    const failure = rebuildDatabaseError(error, { kind: 'read', what: 'look for the ledger', where: describeDatabase(databaseUrl) });
    if (isBotError(failure) && failure.foreignCode === NO_SUCH_DATABASE) return 'absent';
    throw failure;
  } finally {
    await client.end().catch(() => undefined);
  }
}
