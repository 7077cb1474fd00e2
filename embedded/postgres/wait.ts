/** Waits until a PostgreSQL server answers queries. A server in crash recovery refuses until it is done; that is waited for. */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { rebuildDatabaseError } from '../../adapters/postgres/database-errors.js';
import { describeDatabase } from '../../adapters/postgres/database-url.js';
import { BotError } from '../../core/errors/bot-error.js';

const ATTEMPT_TIMEOUT_MS = 2_000;
const BETWEEN_ATTEMPTS_MS = 30;

/** Resolves with the first answered query. Rejects with 10003: at once when waiting cannot help (wrong password, no such database), else after the time-out. */
export async function waitForPostgres(databaseUrl: string, timeoutMs: number, signal?: AbortSignal): Promise<void> {
  const where = describeDatabase(databaseUrl);
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const failure = await tryOnce(databaseUrl, where);
    if (failure === undefined) return;
    if (!failure.retryable || performance.now() >= deadlineMs) throw failure;
    if (signal?.aborted === true) throw new BotError(10003, `Waiting for the database ${where} was given up`);
    await delay(BETWEEN_ATTEMPTS_MS);
  }
}

async function tryOnce(databaseUrl: string, where: string): Promise<BotError | undefined> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: ATTEMPT_TIMEOUT_MS, query_timeout: ATTEMPT_TIMEOUT_MS });
  // A connection that breaks between two steps is reported by the step that fails.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return undefined;
  } catch (error) {
    return rebuildDatabaseError(error, { kind: 'connect', what: 'ask it anything', where });
  } finally {
    await client.end().catch(() => undefined);
  }
}
