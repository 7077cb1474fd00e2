import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec } from '../../../../core/money/decimal.js';
import { decideEntry } from '../../../../core/risk/decide-entry.js';
import { dailyLimitsReset, dayLossBudget, drawdownAcknowledged, drawdownPercent, equityObserved, initialRiskState, type RiskState } from '../../../../core/risk/risk-state.js';
import { limitsHit, selfPauseReason, standingAfter, type Standing } from '../../../../core/risk/self-pause.js';
import { MONDAY_MS, d } from '../samples.js';
import { HOUR_MS, LIMITS, longBtc } from './entry-samples.js';

const SEED = 20260106;
const running: Standing = { lifecycle: 'running', pausedBy: null };
const calm = { dailyLossLimitHit: false, maxDrawdownHit: false };
const limits = { ...LIMITS, dailyLossLimitPercent: d('5'), maxDrawdownPercent: d('20') };
const at = (hours: number, equity: string) => ({ nowMs: MONDAY_MS + hours * HOUR_MS, equity: d(equity) });

describe('a bot that watches its loss limits', () => {
  it('pauses itself for either, the drawdown first, and resumes when none holds', () => {
    expect(standingAfter(running, { ...calm, dailyLossLimitHit: true })).toEqual({ lifecycle: 'paused', pausedBy: 'daily_loss_limit' });
    expect(standingAfter(running, { dailyLossLimitHit: true, maxDrawdownHit: true })).toEqual({ lifecycle: 'paused', pausedBy: 'max_drawdown' });
    expect(standingAfter({ lifecycle: 'paused', pausedBy: 'daily_loss_limit' }, calm)).toEqual(running);
    expect(standingAfter({ lifecycle: 'paused', pausedBy: 'daily_loss_limit' }, { ...calm, maxDrawdownHit: true })).toEqual({ lifecycle: 'paused', pausedBy: 'max_drawdown' });
  });

  it.each<Standing>([{ lifecycle: 'paused', pausedBy: 'operator' }, { lifecycle: 'stopped', pausedBy: null }, { lifecycle: 'starting', pausedBy: null }, { lifecycle: 'paused', pausedBy: null }])(
    'leaves to others what is theirs: %o',
    (standing) => {
      for (const risk of [calm, { dailyLossLimitHit: true, maxDrawdownHit: true }]) expect(standingAfter(standing, risk)).toEqual(standing);
    },
  );

  it('tells each limit once, with code and numbers; the daily one again on another day', () => {
    const start = equityObserved(initialRiskState(), at(0, '10000'), limits);
    const hit = equityObserved(start, at(1, '9500'), limits);
    expect(limitsHit({ before: start, after: hit }, { equity: d('9500'), limits })).toMatchObject([{ by: 'daily_loss_limit', code: 10010, message: expect.stringContaining('-500 USDT today of 10000') }]);
    expect(limitsHit({ before: hit, after: equityObserved(hit, at(2, '9400'), limits) }, { equity: d('9400'), limits })).toEqual([]);
    const deep = equityObserved(hit, at(3, '8000'), limits);
    expect(limitsHit({ before: hit, after: deep }, { equity: d('8000'), limits })).toMatchObject([{ by: 'max_drawdown', code: 20009, message: expect.stringContaining('20.00% below its peak of 10000') }]);
    const nextDay = { ...equityObserved(deep, at(24, '8000'), limits), dailyLossLimitHit: true };
    expect(limitsHit({ before: deep, after: nextDay }, { equity: d('7000'), limits })).toMatchObject([{ by: 'daily_loss_limit' }]);
  });

  it('has a reason for its own pauses only', () => {
    const seen = { equity: d('9500'), limits };
    expect(selfPauseReason('daily_loss_limit', initialRiskState(), seen)).toMatch(/^10010 /);
    expect(selfPauseReason('max_drawdown', initialRiskState(), seen)).toMatch(/^20009 /);
    expect([selfPauseReason('operator', initialRiskState(), seen), selfPauseReason(null, initialRiskState(), seen)]).toEqual([undefined, undefined]);
  });
});

const equityArbitrary = fc.integer({ min: 100_000, max: 2_000_000 }).map((cents) => d(cents / 100));
const eventArbitrary = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('equity' as const), equity: equityArbitrary, hours: fc.integer({ min: 0, max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('reset' as const, 'acknowledge' as const) }) },
);

/** Whatever equity does and operators order: an entry passes only below both limits, and a hit stays hit. */
it('no interleaving of equity, days, resets and acknowledgements lets an entry pass a loss limit', () => {
  const refusals = new Map<string, number>();
  fc.assert(fc.property(fc.array(eventArbitrary, { minLength: 5, maxLength: 60 }), (events) => {
    let state: RiskState = initialRiskState();
    let nowMs = MONDAY_MS;
    let equity = d('10000');
    let peak = dec(equity);
    for (const event of events) {
      switch (event.kind) {
        case 'equity':
          nowMs += event.hours * HOUR_MS;
          equity = event.equity;
          state = equityObserved(state, { nowMs, equity }, limits);
          if (dec(equity).gt(peak)) peak = dec(equity);
          break;
        case 'reset':
          state = dailyLimitsReset(state, equity);
          break;
        case 'acknowledge':
          state = drawdownAcknowledged(state, equity);
          peak = dec(equity);
      }
      const verdict = decideEntry(longBtc({ state, limits, nowMs, decidedMs: nowMs, wallet: { equity, available: equity, asOfMs: nowMs } }));
      state = { ...verdict.state, exposures: {} };
      if (verdict.kind === 'refused') refusals.set(verdict.rule, (refusals.get(verdict.rule) ?? 0) + 1);
      const isBeyond = drawdownPercent(state, equity).gte(20) || dayLossBudget(state, equity, limits).lte(0) || state.maxDrawdownHit || state.dailyLossLimitHit;
      if (verdict.kind === 'approved') expect(isBeyond).toBe(false);
      if (state.dayStartEquity !== null) expect(dec(state.peakEquity ?? d('0')).gte(dec(equity))).toBe(true);
    }
  }), { seed: SEED, numRuns: 300 });
  for (const rule of ['daily_loss_limit', 'max_drawdown']) expect(refusals.get(rule) ?? 0, JSON.stringify([...refusals])).toBeGreaterThan(100);
});

it('a bot is never running while a loss limit is hit, in whatever order limits and orders come', () => {
  const standings = fc.record({ lifecycle: fc.constantFrom('running' as const, 'paused' as const, 'stopped' as const), pausedBy: fc.constantFrom('operator' as const, 'daily_loss_limit' as const, 'max_drawdown' as const, null) });
  fc.assert(fc.property(standings, fc.boolean(), fc.boolean(), (standing, dailyLossLimitHit, maxDrawdownHit) => {
    const after = standingAfter(standing, { dailyLossLimitHit, maxDrawdownHit });
    if (dailyLossLimitHit || maxDrawdownHit) expect(after.lifecycle).not.toBe('running');
    expect(standingAfter(after, { dailyLossLimitHit, maxDrawdownHit })).toEqual(after);
  }), { seed: SEED, numRuns: 200 });
});
