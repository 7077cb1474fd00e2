import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deepestFall, type BalancePoint } from '../../../../core/analytics/drawdown.js';
import { Decimal } from '../../../../core/money/decimal.js';

const curve = (...balances: number[]): BalancePoint[] => balances.map((balance, index) => ({ atMs: index, balance: new Decimal(balance) }));
const fallOf = (by: 'absolute' | 'ratio', ...balances: number[]) => {
  const fall = deepestFall(curve(...balances), by);
  return fall === null ? null : { ...fall, absolute: fall.absolute.toNumber(), ratio: fall.ratio.toNumber() };
};

describe('the deepest fall', () => {
  it('is from the highest balance before to the lowest after', () => {
    expect(fallOf('ratio', 100, 120, 90, 130, 110)).toEqual({ absolute: 30, ratio: 0.25, peakMs: 1, troughMs: 2 });
  });
  it('by USDT and by part of the peak are not the same one', () => {
    expect(fallOf('ratio', 100, 80, 400, 375)).toMatchObject({ absolute: 20, ratio: 0.2 });
    expect(fallOf('absolute', 100, 80, 400, 375)).toMatchObject({ absolute: 25, ratio: 0.0625, peakMs: 2, troughMs: 3 });
  });
  it('of two equal ones is the first, from the first time its peak was reached', () => {
    expect(fallOf('absolute', 100, 110, 110, 100, 110, 100)).toMatchObject({ peakMs: 1, troughMs: 3 });
  });
  it('is none while the balance only rises, and unknown without a balance', () => {
    expect(fallOf('ratio', 100, 100, 101)).toEqual({ absolute: 0, ratio: 0, peakMs: 0, troughMs: 0 });
    expect(fallOf('ratio')).toBeNull();
    expect(fallOf('ratio', 0, 10)).toBeNull();
  });
  it('exceeds the whole when a loss goes beyond the balance', () => {
    expect(fallOf('ratio', 100, -20)).toMatchObject({ ratio: 1.2 });
  });

  const balances = fc.array(fc.integer({ min: 1, max: 10_000 }), { minLength: 1, maxLength: 60 });

  it('is at least every single fall between two points, and is one of them', () => {
    fc.assert(fc.property(balances, (values) => {
      const falls = values.flatMap((peak, from) => values.slice(from).map((trough) => peak - trough));
      expect(fallOf('absolute', ...values)?.absolute).toBe(Math.max(...falls));
    }));
  });
  it('never shrinks when the curve goes on, and does not see the unit of money', () => {
    fc.assert(fc.property(balances, fc.integer({ min: 1, max: 10_000 }), (values, next) => {
      const before = fallOf('ratio', ...values);
      expect(fallOf('ratio', ...values, next)?.ratio).toBeGreaterThanOrEqual(before?.ratio ?? 0);
      expect(fallOf('ratio', ...values.map((value) => value * 7))?.ratio).toBeCloseTo(before?.ratio ?? 0, 12);
    }));
  });
  it('begins before it ends', () => {
    fc.assert(fc.property(balances, (values) => {
      const fall = fallOf('ratio', ...values);
      expect(fall?.peakMs).toBeLessThanOrEqual(fall?.troughMs ?? -1);
    }));
  });
});
