/**
 * Hears when the bot has dealt with a candle. Used by whoever paces the market in lock-step.
 *
 * Invariants
 * 1. Nothing is missed for good: after every (re)connect the newest decision is read and reported, because
 *    notifications sent while nobody listened are gone.
 * 2. A value can be reported more than once and, after a repeated write, late: a listener takes the largest.
 * 3. A lost server never ends the process; the listener comes back by itself until it is closed.
 */
import pg from 'pg';
import type { Logger } from '../../core/ports/logger.js';
import { OWN_APPLICATION } from './checked-pool.js';
import { rebuildDatabaseError } from './database-errors.js';
import { describeDatabase } from './database-url.js';

export const DECIDED_CHANNEL = 'decided';

export interface DecidedSubscription {
  /** after it resolves the listener is not called again */
  close(): Promise<void>;
}

/** Called with exchange ms: everything up to this candle close has been dealt with. First call: the newest on record, 0 when there is none. */
export type DecidedListener = (decidedThroughMs: number) => void;

const CONNECT_TIMEOUT_MS = 5_000;
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 1_000;

/** Returns at once and connects in the background; throws only when the connection string is not one. */
export function onDecided(databaseUrl: string, listener: DecidedListener, logger: Logger): DecidedSubscription {
  const subscription = new Subscription({ databaseUrl, where: describeDatabase(databaseUrl), listener, logger });
  subscription.start();
  return subscription;
}

class Subscription implements DecidedSubscription {
  private readonly closing = new AbortController();
  private client: pg.Client | undefined;
  private running: Promise<void> = Promise.resolve();

  constructor(private readonly options: { databaseUrl: string; where: string; listener: DecidedListener; logger: Logger }) {}

  start(): void {
    this.running = this.run();
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.client?.end();
    await this.running;
  }

  private async run(): Promise<void> {
    let retryMs = FIRST_RETRY_MS;
    while (!this.closing.signal.aborted) {
      try {
        await this.listenUntilLost(() => { retryMs = FIRST_RETRY_MS; });
      } catch (error) {
        if (!this.closing.signal.aborted) this.report(error);
      }
      await pause(retryMs, this.closing.signal);
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
    }
  }

  private async listenUntilLost(onListening: () => void): Promise<void> {
    const client = new pg.Client({ connectionString: this.options.databaseUrl, application_name: OWN_APPLICATION, connectionTimeoutMillis: CONNECT_TIMEOUT_MS, keepAlive: true });
    this.client = client;
    const lost = new Promise<void>((resolve) => client.once('end', resolve));
    // The reason of a lost connection is reported by the query that fails, or by the reconnect; `end` follows in any case.
    client.on('error', () => undefined);
    client.on('notification', ({ payload }) => this.deliver(Number(payload)));
    try {
      await client.connect();
      await client.query(`listen ${DECIDED_CHANNEL}`);
      this.deliver(await newestDecidedMs(client));
      onListening();
      await lost;
    } finally {
      await client.end().catch((error: unknown) => this.report(error));
    }
  }

  private deliver(decidedThroughMs: number): void {
    if (!this.closing.signal.aborted) this.options.listener(decidedThroughMs);
  }

  private report(error: unknown): void {
    const rebuilt = rebuildDatabaseError(error, { kind: 'connect', what: 'listen for decisions', where: this.options.where });
    this.options.logger.warning(rebuilt.message, { code: rebuilt.code });
  }
}

async function newestDecidedMs(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ newest: Date | null }>('select max(decided_through) as newest from decisions');
  return rows[0]?.newest?.getTime() ?? 0;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
  });
}
