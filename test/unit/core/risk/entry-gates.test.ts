import { describe, expect, it } from 'vitest';
import { gatesOf, type GateInput } from '../../../../core/risk/entry-gates.js';
import { dayRolled, initialRiskState, tradeReserved } from '../../../../core/risk/risk-state.js';
import { MONDAY_MS, d } from '../samples.js';
import { HOUR_MS, LIMITS, NOON_MS } from './entry-samples.js';

const strategy = { name: 'mean_reversion_btc', symbol: 'BTCUSDT', enabled: true, problem: null };
const risk = { ...dayRolled(initialRiskState(), { nowMs: MONDAY_MS, equity: d('10000') }), peakEquity: d('10000') };
const exposure = {
  tradeId: 't-1', strategy: 'sma_cross_eth', symbol: 'ETHUSDT', side: 'Buy' as const, notional: d('2000'), margin: d('1000'), riskAtStop: d('40'), settledMs: null,
};

function input(changes: Partial<GateInput> = {}): GateInput {
  return {
    lifecycle: 'running', reason: 'started', pausedBy: null, halt: null, disagreement: null, risk, limits: LIMITS,
    wallet: { equity: d('10000'), available: d('10000') }, positions: [], nowMs: NOON_MS, ...changes,
  };
}

function closed(changes: Partial<GateInput>, changedStrategy: Partial<typeof strategy> | { problem: { code: 10008; message: string } } = {}) {
  const { mayTrade, gates } = gatesOf(input(changes), { ...strategy, ...changedStrategy });
  expect(mayTrade).toBe(gates.every(({ passes }) => passes));
  return gates.filter(({ passes }) => !passes);
}

describe('the gates of a strategy', () => {
  it('are all open, each with its numbers and no remedy, when nothing stands in the way', () => {
    const { mayTrade, gates } = gatesOf(input(), strategy);
    expect(mayTrade).toBe(true);
    expect(gates.map(({ rule }) => rule)).toEqual([
      'enabled', 'halt', 'lifecycle', 'agreement', 'market_data', 'daily_loss_limit', 'max_drawdown', 'cooldown', 'one_position_per_symbol',
      'max_positions', 'max_total_exposure', 'daily_loss_budget', 'margin',
    ]);
    expect(gates.every(({ passes, code, remedy, message }) => passes && code === null && remedy === null && message !== '')).toBe(true);
    expect(gates.find(({ rule }) => rule === 'daily_loss_limit')?.message).toContain('500 USDT left');
  });

  it.each([
    { what: 'disabled', changes: {}, of: { enabled: false }, rule: 'enabled', code: 20009, remedy: 'POST /api/v1/strategies/mean_reversion_btc/enable' },
    { what: 'paused', changes: { lifecycle: 'paused', pausedBy: 'operator', reason: 'lunch' }, of: {}, rule: 'lifecycle', code: 20009, remedy: 'POST /api/v1/bot/resume' },
    { what: 'paused by the daily limit', changes: { lifecycle: 'paused', pausedBy: 'daily_loss_limit' }, of: {}, rule: 'lifecycle', code: 10010, remedy: 'POST /api/v1/risk/reset-daily-limits' },
    { what: 'starting', changes: { lifecycle: 'starting' }, of: {}, rule: 'lifecycle', code: 20009, remedy: 'wait' },
    { what: 'in disagreement', changes: { disagreement: 'BTCUSDT size_differs' }, of: {}, rule: 'agreement', code: 20009, remedy: 'wait' },
    { what: 'broken', changes: {}, of: { problem: { code: 10008, message: 'evaluate failed' } }, rule: 'market_data', code: 10008, remedy: 'POST /api/v1/strategies/restart' },
    { what: 'at the daily limit', changes: { wallet: { equity: d('9500'), available: d('9500') } }, of: {}, rule: 'daily_loss_limit', code: 10010, remedy: 'UTC day' },
    { what: 'cooling down', changes: { risk: { ...risk, cooldownUntilMs: { BTCUSDT: NOON_MS + HOUR_MS } } }, of: {}, rule: 'cooldown', code: 20009, remedy: 'wait until 2026-01-05T13:00:00.000Z' },
    { what: 'holding a foreign position', changes: { positions: [{ symbol: 'BTCUSDT', size: d('0.1'), positionValue: d('6000') }] }, of: {}, rule: 'one_position_per_symbol', code: 20010, remedy: 'POST /api/v1/positions/BTCUSDT/close' },
    { what: 'full', changes: { risk: tradeReserved(risk, exposure), limits: { ...LIMITS, maxPositions: 1 } }, of: {}, rule: 'max_positions', code: 20005, remedy: 'max_positions' },
    { what: 'out of room', changes: { risk: tradeReserved(risk, { ...exposure, notional: d('14000') }) }, of: {}, rule: 'max_total_exposure', code: 20005, remedy: 'max_position_size' },
    { what: 'out of the day’s budget', changes: { risk: tradeReserved(risk, { ...exposure, riskAtStop: d('500') }) }, of: {}, rule: 'daily_loss_budget', code: 10010, remedy: 'wait' },
    { what: 'poor', changes: { wallet: { equity: d('10000'), available: d('999') } }, of: {}, rule: 'margin', code: 20001, remedy: 'deposit' },
  ] as const)('are closed with code, words and remedy when it is $what', ({ changes, of, rule, code, remedy }) => {
    const gates = closed(changes, of);
    expect(gates).toContainEqual(expect.objectContaining({ rule, code, remedy: expect.stringContaining(remedy) }));
  });

  it('name the halt, and its release before the resume', () => {
    const gates = closed({ lifecycle: 'stopped', halt: { haltId: 'h1', reason: 'storm' } });
    expect(gates.map(({ rule, code }) => [rule, code])).toEqual([['halt', 10009], ['lifecycle', 20009]]);
    expect(gates[0]?.message).toContain('h1');
    expect(gates[1]?.remedy).toMatch(/release.*then.*resume/);
  });

  it('are closed at the maximum drawdown, also once equity has recovered', () => {
    const deep = { ...risk, peakEquity: d('13000') };
    expect(closed({ risk: deep })).toMatchObject([{ rule: 'max_drawdown', code: 20009, message: expect.stringContaining('23.08%') }]);
    expect(closed({ risk: { ...deep, peakEquity: d('10000'), maxDrawdownHit: true } })).toMatchObject([{ rule: 'max_drawdown', remedy: expect.stringContaining('resume') }]);
  });

  it('are closed before the first wallet was seen', () => {
    const { mayTrade, gates } = gatesOf(input({ wallet: undefined }), strategy);
    expect(mayTrade).toBe(false);
    expect(gates.filter(({ code }) => code === 40001).length).toBeGreaterThan(0);
  });

  it('judge a size in the base coin by what is held alone, because it takes a price to know more', () => {
    expect(closed({ limits: { ...LIMITS, positionSizeUnit: 'base', maxPositionSize: d('1000') } })).toEqual([]);
    expect(closed({ limits: { ...LIMITS, positionSizeUnit: 'usdt', maxPositionSize: d('16000') } }).map(({ rule }) => rule)).toEqual(['max_total_exposure']);
  });
});
