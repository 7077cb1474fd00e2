import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dec, toDecimalString } from '../../../../core/money/decimal.js';
import { riskRestored } from '../../../../core/risk/restored-risk.js';
import { initialRiskState, type RiskState } from '../../../../core/risk/risk-state.js';

const DAY_MS = 86_400_000;
const amount = fc.option(fc.integer({ min: 1, max: 1_000_000 }).map((value) => toDecimalString(String(value))), { nil: null });
const state: fc.Arbitrary<RiskState> = fc.record({
  dayStartMs: fc.constantFrom(0, DAY_MS, 2 * DAY_MS), dayStartEquity: amount, budgetStartEquity: amount, dailyLossLimitHit: fc.boolean(), peakEquity: amount, maxDrawdownHit: fc.boolean(),
  cooldownUntilMs: fc.dictionary(fc.constantFrom('BTCUSDT', 'ETHUSDT'), fc.integer({ min: 0, max: 1_000 })), exposures: fc.constant({}),
});

describe('risk state that is put back', () => {
  it('loosens nothing: no limit is taken back, no cooldown shortened, no peak lowered', () => {
    fc.assert(fc.property(state, state, (now, saved) => {
      const restored = riskRestored(now, saved);
      for (const either of [now, saved]) {
        expect(restored.maxDrawdownHit || !either.maxDrawdownHit).toBe(true);
        if (either.peakEquity !== null) expect(dec(restored.peakEquity ?? toDecimalString('0')).gte(dec(either.peakEquity))).toBe(true);
        for (const [symbol, untilMs] of Object.entries(either.cooldownUntilMs)) expect(restored.cooldownUntilMs[symbol]).toBeGreaterThanOrEqual(untilMs);
      }
      expect(restored.dailyLossLimitHit || !now.dailyLossLimitHit).toBe(true);
      expect(restored.exposures).toBe(now.exposures);
    }));
  });

  it('twice is once', () => {
    fc.assert(fc.property(state, state, (now, saved) => {
      const once = riskRestored(now, saved);
      expect(riskRestored(once, saved)).toEqual(once);
    }));
  });

  it('takes the start of the day when it is the same day, and not that of another one', () => {
    const saved = { ...initialRiskState(), dayStartMs: DAY_MS, dayStartEquity: toDecimalString('1000'), dailyLossLimitHit: true };
    const today = { ...initialRiskState(), dayStartMs: DAY_MS, dayStartEquity: toDecimalString('900') };
    expect(riskRestored(today, saved)).toMatchObject({ dayStartEquity: '1000', dailyLossLimitHit: true });
    expect(riskRestored({ ...today, dayStartMs: 2 * DAY_MS }, saved)).toMatchObject({ dayStartMs: 2 * DAY_MS, dayStartEquity: '900', dailyLossLimitHit: false });
  });
});
