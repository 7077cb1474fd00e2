/** Candles in `price_data`. A candle is named by symbol, interval and start; a corrected one replaces what stood there. */
import { sql, type Insertable, type Selectable } from 'kysely';
import type { Candle } from '../../core/market/candle.js';
import { intervalMs } from '../../core/market/interval.js';
import { toDecimalString } from '../../core/money/decimal.js';
import type { Ledger } from '../../core/ports/ledger.js';
import { insertBatch, replaceWhen } from './batch-insert.js';
import { toTimestamp } from './instants.js';
import type { LedgerDatabase } from './ledger-database.js';
import type { PriceDataTable } from './tables.js';

type CandleLedger = Pick<Ledger, 'saveCandles' | 'candles' | 'latestCandle'>;

const VALUES = ['open', 'high', 'low', 'close', 'volume', 'turnover'] as const;
/** An unchanged candle is not rewritten: no dead rows from a backfill that brings what is known. */
const WHEN_DIFFERENT = sql`(${valuesOf('price_data')}) is distinct from (${valuesOf('excluded')})`;

export function candleLedger(database: LedgerDatabase): CandleLedger {
  return {
    saveCandles: async (candles) => {
      if (candles.length === 0) return;
      await database.transact(`save ${candles.length} candles`, (queries) =>
        insertBatch(queries, {
          table: 'price_data',
          rows: candles.map(toRow),
          key: ['symbol', 'interval', 'timestamp'],
          onConflict: replaceWhen(VALUES, WHEN_DIFFERENT),
        }),
      );
    },
    candles: (query) => newestCandles(database, query),
    latestCandle: async (symbol, interval) => {
      const newest = await newestCandles(database, { symbol, interval, untilMs: undefined, limit: 1 });
      return newest[0] ?? null;
    },
  };
}

function valuesOf(source: string) {
  return sql.join(VALUES.map((column) => sql.ref(`${source}.${column}`)));
}

/** The newest `limit` candles that are closed at the instant, ascending: a decision never sees a candle of its future. */
async function newestCandles(
  database: LedgerDatabase,
  { symbol, interval, untilMs, limit }: { symbol: string; interval: Candle['interval']; untilMs: number | undefined; limit: number },
): Promise<Candle[]> {
  const rows = await database.read(`read candles of ${symbol}`, (queries) => {
    const all = queries.selectFrom('price_data').selectAll().where('symbol', '=', symbol).where('interval', '=', interval);
    const until = untilMs === undefined ? all : all.where('timestamp', '<=', new Date(untilMs - intervalMs(interval)));
    return until.orderBy('timestamp', 'desc').limit(limit).execute();
  });
  return rows.reverse().map(fromRow);
}

function toRow(candle: Candle): Insertable<PriceDataTable> {
  const { startMs, ...rest } = candle;
  return { ...rest, timestamp: toTimestamp(startMs) };
}

function fromRow(row: Selectable<PriceDataTable>): Candle {
  return {
    symbol: row.symbol,
    interval: row.interval,
    startMs: row.timestamp.getTime(),
    open: toDecimalString(row.open),
    high: toDecimalString(row.high),
    low: toDecimalString(row.low),
    close: toDecimalString(row.close),
    volume: toDecimalString(row.volume),
    turnover: toDecimalString(row.turnover),
  };
}
