import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aggregate } from '../../../../core/market/aggregate.js';
import type { Candle } from '../../../../core/market/candle.js';
import { Decimal, dec } from '../../../../core/money/decimal.js';
import { MONDAY_MS, candlesClosing, d } from '../samples.js';

const MINUTE_MS = 60_000;

function fiveMinutes(...rows: [open: string, high: string, low: string, close: string, volume: string, turnover: string][]): Candle[] {
  return rows.map(([open, high, low, close, volume, turnover], index) => ({
    symbol: 'BTCUSDT', interval: '5', startMs: MONDAY_MS + index * 5 * MINUTE_MS,
    open: d(open), high: d(high), low: d(low), close: d(close), volume: d(volume), turnover: d(turnover),
  }));
}

describe('aggregating candles', () => {
  it('takes first open, highest high, lowest low, last close and exact sums', () => {
    const base = fiveMinutes(['10', '11', '9.5', '10.5', '0.1', '1.1'], ['10.5', '12', '10', '11', '0.2', '2.2'], ['11', '11.1', '9', '9.9', '0.3', '3.3']);
    expect(aggregate(base, '15')).toEqual({
      candles: [{ symbol: 'BTCUSDT', interval: '15', startMs: MONDAY_MS, open: '10', high: '12', low: '9', close: '9.9', volume: '0.6', turnover: '6.6' }],
      incomplete: [],
    });
  });

  it('compares prices as numbers, not as text', () => {
    const base = fiveMinutes(['9', '9', '9', '9', '1', '1'], ['10', '10', '10', '10', '1', '1'], ['9', '9', '9', '9', '1', '1']);
    expect(aggregate(base, '15').candles[0]).toMatchObject({ high: '10', low: '9' });
  });

  it('reports buckets that lack a candle instead of making one up', () => {
    const base = candlesClosing([1, 2, 3, 4, 5, 6, 7], { interval: '5', startMs: MONDAY_MS + 10 * MINUTE_MS }).filter((_, index) => index !== 5);
    const { candles, incomplete } = aggregate(base, '15');
    expect(candles.map(({ startMs }) => startMs)).toEqual([MONDAY_MS + 15 * MINUTE_MS]);
    expect(incomplete).toEqual([
      { symbol: 'BTCUSDT', startMs: MONDAY_MS, have: 1, want: 3 },
      { symbol: 'BTCUSDT', startMs: MONDAY_MS + 30 * MINUTE_MS, have: 2, want: 3 },
    ]);
  });

  it('refuses an interval that the base does not divide, mixed candles, and candles out of order', () => {
    expect(() => aggregate(candlesClosing([1, 2], { interval: '15' }), '5')).toThrow(/cannot be made/);
    expect(() => aggregate([...candlesClosing([1]), ...candlesClosing([1], { symbol: 'ETHUSDT', startMs: MONDAY_MS + 15 * MINUTE_MS })], '60')).toThrow(/mixed/);
    expect(() => aggregate(candlesClosing([1, 2]).reverse(), '60')).toThrow(/not ascending/);
  });

  it('gives the same hour whether made from 5 minutes or by way of 15 minutes, and keeps all volume', () => {
    const seed = 31;
    const cents = fc.integer({ min: 1, max: 9_999_999 }).map((value) => value / 100);
    fc.assert(fc.property(fc.array(cents, { minLength: 12, maxLength: 72 }), (closes) => {
      const base = candlesClosing(closes.slice(0, closes.length - (closes.length % 12)), { interval: '5' });
      const direct = aggregate(base, '60');
      expect(aggregate(aggregate(base, '15').candles, '60')).toEqual(direct);
      const turnover = (candles: readonly Candle[]): string => candles.reduce((sum, candle) => sum.plus(dec(candle.turnover)), new Decimal(0)).toFixed();
      expect(turnover(direct.candles)).toBe(turnover(base));
    }), { seed });
  });
});
