import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import { MAX_ROWS_PER_STATEMENT } from '../../../adapters/postgres/batch-insert.js';
import type { Candle } from '../../../core/market/candle.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { aCandle, anyMoney, money } from '../../support/postgres-facts.js';
import { silentLogger } from '../../support/silent-logger.js';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2024, 0, 31);
const series = { symbol: 'BTCUSDT', interval: '1' } as const;

describe('candles in the ledger', () => {
  let database: TestDatabase;
  let ledger: Ledger;

  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger: silentLogger });
  });
  beforeEach(async () => {
    await database.query('delete from price_data');
  });
  afterAll(async () => {
    await ledger.close();
    await database.drop();
  });

  it('come back ascending, as many as asked for, and never one that closes after the instant', async () => {
    const candles = minutes(10);
    await ledger.saveCandles([...candles].reverse());
    const untilMs = START_MS + 8 * MINUTE_MS;
    expect(await ledger.candles({ ...series, untilMs, limit: 3 })).toEqual(candles.slice(5, 8));
    expect(await ledger.candles({ ...series, untilMs: untilMs - 1, limit: 3 })).toEqual(candles.slice(4, 7));
    expect(await ledger.candles({ ...series, untilMs, limit: 100 })).toEqual(candles.slice(0, 8));
  });

  it('of other symbols and intervals are not mixed in', async () => {
    await ledger.saveCandles([aCandle(), aCandle({ symbol: 'ETHUSDT' }), aCandle({ interval: '15' })]);
    expect(await ledger.latestCandle('BTCUSDT', '1')).toEqual(aCandle());
    expect(await ledger.latestCandle('SOLUSDT', '1')).toBeNull();
  });

  it('are corrected by a later word of the exchange, also within one batch', async () => {
    await ledger.saveCandles([aCandle({ volume: money('1') })]);
    await ledger.saveCandles([aCandle({ volume: money('2') }), aCandle({ volume: money('3') })]);
    expect(await ledger.latestCandle('BTCUSDT', '1')).toEqual(aCandle({ volume: money('3') }));
  });

  it('carry every decimal through unchanged', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(anyMoney, anyMoney), { minLength: 1, maxLength: 40 }), async (amounts) => {
        const candles = amounts.map(([volume, turnover], index) =>
          aCandle({ startMs: START_MS + index * MINUTE_MS, volume: absolute(volume), turnover: absolute(turnover) }));
        await database.query('delete from price_data');
        await ledger.saveCandles(candles);
        expect(await ledger.candles({ ...series, untilMs: START_MS + 60 * MINUTE_MS, limit: 100 })).toEqual(candles);
      }),
      { numRuns: 20 },
    );
  });

  it('are refused when they cannot be candles: a high below the close', async () => {
    await expect(ledger.saveCandles([aCandle({ high: money('41950') })])).rejects.toMatchObject({ code: 40008, retryable: false });
  });

  it('of more than one statement arrive all, and arriving twice rewrites no row', async () => {
    const candles = minutes(2 * MAX_ROWS_PER_STATEMENT + 1);
    const places = () => database.query(`select count(*)::int as count, md5(string_agg(ctid::text, ' ' order by timestamp)) as places from price_data`);
    await ledger.saveCandles(candles);
    const once = await places();
    await ledger.saveCandles(candles);
    expect(await places()).toEqual(once);
    expect(once).toMatchObject([{ count: candles.length }]);
  });
});

function minutes(count: number): Candle[] {
  return Array.from({ length: count }, (_, index) => aCandle({ startMs: START_MS + index * MINUTE_MS }));
}

function absolute(value: Candle['volume']): Candle['volume'] {
  return money(value.replace('-', ''));
}
