/**
 * Brings a database to the schema of this program. The migrations are the numbered SQL files beside this module.
 *
 * Invariants
 * 1. One migrator at a time: an advisory lock makes a second one wait, and then find nothing to do.
 * 2. All pending migrations apply in one transaction, or none.
 * 3. A database that knows a migration this program does not know is newer than the program and is refused untouched.
 */
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { runner } from 'node-pg-migrate';
import pg from 'pg';
import { BotError } from '../../core/errors/bot-error.js';
import type { Logger } from '../../core/ports/logger.js';
import { OWN_APPLICATION } from './checked-pool.js';
import { rebuildDatabaseError } from './database-errors.js';
import { describeDatabase } from './database-url.js';

export interface MigrateOptions {
  databaseUrl: string;
  logger: Logger;
  /** up: everything pending · down: everything, which empties the database */
  direction?: 'up' | 'down';
}

const MIGRATIONS_TABLE = 'schema_migrations';
const CONNECT_TIMEOUT_MS = 10_000;
const MIGRATIONS_FOLDER = path.join('adapters', 'postgres', 'migrations');

/** Returns the names of the migrations that ran. Rejects with 10003 (not reachable, or newer than the program) or 40008. */
export async function migrate({ databaseUrl, logger, direction = 'up' }: MigrateOptions): Promise<string[]> {
  const where = describeDatabase(databaseUrl);
  const folder = migrationsFolder();
  const client = new pg.Client({ connectionString: databaseUrl, application_name: OWN_APPLICATION, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  // A connection lost between two statements is reported by the next statement.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await refuseNewerDatabase(client, folder, where);
    return await runMigrations(client, { folder, direction, logger });
  } catch (error) {
    throw rebuildDatabaseError(error, { kind: 'write', what: `migrate ${direction}`, where });
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function runMigrations(
  dbClient: pg.Client,
  { folder, direction, logger }: { folder: string; direction: 'up' | 'down'; logger: Logger },
): Promise<string[]> {
  const quiet = (): void => undefined;
  const done = await runner({
    dbClient,
    dir: folder,
    ignorePattern: '(?!.*\\.sql$).*',
    migrationsTable: MIGRATIONS_TABLE,
    direction,
    count: Number.POSITIVE_INFINITY,
    singleTransaction: true,
    advisoryLockMode: 'wait',
    logger: { debug: quiet, info: quiet, warn: (message: string) => logger.warning(message), error: (message: string) => logger.error(message.split('\n')[0] ?? '') },
  });
  return done.map((migration) => migration.name);
}

async function refuseNewerDatabase(client: pg.Client, folder: string, where: string): Promise<void> {
  const { rows: found } = await client.query<{ present: boolean }>('select to_regclass($1) is not null as present', [MIGRATIONS_TABLE]);
  if (found[0]?.present !== true) return;
  const { rows } = await client.query<{ name: string }>(`select name from ${MIGRATIONS_TABLE} order by name`);
  const known = new Set(knownMigrations(folder));
  const unknown = rows.map((row) => row.name).filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new BotError(10003, `The database ${where} is newer than this program: it has the migration ${unknown.join(', ')}, which this program does not know`, {
    fix: 'Start the newer version of the program, or restore a backup made by this version into another database.',
    retryable: false,
  });
}

function knownMigrations(folder: string): string[] {
  return readdirSync(folder).filter((file) => file.endsWith('.sql')).map((file) => path.basename(file, '.sql'));
}

/**
 * The compiler does not copy SQL files: from the sources the folder is a sibling, from `dist/` it is found by walking up
 * to the package that holds it.
 */
function migrationsFolder(): string {
  const start = path.dirname(fileURLToPath(import.meta.url));
  const sibling = path.join(start, 'migrations');
  if (existsSync(sibling)) return sibling;
  for (let folder = start; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    const candidate = path.join(folder, MIGRATIONS_FOLDER);
    if (existsSync(candidate)) return candidate;
  }
  throw new BotError(10003, `The migrations are missing: no folder ${MIGRATIONS_FOLDER} in or above ${start}`, {
    fix: 'Install the program completely: the folder adapters/postgres/migrations belongs beside dist/.',
    retryable: false,
  });
}
