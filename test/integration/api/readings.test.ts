import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import type { ApiDependencies } from '../../../api/api-dependencies.js';
import { accountBalanceSchema } from '../../../api/routes/account-balance.js';
import { activePositionsSchema, stopLossesSchema } from '../../../api/routes/positions.js';
import { recentTradesSchema } from '../../../api/routes/recent-trades.js';
import { toDecimalString, type DecimalString } from '../../../core/money/decimal.js';
import type { Position, Wallet } from '../../../core/orders/order.js';
import type { Ledger, TradeRow } from '../../../core/ports/ledger.js';
import { BotError } from '../../../core/errors/bot-error.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { silentLogger } from '../../support/silent-logger.js';
import { serveApi, type ApiServer } from './api-server.js';

const HOUR_MS = 3_600_000;
/** a replayed market: its clock is years behind that of this machine */
const MARKET_NOW_MS = Date.UTC(2024, 4, 1, 12);
const d = (text: string): DecimalString => toDecimalString(text);

const WALLET: Wallet = {
  equity: d('10012.50000001'), walletBalance: d('10000'), available: d('9000.1'), unrealisedPnl: d('12.50000001'), initialMargin: d('500'), maintenanceMargin: d('5'), asOfMs: MARKET_NOW_MS,
};

function trade(tradeId: string, fields: Partial<TradeRow>): TradeRow {
  return {
    tradeId, strategy: 'mean_reversion_btc', symbol: 'BTCUSDT', side: 'Buy', state: 'closed', decidedMs: MARKET_NOW_MS, referencePrice: d('60000'), qty: d('0.1'), leverage: d('2'),
    stopLoss: d('59000'), takeProfit: null, entryPrice: d('60001.5'), exitPrice: d('60500'), openedMs: MARKET_NOW_MS + 20, closedMs: MARKET_NOW_MS + 40, exitReason: 'signal',
    grossPnl: d('49.85'), fees: d('6.6'), funding: d('-0.01'), realisedPnl: d('43.26'), errorCode: null, errorMessage: null, workflowId: `trade-${tradeId}`, timings: null, ...fields,
  };
}

const OPEN = { state: 'open', exitPrice: null, closedMs: null, exitReason: null, grossPnl: null, fees: null, funding: null, realisedPnl: null } as const;

function position(symbol: string, fields: Partial<Position>): Position {
  return {
    symbol, side: 'Buy', size: d('0.1'), avgPrice: d('60001.5'), markPrice: d('60100'), leverage: d('2'), liquidationPrice: d('30500'), stopLoss: d('59000'), takeProfit: d('0'),
    unrealisedPnl: d('9.85'), positionValue: d('6010'), updatedMs: MARKET_NOW_MS, ...fields,
  };
}

const away: ApiDependencies['bot'] = {
  workflowId: 'away',
  status: () => Promise.reject(new BotError(10006, 'not asked here')),
  risk: () => Promise.reject(new BotError(10006, 'not asked here')),
  strategies: () => Promise.reject(new BotError(10006, 'not asked here')),
  internalState: () => Promise.reject(new BotError(10006, 'not asked here')),
  overview: () => Promise.reject(new BotError(10006, 'not asked here')),
  command: () => Promise.reject(new BotError(10006, 'not asked here')),
  order: () => Promise.reject(new BotError(10006, 'not asked here')),
};

let database: TestDatabase;
let ledger: Ledger;
let api: ApiServer;

const serve = (): Promise<ApiServer> => serveApi({ ledger: () => Promise.resolve(ledger), bot: away, probes: [], clock: Date.now, mode: 'paper', market: 'replay', logger: silentLogger });

beforeAll(async () => {
  database = await createTestDatabase();
  ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger: silentLogger });
  api = await serve();
});
afterAll(async () => {
  await api.close();
  await ledger.close();
  await database.drop();
});

describe('before the bot has read anything from the exchange', () => {
  it('there is no balance, and the reply says so with the next step', async () => {
    expect(await api.refused('/api/v1/account/balance')).toMatchObject({ status: 503, json: { code: 40001, fix: expect.stringContaining('/health') as string } });
  });

  it('lists are empty, as of now', async () => {
    const trades = recentTradesSchema.parse((await api.ask('/api/v1/trades/recent')).json);
    expect(trades).toMatchObject({ count: 0, next_offset: null, trades: [] });
    expect(Math.abs(Date.parse(trades.as_of) - Date.now())).toBeLessThan(60_000);
    expect(stopLossesSchema.parse((await api.ask('/api/v1/positions/stop-losses')).json)).toMatchObject({ count: 0, all_protected: true });
  });
});

describe('once the ledger holds a market, an account and trades', () => {
  beforeAll(async () => {
    await ledger.saveWallet(WALLET);
    await ledger.saveDecision({ decidedThroughMs: MARKET_NOW_MS, lifecycle: 'running', evaluations: [], wallet: WALLET });
    await ledger.saveTrade(trade('t-open', OPEN));
    await ledger.saveTrade(trade('t-old', { decidedMs: MARKET_NOW_MS - 11 * HOUR_MS }));
    await ledger.saveTrade(trade('t-older', { decidedMs: MARKET_NOW_MS - 13 * HOUR_MS }));
    await ledger.savePositions(
      [position('BTCUSDT', {}), position('ETHUSDT', { side: 'Sell', stopLoss: d('0'), liquidationPrice: d('0'), takeProfit: d('2500') })],
      { asOfMs: MARKET_NOW_MS, complete: true },
    );
    // one that has answered nothing yet: an answer is shared for a moment
    await api.close();
    api = await serve();
  });

  it('the balance is a number for scripts and exact decimals for everybody else, as of the reading of the exchange', async () => {
    const balance = accountBalanceSchema.parse((await api.ask('/api/v1/account/balance')).json);
    expect(balance).toMatchObject({ as_of: '2024-05-01T12:00:00.000Z', source: 'ledger', currency: 'USDT', total_balance: 10012.50000001, equity: '10012.50000001', available: '9000.1' });
  });

  it('recent hours are counted on the clock of the market, newest trade first', async () => {
    const recent = recentTradesSchema.parse((await api.ask('/api/v1/trades/recent?hours=12')).json);
    expect(recent).toMatchObject({ as_of: '2024-05-01T12:00:00.000Z', since: '2024-05-01T00:00:00.000Z', count: 2 });
    expect(recent.trades.map((row) => row.trade_id)).toEqual(['t-open', 't-old']);
    expect(recent.trades[1]).toMatchObject({ entry_price: '60001.5', realised_pnl: '43.26', funding: '-0.01', exit_reason: 'signal', closed_at: '2024-05-01T12:00:00.040Z' });
  });

  it('a list is read page by page, each trade once', async () => {
    const ids: string[] = [];
    for (let offset: number | null = 0; offset !== null;) {
      const page = recentTradesSchema.parse((await api.ask(`/api/v1/trades/recent?hours=24&limit=2&offset=${offset}`)).json);
      ids.push(...page.trades.map((row) => row.trade_id));
      offset = page.next_offset;
    }
    expect(ids).toEqual(['t-open', 't-old', 't-older']);
  });

  it.each(['hours=0', 'hours=-1', 'hours=abc', 'hours=', 'hours=1&hours=2', 'hours=Infinity', 'limit=0', 'limit=501', 'limit=1.5', 'offset=-1', 'ours=12'])('the query %s is refused and named', async (query) => {
    const { status, json } = await api.refused(`/api/v1/trades/recent?${query}`);
    const [field = ''] = query.split('=');
    expect({ status, code: json.code, field: json.errors?.[0]?.field }).toEqual({ status: 400, code: 30004, field });
    expect(json.errors?.[0]?.fix).not.toBe('');
  });

  it('positions show what the exchange said, with the trade they belong to', async () => {
    const { positions, count } = activePositionsSchema.parse((await api.ask('/api/v1/positions/active')).json);
    expect(count).toBe(2);
    expect(positions[0]).toMatchObject({ symbol: 'BTCUSDT', side: 'Buy', size: '0.1', entry_price: '60001.5', trade_id: 't-open', strategy: 'mean_reversion_btc', stop_loss: '59000', take_profit: null });
    expect(positions[1]).toMatchObject({ symbol: 'ETHUSDT', trade_id: null, stop_loss: null, liquidation_price: null, take_profit: '2500' });
  });

  it('a position without a stop is called unprotected', async () => {
    const stops = stopLossesSchema.parse((await api.ask('/api/v1/positions/stop-losses')).json);
    expect(stops.all_protected).toBe(false);
    expect(stops.stop_losses).toEqual([
      expect.objectContaining({ symbol: 'BTCUSDT', stop_loss: '59000', planned_stop_loss: '59000', protected: true, distance_percent: '1.8303' }),
      expect.objectContaining({ symbol: 'ETHUSDT', stop_loss: null, planned_stop_loss: null, protected: false, distance_percent: null }),
    ]);
  });

  it('the figures are on /metrics', async () => {
    const { text } = await api.ask('/metrics');
    expect(text).toMatch(/^trading_bot_active_positions 2$/m);
    expect(text).toMatch(/^trading_bot_portfolio_value 10012\.50000001$/m);
  });
});
