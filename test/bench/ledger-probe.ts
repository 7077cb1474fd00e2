/**
 * What the benchmark asks the ledger, with a connection of its own: instants in the database server's clock, which is
 * the host's. A database that is being restarted is asked again.
 */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';

const POLL_MS = 20;
const QUERY_TIMEOUT_MS = 2_000;
const ENTRY_POLL_MS = 1_000;

export class LedgerProbe {
  constructor(private readonly databaseUrl: string) {}

  /** Host ms of the first decision recorded after the instant. Rejects when none comes within the limit. */
  async nextDecisionAfter(hostMs: number, limitMs: number): Promise<number> {
    const deadlineMs = Date.now() + limitMs;
    while (Date.now() < deadlineMs) {
      const recordedMs = await this.firstDecisionAfter(hostMs);
      if (recordedMs !== undefined) return recordedMs;
      await delay(POLL_MS);
    }
    throw new Error(`no decision within ${limitMs / 1_000} s`);
  }

  /** Resolves when so many entries are closed trades. */
  async untilClosedTrades(wanted: number, options: { limitMs: number; onProgress(closed: number): void }): Promise<void> {
    const deadlineMs = Date.now() + options.limitMs;
    for (let closed = 0; closed < wanted; await delay(ENTRY_POLL_MS)) {
      if (Date.now() > deadlineMs) throw new Error(`${closed} of ${wanted} trades within ${options.limitMs / 1_000} s`);
      [closed = 0] = await this.numbers("select count(*) from trades where state = 'closed'");
      options.onProgress(closed);
    }
  }

  /** Host ms at which each entry's intent was in the ledger, by trade id. */
  async entryIntents(): Promise<Map<string, number>> {
    const rows = await this.rows<{ trade_id: string; ms: string }>("select trade_id, extract(epoch from recorded_at) * 1000 as ms from order_intents where kind = 'entry'");
    return new Map(rows.map(({ trade_id, ms }) => [trade_id, Number(ms)]));
  }

  /** The first row, all its columns being numbers. */
  async numbers(sql: string, values: unknown[] = []): Promise<number[]> {
    const [row] = await this.rows<Record<string, string>>(sql, values);
    return Object.values(row ?? {}).map(Number);
  }

  private async firstDecisionAfter(hostMs: number): Promise<number | undefined> {
    try {
      const [ms] = await this.numbers('select extract(epoch from min(recorded_at)) * 1000 from decisions where recorded_at > to_timestamp($1::double precision / 1000) having min(recorded_at) is not null', [hostMs]);
      return ms;
    } catch (error) {
      if (error instanceof Error && isPassing(error)) return undefined;
      throw error;
    }
  }

  private async rows<Row extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<Row[]> {
    const client = new pg.Client({ connectionString: this.databaseUrl, connectionTimeoutMillis: QUERY_TIMEOUT_MS, query_timeout: QUERY_TIMEOUT_MS });
    client.on('error', () => undefined); // the query that is under way rejects with the same error
    try {
      await client.connect();
      return (await client.query<Row>(sql, values)).rows;
    } finally {
      await client.end().catch(() => undefined); // a connection that broke is closed already
    }
  }
}

/** The server is going down, coming up, or not there: SQLSTATE class 57P and the errors of the socket. */
function isPassing(error: Error & { code?: string }): boolean {
  return /^57P/.test(error.code ?? '') || /ECONN|EPIPE|timeout|terminated/i.test(`${error.code ?? ''} ${error.message}`);
}
