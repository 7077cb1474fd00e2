/**
 * The connection pool, made safe to use across restarts of the server.
 *
 * Invariants
 * 1. A connection that rested is asked `select 1` before it is handed out; a dead one is replaced, not handed out.
 * 2. A connection whose statement timed out on our side, or that broke, is closed instead of returned: its protocol
 *    state is unknown.
 * 3. A server that goes away never ends the process. The pool listens to the `error` event of resting connections only;
 *    one that breaks between two statements of a transaction would be nobody's, so every connection gets a listener.
 */
import type { PostgresPool, PostgresPoolClient, PostgresQueryResult } from 'kysely';
import pg from 'pg';
import type { Logger } from '../../core/ports/logger.js';
import type { PoolStatistics } from '../../core/ports/database-watch.js';
import { breaksConnection } from './database-errors.js';

export interface PoolOptions {
  databaseUrl: string;
  /** connections that are kept open */
  poolSize: number;
  /** further connections under load; they close when idle */
  poolOverflow: number;
  statementTimeoutMs: number;
  connectTimeoutMs: number;
  logger: Logger;
}

/** By it the server's list of sessions says which are ours. */
export const OWN_APPLICATION = 'bybit-temporal-bot';
/** Guide, "Connection Pooling": pool_recycle 3600 s. */
const CONNECTION_LIFETIME_SECONDS = 3600;
const OVERFLOW_IDLE_TIMEOUT_MS = 30_000;
/** A connection used more recently than this is trusted without asking, so that a burst pays no extra round trip. */
const TRUSTED_AFTER_USE_MS = 500;
/** The server enforces the statement time-out; the client waits this much longer before it declares the server gone. */
const CLIENT_GRACE_MS = 1_000;

export class CheckedPool implements PostgresPool {
  private readonly pool: pg.Pool;
  private readonly lastUsedMs = new WeakMap<pg.PoolClient, number>();
  private readonly broken = new WeakSet<pg.PoolClient>();
  private opened = 0;
  private replaced = 0;

  constructor(private readonly options: PoolOptions) {
    this.pool = new pg.Pool(poolConfig(options));
    this.pool.on('error', (error) => {
      options.logger.warning('A resting database Connection was lost; the next call opens a new one', { code: 10003, reason: error.message });
    });
    this.pool.on('connect', (client) => {
      this.opened += 1;
      client.on('error', () => this.broken.add(client));
    });
  }

  async connect(): Promise<PostgresPoolClient> {
    const client = await this.takeLiving();
    return {
      query: async <R>(sql: unknown, parameters?: readonly unknown[]): Promise<PostgresQueryResult<R>> => {
        try {
          return (await client.query(sql as string, [...(parameters ?? [])])) as unknown as PostgresQueryResult<R>;
        } catch (error) {
          if (breaksConnection(error)) this.broken.add(client);
          throw error;
        }
      },
      release: () => this.giveBack(client),
    } as PostgresPoolClient;
  }

  statistics(): PoolStatistics {
    const { totalCount: open, idleCount: idle, waitingCount: waiting } = this.pool;
    const { poolSize: size, poolOverflow: overflow } = this.options;
    return { size, overflow, open, inUse: open - idle, idle, waiting, opened: this.opened, replaced: this.replaced, recycleAfterSeconds: CONNECTION_LIFETIME_SECONDS };
  }

  async end(): Promise<void> {
    await this.pool.end();
  }

  /** Ends: every failed probe removes one resting connection, and a new connection needs no probe. */
  private async takeLiving(): Promise<pg.PoolClient> {
    for (;;) {
      const client = await this.pool.connect();
      const lastUsedMs = this.lastUsedMs.get(client);
      if (lastUsedMs === undefined || performance.now() - lastUsedMs < TRUSTED_AFTER_USE_MS) return client;
      if (await answers(client)) return client;
      this.replaced += 1;
      client.release(true);
    }
  }

  private giveBack(client: pg.PoolClient): void {
    this.lastUsedMs.set(client, performance.now());
    client.release(this.broken.has(client));
  }
}

function poolConfig(options: PoolOptions): pg.PoolConfig {
  return {
    connectionString: options.databaseUrl,
    application_name: OWN_APPLICATION,
    max: options.poolSize + options.poolOverflow,
    min: options.poolSize,
    idleTimeoutMillis: OVERFLOW_IDLE_TIMEOUT_MS,
    maxLifetimeSeconds: CONNECTION_LIFETIME_SECONDS,
    connectionTimeoutMillis: options.connectTimeoutMs,
    statement_timeout: options.statementTimeoutMs,
    query_timeout: options.statementTimeoutMs + CLIENT_GRACE_MS,
    idle_in_transaction_session_timeout: options.statementTimeoutMs + CLIENT_GRACE_MS,
    keepAlive: true,
  };
}

async function answers(client: pg.PoolClient): Promise<boolean> {
  try {
    await client.query('select 1');
    return true;
  } catch {
    // The reason does not matter here: the caller replaces the connection, and a dead server fails the next connect.
    return false;
  }
}
