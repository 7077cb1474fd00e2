/** Four days of a made-up market: two strategies, three closed trades, one open position. */
import { Client } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import { createBotClient } from '../../../api/bot-client.js';
import { dailyPnlSchema } from '../../../api/routes/analytics-daily-pnl.js';
import { strategyPerformanceSchema } from '../../../api/routes/analytics-strategy-performance.js';
import { tradeSummarySchema } from '../../../api/routes/analytics-trade-summary.js';
import { openTemporalConnection } from '../../../api/temporal-connection.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { createTestDatabase, type TestDatabase } from '../../support/postgres.js';
import { aClosedTrade, aDecision, aFundingPayment, anExecution, aPosition, aTrade, aWallet, money } from '../../support/postgres-facts.js';
import { silentLogger } from '../../support/silent-logger.js';
import { serveApi, type ApiServer } from './api-server.js';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DAY_ONE = Date.UTC(2024, 4, 1);
const NOW_MS = DAY_ONE + 3 * DAY_MS + 12 * HOUR_MS;
const connection = openTemporalConnection('127.0.0.1:1');

let database: TestDatabase;
let ledger: Ledger;
let api: ApiServer;

beforeAll(async () => {
  database = await createTestDatabase();
  ledger = await createPostgresLedger({ databaseUrl: database.databaseUrl, logger: silentLogger });
  api = await serveApi({ ledger: () => Promise.resolve(ledger), bot: createBotClient({ client: new Client({ connection }) }) });
});
afterAll(async () => {
  await api.close();
  await ledger.close();
  await database.drop();
  await connection.close();
});

const daily = async (query = '') => dailyPnlSchema.parse((await api.ask(`/api/v1/analytics/daily-pnl${query}`)).json);
const performance = async (query = '') => strategyPerformanceSchema.parse((await api.ask(`/api/v1/analytics/strategy-performance${query}`)).json);
const summary = async (query = '') => tradeSummarySchema.parse((await api.ask(`/api/v1/analytics/trade-summary${query}`)).json);

describe('before anything has happened', () => {
  it('thirty days of zeros are shown, their equity null with the reason', async () => {
    const { days, total, count } = await daily('?days=30');
    expect(count).toBe(30);
    expect(days.at(-1)).toMatchObject({ date: new Date().toISOString().slice(0, 10), closed_trades: 0, gross_pnl: '0', fees: '0', funding: '0', realised_pnl: '0', net_pnl: null, equity_end: null, reason: 'the account was not read on this day, so its equity is not known' });
    expect(total).toEqual({ closed_trades: 0, gross_pnl: '0', fees: '0', funding: '0', realised_pnl: '0' });
  });

  it('no figure is made up: each is null, or freqtrade\'s convention, and says why', async () => {
    const lately = new Date(Date.now() - 10 * DAY_MS).toISOString().slice(0, 10);
    const { total, account, strategies, opening_equity: opening } = await performance(`?definition=textbook&since=${lately}`);
    expect({ opening, strategies }).toEqual({ opening: null, strategies: [] });
    expect(total.sharpe_ratio).toEqual({ value: null, formula: 'textbook.sharpe_ratio', reason: 'no trade was closed in the period' });
    expect(account.sharpe_ratio.reason).toBe('the account was read 0 times in the period; 2 readings are needed');
    expect((await performance(`?definition=freqtrade&since=${lately}`)).total.expectancy_ratio).toEqual({ value: 100, formula: 'freqtrade.expectancy_ratio', reason: 'no trade was closed in the period; freqtrade says 100 then' });
    expect((await summary(`?since=${lately}`)).total).toMatchObject({ trades: 0, realised_pnl: '0', win_rate: null, reason: 'no trade was closed in the period' });
  });
});

describe('after four days of trading', () => {
  beforeAll(async () => {
    const closed = { grossPnl: money('0'), fees: money('0.5'), funding: money('0') };
    await ledger.saveStrategies(['alpha', 'beta', 'idle'].map((name) => ({ name, enabled: true, symbol: 'BTCUSDT', interval: '15' as const, parameters: {} })));
    await ledger.saveTrade(aClosedTrade({ ...closed, tradeId: 'one', strategy: 'alpha', openedMs: DAY_ONE + HOUR_MS, closedMs: DAY_ONE + 2 * HOUR_MS, grossPnl: money('10.5'), realisedPnl: money('10') }));
    await ledger.saveTrade(aClosedTrade({ ...closed, tradeId: 'two', strategy: 'alpha', side: 'Sell', openedMs: DAY_ONE + DAY_MS, closedMs: DAY_ONE + DAY_MS + 3 * HOUR_MS, exitReason: 'stop_loss', grossPnl: money('-4.5'), realisedPnl: money('-5') }));
    await ledger.saveTrade(aClosedTrade({ ...closed, tradeId: 'three', strategy: 'beta', symbol: 'ETHUSDT', openedMs: DAY_ONE + HOUR_MS, closedMs: DAY_ONE + DAY_MS + 4 * HOUR_MS, grossPnl: money('2.4'), funding: money('-0.1'), realisedPnl: money('2') }));
    await ledger.saveTrade(aTrade({ tradeId: 'open', strategy: 'beta', symbol: 'ETHUSDT', state: 'open', openedMs: NOW_MS - HOUR_MS }));
    for (const [index, [atMs, fee]] of [[DAY_ONE + HOUR_MS, '0.2'], [DAY_ONE + 2 * HOUR_MS, '0.3'], [DAY_ONE + DAY_MS, '0.9']].entries()) await ledger.saveExecutions([anExecution({ execId: `fill-${index}`, execMs: Number(atMs), fee: money(String(fee)) })], 'one');
    await ledger.saveExecutions([aFundingPayment({ execMs: DAY_ONE + DAY_MS + HOUR_MS, fee: money('-0.1') })]);
    for (const [atMs, equity] of [[DAY_ONE, '1000'], [DAY_ONE + DAY_MS, '1010'], [DAY_ONE + 2 * DAY_MS, '1007'], [NOW_MS - 6 * HOUR_MS, '1007']] as const) {
      await ledger.saveEquity(aWallet({ asOfMs: atMs, equity: money(equity), unrealisedPnl: money('0') }), 'decision');
    }
    await ledger.saveDecision(aDecision({ decidedThroughMs: NOW_MS }));
    await ledger.saveWallet(aWallet({ asOfMs: NOW_MS + 20, equity: money('1014.5'), unrealisedPnl: money('7.5') }));
    await ledger.savePositions([aPosition({ symbol: 'ETHUSDT', unrealisedPnl: money('7.5') })], { asOfMs: NOW_MS, complete: true });
  });

  it('each day shows what trades, fees and funding did to the equity', async () => {
    const { days, as_of: asOf, total } = await daily('?days=5');
    expect(asOf).toBe('2024-05-04T12:00:00.020Z');
    expect(days.map(({ date, equity_start: start, equity_end: end, realised_pnl: realised }) => ({ date, start, end, realised }))).toEqual([
      { date: '2024-04-30', start: null, end: null, realised: '0' },
      { date: '2024-05-01', start: '1000', end: '1010', realised: '10' },
      { date: '2024-05-02', start: '1010', end: '1007', realised: '-2.9' },
      { date: '2024-05-03', start: '1007', end: '1007', realised: '0' },
      { date: '2024-05-04', start: '1007', end: '1014.5', realised: '0' },
    ]);
    expect(days[1]).toMatchObject({ closed_trades: 1, gross_pnl: '10.5', fees: '0.5', funding: '0', net_pnl: '10', return_percent: '1', unexplained: '0', reason: null });
    expect(days[2]).toMatchObject({ closed_trades: 2, gross_pnl: '-2.1', fees: '0.9', funding: '-0.1', equity_change: '-3', unexplained: '-0.1' });
    expect(total).toEqual({ closed_trades: 3, gross_pnl: '8.4', fees: '1.4', funding: '-0.1', realised_pnl: '7.1' });
  });

  it('today includes the profit of the position that is still open', async () => {
    const { days } = await daily('?days=1');
    expect(days).toEqual([expect.objectContaining({ date: '2024-05-04', realised_pnl: '0', unrealised_pnl: '7.5', unrealised_change: '7.5', net_pnl: '7.5', return_percent: '0.744786', equity_read_at: '2024-05-04T12:00:00.020Z' })]);
  });

  it('a wallet that is dated by another clock, as in a replay, is of the newest decision', async () => {
    await ledger.saveWallet(aWallet({ asOfMs: Date.now(), equity: money('1014.5'), unrealisedPnl: money('7.5') }));
    const { as_of: asOf, days: [today] } = await daily('?days=01');
    expect({ asOf, ...today }).toMatchObject({ asOf: '2024-05-04T12:00:00.000Z', date: '2024-05-04', equity_end: '1014.5', unrealised_change: '7.5' });
  });

  it('strategies are judged each on its own, also the one that did nothing', async () => {
    const { strategies, total, opening_equity: opening, period } = await performance();
    expect({ opening, start: period.start, names: strategies.map(({ strategy }) => strategy) }).toEqual({ opening: '1000', start: '2024-05-01T00:00:00.000Z', names: ['alpha', 'beta', 'idle'] });
    const [alpha, beta, idle] = strategies;
    expect(alpha).toMatchObject({ trades: 2, wins: 1, losses: 1, open_trades: 0, net_profit: { value: '5' }, total_return: { value: 0.005 }, win_rate: { value: 0.5 }, profit_factor: { value: 2 }, expectancy: { value: '2.5', formula: 'textbook.expectancy' }, avg_trade_duration: { value: 7200 } });
    expect(alpha?.max_drawdown).toMatchObject({ absolute: { value: '5' }, percent: { value: 500 / 1010 }, from: '2024-05-01T02:00:00.000Z', to: '2024-05-02T03:00:00.000Z' });
    expect(beta).toMatchObject({ trades: 1, open_trades: 1, unrealised_pnl: '7.5', total_return: { value: 0.002 }, total_return_with_open: { value: 0.0095 }, profit_factor: { value: null, reason: 'no trade lost' } });
    expect(idle).toMatchObject({ trades: 0, net_profit: { value: '0' }, sharpe_ratio: { value: null, reason: 'no trade was closed in the period' } });
    expect(total).toMatchObject({ strategy: null, trades: 3, net_profit: { value: '7' }, open_trades: 1 });
  });

  it('the Sharpe ratio of four days is that of the textbook', async () => {
    const { strategies: [alpha] } = await performance();
    const returns = [10 / 1000, -5 / 1010, 0, 0];
    const mean = returns.reduce((sum, value) => sum + value, 0) / 4;
    const deviation = Math.sqrt(returns.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 3);
    expect(alpha?.sharpe_ratio.value).toBeCloseTo(mean / deviation * Math.sqrt(365), 10);
  });

  it('freqtrade\'s definition gives other figures under other names, with its conventions explained', async () => {
    const { strategies: [alpha, beta], definition, formulas } = await performance('?definition=freqtrade');
    expect(definition).toBe('freqtrade');
    expect(alpha?.sharpe_ratio).toEqual({ value: expect.closeTo(0.005 / 3 / 0.0075 * Math.sqrt(365), 10) as number, formula: 'freqtrade.sharpe_ratio', reason: null });
    expect(beta?.sortino_ratio).toMatchObject({ value: -100, reason: expect.stringContaining('freqtrade says -100 then') as string });
    expect(Object.keys(formulas)).toContain('freqtrade.sharpe_ratio');
  });

  it('the account is judged by its equity, open position included', async () => {
    const { account } = await performance();
    expect(account).toMatchObject({ total_return: { value: 0.0145, formula: 'textbook.account.total_return' }, max_drawdown: { absolute: { value: '3' }, percent: { value: 300 / 1010 } } });
    expect(account.sharpe_ratio.value).toBeGreaterThan(0);
  });

  it('every figure names a formula that the reply explains', async () => {
    for (const definition of ['textbook', 'freqtrade']) {
      const { text, json } = await api.ask<{ formulas: Record<string, unknown> }>(`/api/v1/analytics/strategy-performance?definition=${definition}`);
      const named = [...text.matchAll(/"formula":"([^"]+)"/g)].map((match) => match[1] ?? '');
      expect(named.length).toBeGreaterThan(80);
      expect(named.filter((name) => json.formulas[name] === undefined)).toEqual([]);
    }
  });

  it('trades are summed up by symbol, side, exit reason and hour', async () => {
    const { total, by_symbol: bySymbol, by_side: bySide, by_exit_reason: byReason, by_hour: byHour } = await summary();
    expect(total).toMatchObject({ key: 'all', trades: 3, wins: 2, losses: 1, realised_pnl: '7', average_pnl: '2.33333333', best_pnl: '10', worst_pnl: '-5', fees: '1.5', funding: '-0.1' });
    expect(bySymbol.map(({ key, realised_pnl: pnl }) => [key, pnl])).toEqual([['BTCUSDT', '5'], ['ETHUSDT', '2']]);
    expect(bySide.map(({ key, trades }) => [key, trades])).toEqual([['Buy', 2], ['Sell', 1]]);
    expect(byReason.map(({ key, trades }) => [key, trades])).toEqual([['signal', 2], ['stop_loss', 1]]);
    expect(byHour.map(({ key, trades }) => [key, trades])).toEqual([['00', 1], ['01', 2]]);
  });

  it('a span in the past takes only what closed in it, and knows nothing of open positions', async () => {
    const { since, until, total } = await performance('?since=2024-05-02&until=2024-05-03');
    expect({ since, until }).toEqual({ since: '2024-05-02T00:00:00.000Z', until: '2024-05-03T00:00:00.000Z' });
    expect(total).toMatchObject({ trades: 2, open_trades: null, unrealised_pnl: null, net_profit: { value: '-3' }, total_return: { value: -3 / 1010 }, total_return_with_open: { value: null, reason: 'the unrealised profit of the open positions is not known' } });
    expect((await summary('?since=2024-05-02T05:00:00%2B02:00')).total.trades).toBe(2);
    expect((await summary('?since=2024-05-02T05:00:00.001%2B02:00')).total.trades).toBe(1);
  });

  it.each([
    ['daily-pnl?days=0', 'days'], ['daily-pnl?days=367', 'days'], ['daily-pnl?days=1.5', 'days'], ['daily-pnl?since=2024-05-01', 'since'],
    ['strategy-performance?since=yesterday', 'since'], ['strategy-performance?definition=mine', 'definition'], ['strategy-performance?since=2024-05-03&until=2024-05-02', 'since'], ['strategy-performance?since=2024-02-30', 'since'],
    ['trade-summary?since=2019-01-01', 'since'], ['trade-summary?since=2030-01-01', 'since'], ['trade-summary?since=0000-01-01&until=0001-01-01', 'since'], ['trade-summary?limit=1', 'limit'],
  ])('%s is refused, and the field named', async (path, field) => {
    const { status, json } = await api.refused(`/api/v1/analytics/${path}`);
    expect({ status, code: json.code, field: json.errors?.[0]?.field }).toEqual({ status: 400, code: 30004, field });
    expect(json.errors?.[0]?.fix).not.toBe('');
  });
});
