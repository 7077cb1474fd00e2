import { describe, expect, it } from 'vitest';
import type { ExitReason } from '../../../../core/ports/ledger.js';
import { dailyLimitsReset, dayLossBudget, dayPnl, dayRolled, drawdownAcknowledged, drawdownPercent, equityObserved, initialRiskState, tradeClosed, tradeReduced, tradeReserved, tradeSettled, type Exposure } from '../../../../core/risk/risk-state.js';
import { MONDAY_MS, d } from '../samples.js';
import { HOUR_MS, LIMITS } from './entry-samples.js';

const DAY_MS = 24 * HOUR_MS;
const exposure: Exposure = {
  tradeId: 't-1', strategy: 'sma_cross_eth', symbol: 'ETHUSDT', side: 'Buy', notional: d('1000'), margin: d('500'), riskAtStop: d('20'), settledMs: null,
};
const started = dayRolled(initialRiskState(), { nowMs: MONDAY_MS + HOUR_MS, equity: d('10000') });

describe('the day of the risk state', () => {
  it('begins at midnight UTC with the first equity that is seen', () => {
    expect(started).toMatchObject({ dayStartMs: MONDAY_MS, dayStartEquity: '10000' });
  });

  it('keeps its start equity all day, and takes a new one the next day', () => {
    const later = dayRolled(started, { nowMs: MONDAY_MS + DAY_MS - 1, equity: d('9000') });
    expect(later).toEqual(started);
    expect(dayRolled(later, { nowMs: MONDAY_MS + DAY_MS, equity: d('9000') })).toMatchObject({ dayStartMs: MONDAY_MS + DAY_MS, dayStartEquity: '9000' });
  });

  it('does not go back when an older equity arrives late', () => {
    expect(dayRolled(started, { nowMs: MONDAY_MS - 1, equity: d('1') })).toEqual(started);
  });

  it('counts profit from its start, losses negative', () => {
    expect(dayPnl(started, d('9876.5')).toFixed()).toBe('-123.5');
  });

  it('remembers a loss limit that was hit until the day ends', () => {
    const at = (hours: number, equity: string): { nowMs: number; equity: ReturnType<typeof d> } => ({ nowMs: MONDAY_MS + hours * HOUR_MS, equity: d(equity) });
    const hit = equityObserved(started, at(2, '9500'), LIMITS);
    expect(hit.dailyLossLimitHit).toBe(true);
    expect(equityObserved(hit, at(3, '10500'), LIMITS).dailyLossLimitHit).toBe(true);
    expect(equityObserved(hit, at(24, '9500'), LIMITS).dailyLossLimitHit).toBe(false);
    expect(equityObserved(started, at(2, '9500.01'), LIMITS).dailyLossLimitHit).toBe(false);
  });

  it('forgets cooldowns that are over when a new day begins', () => {
    const cooling = { ...started, cooldownUntilMs: { ETHUSDT: MONDAY_MS + DAY_MS - 1, SOLUSDT: MONDAY_MS + DAY_MS + 1 } };
    expect(dayRolled(cooling, { nowMs: MONDAY_MS + DAY_MS, equity: d('1') }).cooldownUntilMs).toEqual({ SOLUSDT: MONDAY_MS + DAY_MS + 1 });
  });
});

describe('the loss limits of the risk state', () => {
  const at = (hours: number, equity: string) => ({ nowMs: MONDAY_MS + hours * HOUR_MS, equity: d(equity) });

  it('measure the drawdown from the highest equity, over the days, until it is acknowledged', () => {
    const risen = equityObserved(started, at(2, '12000'), LIMITS);
    const fallen = equityObserved(risen, at(30, '9600'), LIMITS);
    expect(drawdownPercent(fallen, d('9600')).toFixed()).toBe('20');
    expect(fallen.maxDrawdownHit).toBe(true);
    expect(equityObserved(fallen, at(60, '11999'), LIMITS).maxDrawdownHit).toBe(true);
    expect(drawdownAcknowledged(fallen, d('9600'))).toMatchObject({ maxDrawdownHit: false, peakEquity: '9600' });
    expect(equityObserved(risen, at(30, '9600.01'), LIMITS).maxDrawdownHit).toBe(false);
  });

  it('count a reset day from the equity of the reset, until the next day', () => {
    const hit = equityObserved(started, at(2, '9500'), LIMITS);
    const reset = dailyLimitsReset(hit, d('9500'));
    expect(dayLossBudget(reset, d('9500'), LIMITS).toFixed()).toBe('475');
    expect(equityObserved(reset, at(3, '9025.01'), LIMITS).dailyLossLimitHit).toBe(false);
    expect(equityObserved(reset, at(3, '9025'), LIMITS).dailyLossLimitHit).toBe(true);
    expect(dayPnl(reset, d('9500')).toFixed()).toBe('-500');
    expect(equityObserved(reset, at(24, '9400'), LIMITS)).toMatchObject({ budgetStartEquity: null, dayStartEquity: '9400' });
  });

  it('start with the first equity that is seen', () => {
    expect(equityObserved(initialRiskState(), at(0, '10000'), LIMITS)).toMatchObject({ peakEquity: '10000', maxDrawdownHit: false, dailyLossLimitHit: false });
  });
});

describe('the exposures of the risk state', () => {
  it('shrink with a trade of which a part was closed, rounded up, and never grow by it', () => {
    const reduced = tradeReduced(tradeReserved(started, exposure), { tradeId: 't-1', fromQty: d('3'), toQty: d('1') });
    expect(reduced.exposures['t-1']).toMatchObject({ notional: '333.33333334', margin: '166.66666667', riskAtStop: '6.66666667' });
    expect(tradeReduced(reduced, { tradeId: 't-1', fromQty: d('1'), toQty: d('3') })).toEqual(reduced);
    expect(tradeReduced(reduced, { tradeId: 'other', fromQty: d('3'), toQty: d('1') })).toEqual(reduced);
  });

  const reserved = tradeReserved(started, exposure);

  it('hold a trade from its reservation until it is closed', () => {
    const open = tradeSettled(reserved, { kind: 'open', tradeId: 't-1', settledMs: 5, filledNotional: d('990') });
    expect(open.exposures['t-1']).toEqual({ ...exposure, settledMs: 5 });
    expect(tradeClosed(open, { tradeId: 't-1', symbol: 'ETHUSDT', exitReason: 'signal', closedMs: 9 }, LIMITS)).toEqual(started);
  });

  it('let go of a trade whose entry failed', () => {
    expect(tradeSettled(reserved, { kind: 'failed', tradeId: 't-1' })).toEqual(started);
  });

  it('take over the filled notional when it is larger than what was reserved', () => {
    expect(tradeSettled(reserved, { kind: 'open', tradeId: 't-1', settledMs: 5, filledNotional: d('1000.1') }).exposures['t-1']?.notional).toBe('1000.1');
  });

  it('are not changed by a report that arrives twice or concerns an unknown trade', () => {
    const open = tradeSettled(reserved, { kind: 'open', tradeId: 't-1', settledMs: 5 });
    expect(tradeSettled(open, { kind: 'open', tradeId: 't-1', settledMs: 8 })).toEqual(open);
    expect(tradeReserved(open, exposure)).toEqual(open);
    expect(tradeSettled(started, { kind: 'open', tradeId: 'other', settledMs: 5 })).toEqual(started);
  });

  it.each<[ExitReason, boolean]>([
    ['stop_loss', true], ['liquidation', true], ['take_profit', false], ['signal', false], ['operator', false], ['emergency', false], ['unprotected', false], ['external', false],
  ])('a close by %s starts a cooldown of its symbol: %s', (exitReason, starts) => {
    const closed = tradeClosed(reserved, { tradeId: 't-1', symbol: 'ETHUSDT', exitReason, closedMs: MONDAY_MS }, LIMITS);
    expect(closed.cooldownUntilMs).toEqual(starts ? { ETHUSDT: MONDAY_MS + HOUR_MS } : {});
  });

  it('start no cooldown when it is configured as zero', () => {
    const closure = { tradeId: 't-1', symbol: 'ETHUSDT', exitReason: 'stop_loss', closedMs: MONDAY_MS } as const;
    expect(tradeClosed(reserved, closure, { ...LIMITS, cooldownMinutesAfterStop: 0 }).cooldownUntilMs).toEqual({});
  });

  it('survive the way through a workflow history as JSON', () => {
    expect(JSON.parse(JSON.stringify(reserved))).toEqual(reserved);
  });
});
