import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import type { Ledger, TradeState } from '../../../core/ports/ledger.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { aClosedTrade, aTrade, money, T0 } from '../../support/postgres-facts.js';
import { silentLogger } from '../../support/silent-logger.js';

const STATES: TradeState[] = ['intended', 'open', 'closing', 'closed', 'failed'];

describe('trades in the ledger', () => {
  let database: TestDatabase;
  let ledger: Ledger;

  beforeAll(async () => {
    database = await createTestDatabase();
    ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger: silentLogger });
  });
  beforeEach(async () => {
    await database.query('delete from trades');
  });
  afterAll(async () => {
    await ledger.close();
    await database.drop();
  });

  it.each([aTrade({ timings: { candleCloseMs: T0, receivedAtMs: T0 + 1, decidedAtMs: T0 + 2, sentAtMs: T0 + 3, acknowledgedAtMs: null, filledAtMs: null } }), aClosedTrade(), aTrade({ state: 'failed', errorCode: 20001, errorMessage: 'Insufficient balance' })])(
    'come back as written: $state',
    async (trade) => {
      await ledger.saveTrade(trade);
      expect(await ledger.trade(trade.tradeId)).toEqual(trade);
    },
  );

  it.each(STATES.filter((state) => state !== 'closed'))('that are closed do not become %s', async (state) => {
    await ledger.saveTrade(aClosedTrade());
    await ledger.saveTrade(aTrade({ state }));
    expect(await ledger.trade(aTrade().tradeId)).toEqual(aClosedTrade());
  });

  it.each(STATES.filter((state) => state !== 'failed'))('that failed do not become %s', async (state) => {
    const failed = aTrade({ state: 'failed', errorCode: 20007, errorMessage: 'no answer' });
    await ledger.saveTrade(failed);
    await ledger.saveTrade(aTrade({ state }));
    expect(await ledger.trade(failed.tradeId)).toEqual(failed);
  });

  it('that are closed can still have their figures corrected', async () => {
    await ledger.saveTrade(aClosedTrade());
    const corrected = aClosedTrade({ funding: money('0.02'), realisedPnl: money('4.822') });
    await ledger.saveTrade(corrected);
    expect(await ledger.trade(corrected.tradeId)).toEqual(corrected);
  });

  it('that are not over are the open ones, oldest decision first', async () => {
    const states = STATES.map((state, index) => aTrade({ tradeId: `trade-${state}`, state, decidedMs: T0 - index }));
    for (const trade of states) await ledger.saveTrade(trade);
    expect((await ledger.openTrades()).map((trade) => trade.state)).toEqual(['closing', 'open', 'intended']);
  });

  it('since an instant come newest first and no more than asked for', async () => {
    for (let index = 0; index < 5; index += 1) await ledger.saveTrade(aTrade({ tradeId: `trade-${index}`, decidedMs: T0 + index }));
    expect((await ledger.tradesSince(T0 + 1, 3)).map((trade) => trade.tradeId)).toEqual(['trade-4', 'trade-3', 'trade-2']);
    expect(await ledger.tradesSince(T0 + 5, 3)).toEqual([]);
    expect(await ledger.trade('unknown')).toBeNull();
  });

  it('have the indexes that the maintenance guide names', async () => {
    const rows = await database.query<{ definition: string }>(`select indexdef as definition from pg_indexes where indexname in
      ('idx_trades_timestamp', 'idx_trades_symbol', 'idx_price_data_symbol_timestamp') order by indexname`);
    expect(rows.map((row) => row.definition.replace(/^.* using btree /i, ''))).toEqual(['(symbol, "timestamp" DESC)', '(symbol)', '("timestamp" DESC)']);
  });
});
