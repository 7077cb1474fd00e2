import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { aClosedTrade, aFundingPayment, anExecution, aTrade, aWallet, money } from '../../support/postgres-facts.js';
import { silentLogger } from '../../support/silent-logger.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** the night in which clocks are set forward in Europe falls into the three days that follow */
const DAY_ONE = Date.UTC(2024, 2, 30);

describe('what analytics reads of the ledger', () => {
  let database: TestDatabase;
  let ledger: Ledger;

  beforeAll(async () => {
    database = await createTestDatabase();
    await database.query(`alter database ${database.name} set timezone to 'Europe/Berlin'`);
    ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger: silentLogger });
  });
  beforeEach(async () => {
    await database.query('delete from trades; delete from funding; delete from executions; delete from equity; delete from strategies');
  });
  afterAll(async () => {
    await ledger.close();
    await database.drop();
  });

  const threeDays = { firstDayMs: DAY_ONE, lastDayMs: DAY_ONE + 2 * DAY_MS };
  const equityAt = (atMs: number, equity: string, unrealised = '0'): Promise<void> => ledger.saveEquity(aWallet({ asOfMs: atMs, equity: money(equity), unrealisedPnl: money(unrealised) }), 'decision');

  it('a span has every day, also in a session where one has 23 hours', async () => {
    const records = await ledger.dayRecords(threeDays);
    expect(records.map(({ dayMs }) => dayMs)).toEqual([DAY_ONE, DAY_ONE + DAY_MS, DAY_ONE + 2 * DAY_MS]);
    expect(records[0]).toEqual({ dayMs: DAY_ONE, first: null, last: null, closedTrades: 0, grossPnl: '0', fees: '0', funding: '0' });
  });

  it('fees are of the day of the fill, funding of the hours it is paid for, profit of the day of the last exit', async () => {
    await ledger.saveTrade(aClosedTrade({ openedMs: DAY_ONE + HOUR_MS, closedMs: DAY_ONE + DAY_MS, grossPnl: money('5.4') }));
    await ledger.saveTrade(aClosedTrade({ tradeId: 'other', closedMs: DAY_ONE + 2 * DAY_MS - 1, grossPnl: money('-1.15') }));
    await ledger.saveTrade(aTrade({ tradeId: 'open', state: 'open', openedMs: DAY_ONE }));
    await ledger.saveExecutions([
      anExecution({ execId: 'entry', fee: money('0.1'), execMs: DAY_ONE + HOUR_MS }),
      anExecution({ execId: 'exit', fee: money('0.2'), side: 'Sell', execMs: DAY_ONE + DAY_MS }),
      aFundingPayment({ fee: money('-0.05'), execMs: DAY_ONE + 8 * HOUR_MS }),
      aFundingPayment({ execId: 'at-midnight', fee: money('-0.0004'), execMs: DAY_ONE + DAY_MS }),
      aFundingPayment({ execId: 'at-first-midnight', fee: money('99'), execMs: DAY_ONE }),
      aFundingPayment({ execId: 'at-last-midnight', fee: money('0.3'), execMs: DAY_ONE + 3 * DAY_MS }),
      anExecution({ execId: 'before', fee: money('99'), execMs: DAY_ONE - 1 }),
      anExecution({ execId: 'after', fee: money('99'), execMs: DAY_ONE + 3 * DAY_MS }),
    ]);
    expect(await ledger.dayRecords(threeDays)).toMatchObject([
      { closedTrades: 0, grossPnl: '0', fees: '0.1', funding: '-0.0504' },
      { closedTrades: 2, grossPnl: '4.25', fees: '0.2', funding: '0' },
      { closedTrades: 0, grossPnl: '0', fees: '0', funding: '0.3' },
    ]);
  });

  it('a day has its first and its last reading; one at midnight ends a day and begins the next', async () => {
    await equityAt(DAY_ONE + HOUR_MS, '1000');
    await equityAt(DAY_ONE + 2 * HOUR_MS, '990', '-10');
    await equityAt(DAY_ONE + DAY_MS, '1010', '10');
    const [one, two, three] = await ledger.dayRecords(threeDays);
    expect(one?.first).toEqual({ asOfMs: DAY_ONE + HOUR_MS, equity: '1000', unrealisedPnl: '0' });
    expect(one?.last).toEqual({ asOfMs: DAY_ONE + DAY_MS, equity: '1010', unrealisedPnl: '10' });
    expect([two?.first, two?.last]).toEqual([one?.last, one?.last]);
    expect([three?.first, three?.last]).toEqual([null, null]);
  });

  it('the reading of the next midnight does not make a day known that was not read itself', async () => {
    await equityAt(DAY_ONE + DAY_MS, '1010');
    const [one] = await ledger.dayRecords(threeDays);
    expect([one?.first, one?.last]).toEqual([null, null]);
  });

  it('closed trades come by their exit, oldest first, with what their entry cost', async () => {
    const exits = [3, 1, 2].map((hours) => DAY_ONE + hours * HOUR_MS);
    for (const [index, closedMs] of exits.entries()) await ledger.saveTrade(aClosedTrade({ tradeId: `t-${index}`, closedMs, openedMs: DAY_ONE }));
    await ledger.saveExecutions([anExecution({ execId: 'in-1', fee: money('0.1') }), anExecution({ execId: 'in-2', fee: money('0.05') }), anExecution({ execId: 'out', side: 'Sell', fee: money('7') }), aFundingPayment({ execId: 'paid', side: 'Buy' })], 't-1');
    const all = await ledger.closedTrades({ fromMs: DAY_ONE, untilMs: DAY_ONE + DAY_MS, limit: 10 });
    expect(all.map(({ tradeId }) => tradeId)).toEqual(['t-1', 't-2', 't-0']);
    expect(all[0]).toEqual({
      tradeId: 't-1', strategy: 'mean_reversion_btc', symbol: 'BTCUSDT', side: 'Buy', exitReason: 'signal', openedMs: DAY_ONE, closedMs: exits[1], entryValue: '504.6', leverage: '2', entryFees: '0.15',
      grossPnl: '5.4', fees: '0.558', funding: '-0.01', realisedPnl: '4.852',
    });
    expect(all[1]?.entryFees).toBeNull();
    expect(await ledger.closedTrades({ fromMs: exits[1] ?? 0, untilMs: exits[0] ?? 0, limit: 10 })).toHaveLength(2);
    expect(await ledger.closedTrades({ fromMs: DAY_ONE, untilMs: DAY_ONE + DAY_MS, limit: 1 })).toHaveLength(1);
  });

  it('failed and open trades are no closed ones', async () => {
    await ledger.saveTrade(aTrade({ state: 'failed', errorCode: 20007 }));
    await ledger.saveTrade(aTrade({ tradeId: 'open', state: 'open', openedMs: DAY_ONE }));
    expect(await ledger.closedTrades({ fromMs: 0, untilMs: DAY_ONE + 1000 * DAY_MS, limit: 10 })).toEqual([]);
  });

  it('the opening is the newest reading at the instant, or the first one after it', async () => {
    expect(await ledger.openingEquity(DAY_ONE)).toBeNull();
    await equityAt(DAY_ONE, '1000', '1');
    await equityAt(DAY_ONE + HOUR_MS, '1001');
    expect(await ledger.openingEquity(DAY_ONE + HOUR_MS - 1)).toEqual({ asOfMs: DAY_ONE, equity: '1000', unrealisedPnl: '1' });
    expect(await ledger.openingEquity(DAY_ONE + HOUR_MS)).toMatchObject({ equity: '1001' });
    expect(await ledger.openingEquity(DAY_ONE - DAY_MS)).toMatchObject({ equity: '1000' });
  });

  it('knows the names of the configured strategies', async () => {
    await ledger.saveStrategies(['b', 'a'].map((name) => ({ name, enabled: name === 'a', symbol: 'BTCUSDT', interval: '15' as const, parameters: {} })));
    expect(await ledger.strategyNames()).toEqual(['a', 'b']);
  });
});
