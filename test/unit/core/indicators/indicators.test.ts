import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { atr } from '../../../../core/indicators/atr.js';
import { bollinger } from '../../../../core/indicators/bollinger.js';
import { donchian } from '../../../../core/indicators/donchian.js';
import { ema, sma } from '../../../../core/indicators/moving-average.js';
import { rsi } from '../../../../core/indicators/rsi.js';
import { valueBack } from '../../../../core/indicators/value-back.js';

const values = z.array(z.number());
const series = z.object({ period: z.number(), values });
const reference = z
  .object({
    bars: z.array(z.object({ high: z.number(), low: z.number(), close: z.number() })),
    sma: series, ema: series, rsi: series, atr: series,
    bollinger: z.object({ period: z.number(), deviations: z.number(), upper: values, middle: values, lower: values }),
    donchian: z.object({ period: z.number(), upper: values, lower: values }),
  })
  .parse(JSON.parse(readFileSync(new URL('../../../fixtures/talib/indicators.json', import.meta.url), 'utf8')));
const closes = reference.bars.map((bar) => bar.close);

const RELATIVE_TOLERANCE = 1e-9;

function expectSame(actual: readonly number[], expected: readonly number[]): void {
  expect(actual).toHaveLength(expected.length);
  const apart = expected.map((value, index) => Math.abs(valueBack(actual, actual.length - 1 - index) - value) / Math.abs(value));
  expect(Math.max(...apart)).toBeLessThan(RELATIVE_TOLERANCE);
}

describe('indicators give the values of TA-Lib on 300 bars of a seeded random walk', () => {
  it('simple moving average', () => expectSame(sma(closes, reference.sma.period), reference.sma.values));
  it('exponential moving average, seeded with a simple one', () => expectSame(ema(closes, reference.ema.period), reference.ema.values));
  it('relative strength index with Wilder smoothing', () => expectSame(rsi(closes, reference.rsi.period), reference.rsi.values));
  it('average true range with Wilder smoothing', () => expectSame(atr(reference.bars, reference.atr.period), reference.atr.values));

  it('Bollinger bands with the population deviation', () => {
    const { period, deviations, upper, middle, lower } = reference.bollinger;
    const bands = bollinger(closes, period, deviations);
    expectSame(bands.map((band) => band.upper), upper);
    expectSame(bands.map((band) => band.middle), middle);
    expectSame(bands.map((band) => band.lower), lower);
  });

  it('Donchian channel as highest high and lowest low', () => {
    const channels = donchian(reference.bars, reference.donchian.period);
    expectSame(channels.map((channel) => channel.upper), reference.donchian.upper);
    expectSame(channels.map((channel) => channel.lower), reference.donchian.lower);
  });
});

describe('indicators at their edges', () => {
  it('a market that never moves has a neutral RSI, not an oversold one', () => {
    expect(rsi(Array.from({ length: 30 }, () => 100), 14).at(-1)).toBe(50);
  });

  it('a market that only rises has an RSI of 100', () => {
    expect(rsi(Array.from({ length: 30 }, (_, index) => 100 + index), 14).at(-1)).toBe(100);
  });

  it('too few bars give no values', () => {
    expect([sma([1], 2), ema([1], 2), rsi([1, 2], 2), bollinger([1], 2, 2), donchian([], 2), atr([], 2)]).toEqual([[], [], [], [], [], []]);
  });

  it('asking a series for a value it does not have is error 40005', () => {
    expect(() => valueBack([1], 1)).toThrow(expect.objectContaining({ code: 40005 }));
  });
});
