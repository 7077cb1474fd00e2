/**
 * The ledger on PostgreSQL. Each part owns its tables; this file only puts the parts together.
 * The schema must be current: call `migrate` first.
 */
import { sql } from 'kysely';
import type { Ledger } from '../../core/ports/ledger.js';
import type { Logger } from '../../core/ports/logger.js';
import { accountLedger } from './account-ledger.js';
import { analyticsLedger } from './analytics-ledger.js';
import { candleLedger } from './candle-ledger.js';
import { databaseWatch } from './database-watch.js';
import { decisionLedger } from './decision-ledger.js';
import { errorLedger } from './error-ledger.js';
import { executionLedger } from './execution-ledger.js';
import { historyLedger } from './history-ledger.js';
import { journalLedger } from './journal-ledger.js';
import { openLedgerDatabase, type LedgerDatabase } from './ledger-database.js';
import { orderLedger } from './order-ledger.js';
import { processLedger } from './process-ledger.js';
import { runbookLedger } from './runbook-ledger.js';
import { tradeLedger } from './trade-ledger.js';

export interface PostgresLedgerOptions {
  databaseUrl: string;
  /** connections kept open; guide: 20 */
  poolSize?: number;
  /** further connections under load; guide: 30 */
  poolOverflow?: number;
  statementTimeoutMs?: number;
  connectTimeoutMs?: number;
  logger: Logger;
}

const DEFAULTS = { poolSize: 20, poolOverflow: 30, statementTimeoutMs: 10_000, connectTimeoutMs: 5_000 };

/** Opens the pool and proves that the database answers; rejects with 10003 when it does not. */
export async function createPostgresLedger(options: PostgresLedgerOptions): Promise<Ledger> {
  const database = openLedgerDatabase({ ...DEFAULTS, ...options });
  const ledger: Ledger = {
    ...candleLedger(database),
    ...executionLedger(database),
    ...orderLedger(database),
    ...accountLedger(database),
    ...analyticsLedger(database),
    ...tradeLedger(database),
    ...decisionLedger(database),
    ...journalLedger(database),
    ...processLedger(database),
    ...errorLedger(database),
    ...runbookLedger(database),
    ...historyLedger(database),
    ...databaseWatch(database),
    ping: () => ping(database),
    close: () => database.close(),
  };
  try {
    await ledger.ping();
  } catch (error) {
    await ledger.close();
    throw error;
  }
  return ledger;
}

async function ping(database: LedgerDatabase): Promise<{ latencyMs: number; serverVersion: string }> {
  const startedMs = performance.now();
  const result = await database.read('ping', (queries) => sql<{ server_version: string }>`show server_version`.execute(queries));
  return { latencyMs: performance.now() - startedMs, serverVersion: result.rows[0]?.server_version ?? 'unknown' };
}
