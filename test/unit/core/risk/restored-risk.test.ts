import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec } from '../../../../core/money/decimal.js';
import { riskRestored } from '../../../../core/risk/restored-risk.js';
import { initialRiskState, type RiskState } from '../../../../core/risk/risk-state.js';
import { d, MONDAY_MS } from '../samples.js';

const DAY_MS = 86_400_000;
const amount = fc.option(fc.integer({ min: 1, max: 20_000 }).map(d));
const state: fc.Arbitrary<RiskState> = fc.record({
  dayStartMs: fc.constantFrom(MONDAY_MS, MONDAY_MS + DAY_MS), dayStartEquity: amount, budgetStartEquity: amount, dailyLossLimitHit: fc.boolean(), peakEquity: amount, maxDrawdownHit: fc.boolean(),
  cooldownUntilMs: fc.dictionary(fc.constantFrom('BTCUSDT', 'ETHUSDT'), fc.nat()), exposures: fc.constant({}),
});

describe('risk put back from a saved state', () => {
  it('never loosens a limit that either of both knows', () => {
    fc.assert(fc.property(state, state, (now, saved) => {
      const both = riskRestored(now, saved);
      expect(both.maxDrawdownHit).toBe(now.maxDrawdownHit || saved.maxDrawdownHit);
      if (now.dailyLossLimitHit) expect(both.dailyLossLimitHit).toBe(true);
      for (const peak of [now.peakEquity, saved.peakEquity]) if (peak !== null) expect(dec(both.peakEquity ?? d('0')).gte(dec(peak))).toBe(true);
      for (const [symbol, untilMs] of [...Object.entries(now.cooldownUntilMs), ...Object.entries(saved.cooldownUntilMs)]) expect(both.cooldownUntilMs[symbol]).toBeGreaterThanOrEqual(untilMs);
    }));
  });

  it('takes the start of the saved day when the bot has seen no equity yet, or it is the same day', () => {
    const saved: RiskState = { ...initialRiskState(), dayStartMs: MONDAY_MS, dayStartEquity: d('10000'), dailyLossLimitHit: true };
    expect(riskRestored(initialRiskState(), saved)).toMatchObject({ dayStartMs: MONDAY_MS, dayStartEquity: '10000', dailyLossLimitHit: true });
    expect(riskRestored({ ...initialRiskState(), dayStartMs: MONDAY_MS, dayStartEquity: d('9500') }, saved)).toMatchObject({ dayStartEquity: '10000' });
  });

  it('leaves a later day alone', () => {
    const saved: RiskState = { ...initialRiskState(), dayStartMs: MONDAY_MS, dayStartEquity: d('10000'), dailyLossLimitHit: true };
    const now: RiskState = { ...initialRiskState(), dayStartMs: MONDAY_MS + DAY_MS, dayStartEquity: d('9500') };
    expect(riskRestored(now, saved)).toMatchObject({ dayStartMs: MONDAY_MS + DAY_MS, dayStartEquity: '9500', dailyLossLimitHit: false });
  });
});
