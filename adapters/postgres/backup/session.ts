/** A session of its own for work that takes longer than the ledger's pool allows. It ends when the work is aborted. */
import pg from 'pg';
import type { WorkInHand } from '../../../core/ports/backups.js';
import { rebuildDatabaseError, type FailedOperation } from '../database-errors.js';
import { describeDatabase } from '../database-url.js';

const CONNECT_TIMEOUT_MS = 10_000;

export interface SessionPurpose extends Pick<FailedOperation, 'kind' | 'what'> {
  databaseUrl: string;
}

export async function withSession<T>({ databaseUrl, kind, what }: SessionPurpose, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: databaseUrl, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, application_name: 'bybit-temporal-bot backup', keepAlive: true });
  // A connection that is lost between two statements is reported by the next one.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return await use(client);
  } catch (error) {
    throw rebuildDatabaseError(error, { kind, what, where: describeDatabase(databaseUrl) });
  } finally {
    await client.end().catch(() => undefined);
  }
}

/** An abort ends the statement that runs. */
export async function withLongSession<T>(purpose: SessionPurpose, work: WorkInHand, use: (client: pg.Client) => Promise<T>): Promise<T> {
  work.signal.throwIfAborted();
  work.progress(purpose.what);
  let pid: number | undefined;
  const cancel = (): void => { if (pid !== undefined) void endSession(purpose.databaseUrl, pid); };
  work.signal.addEventListener('abort', cancel);
  try {
    return await withSession(purpose, async (client) => {
      pid = (await client.query<{ pid: number }>('select pg_backend_pid() as pid')).rows[0]?.pid;
      return use(client);
    });
  } catch (error) {
    work.signal.throwIfAborted();
    throw error;
  } finally {
    work.signal.removeEventListener('abort', cancel);
  }
}

async function endSession(databaseUrl: string, pid: number): Promise<void> {
  await withSession({ databaseUrl, kind: 'read', what: 'end a session that nobody waits for' }, (client) => client.query('select pg_terminate_backend($1)', [pid]))
    .catch(() => undefined); // … the server is away then, and the session with it
}
