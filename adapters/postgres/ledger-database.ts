/**
 * The one way to the database for the ledger's parts: typed queries whose every failure leaves as a `BotError`.
 */
import { Kysely, PostgresDialect, type Transaction } from 'kysely';
import type { PoolStatistics } from '../../core/ports/database-watch.js';
import { CheckedPool, type PoolOptions } from './checked-pool.js';
import { rebuildDatabaseError, type FailedOperation } from './database-errors.js';
import { describeDatabase } from './database-url.js';
import type { LedgerTables } from './tables.js';

export type Queries = Kysely<LedgerTables> | Transaction<LedgerTables>;

export interface LedgerDatabase {
  /** `what` completes "could not …" in the error */
  read<T>(what: string, run: (queries: Queries) => Promise<T>): Promise<T>;
  /** one statement, which is its own transaction */
  write<T>(what: string, run: (queries: Queries) => Promise<T>): Promise<T>;
  /** several statements, all or none */
  transact<T>(what: string, run: (queries: Queries) => Promise<T>): Promise<T>;
  poolStatistics(): PoolStatistics;
  close(): Promise<void>;
}

export function openLedgerDatabase(options: PoolOptions): LedgerDatabase {
  const where = describeDatabase(options.databaseUrl);
  const pool = new CheckedPool(options);
  const kysely = new Kysely<LedgerTables>({ dialect: new PostgresDialect({ pool }) });
  const guard = async <T>(operation: Omit<FailedOperation, 'where'>, run: () => Promise<T>): Promise<T> => {
    try {
      return await run();
    } catch (error) {
      throw rebuildDatabaseError(error, { ...operation, where });
    }
  };
  return {
    read: (what, run) => guard({ kind: 'read', what }, () => run(kysely)),
    write: (what, run) => guard({ kind: 'write', what }, () => run(kysely)),
    transact: (what, run) => guard({ kind: 'write', what }, () => kysely.transaction().execute(run)),
    poolStatistics: () => pool.statistics(),
    close: () => kysely.destroy(),
  };
}
