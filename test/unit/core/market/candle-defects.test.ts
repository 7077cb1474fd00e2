import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { defectOf } from '../../../../core/market/candle-defects.js';
import { toDecimalString } from '../../../../core/money/decimal.js';
import { aCandle, money } from '../../../support/postgres-facts.js';

describe('a candle', () => {
  it('that a market can have is sound', () => {
    expect(defectOf(aCandle())).toBeUndefined();
    const flat = money('42000');
    expect(defectOf(aCandle({ open: flat, high: flat, low: flat, close: flat, volume: money('0'), turnover: money('0') }))).toBeUndefined();
  });

  it.each([
    ['high below low', { high: money('41000') }, 40007],
    ['high below close', { high: money('42010'), close: money('42050') }, 40007],
    ['low above open', { low: money('42000.2'), open: money('42000.1'), close: money('42050') }, 40007],
    ['a price of zero', { low: money('0') }, 40007],
    ['negative volume', { volume: money('-1') }, 40007],
    ['negative turnover', { turnover: money('-0.1') }, 40007],
    ['a start off its grid', { startMs: aCandle().startMs + 1 }, 40002],
  ])('with %s has a defect that names its values', (_what, change, code) => {
    expect(defectOf(aCandle(change))).toMatchObject({ code, message: expect.stringContaining('BTCUSDT 1 of') as string });
  });

  it('is sound exactly when its low and high enclose its other prices', () => {
    const price = fc.integer({ min: 1, max: 1_000 });
    fc.assert(fc.property(price, price, price, price, (open, high, low, close) => {
      const [o, h, l, c] = [open, high, low, close].map((value) => toDecimalString(String(value))) as [ReturnType<typeof money>, ReturnType<typeof money>, ReturnType<typeof money>, ReturnType<typeof money>];
      const isSound = low <= Math.min(open, close) && high >= Math.max(open, close);
      expect(defectOf(aCandle({ open: o, high: h, low: l, close: c })) === undefined).toBe(isSound);
    }));
  });
});
