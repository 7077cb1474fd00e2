import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { configureStrategy, type ConfiguredStrategy } from '../../../../core/strategies/configured-strategy.js';
import { BUILT_IN_STRATEGIES, strategyNamed } from '../../../../core/strategies/registry.js';
import type { OpenTradeView, Signal } from '../../../../core/strategies/strategy.js';
import { dec } from '../../../../core/money/decimal.js';
import { MONDAY_MS, candlesClosing, d } from '../samples.js';

function configured(name: string, parameters: unknown = {}): ConfiguredStrategy {
  const strategy = strategyNamed(name);
  if (strategy === undefined) throw new Error(`no built-in strategy ${name}`);
  return configureStrategy(strategy, parameters);
}

const held = (side: 'Buy' | 'Sell'): OpenTradeView => ({ tradeId: 't', side, entryPrice: d('100'), decidedMs: MONDAY_MS });

/** A gentle wave of the strategy's warm-up length, then the given closes. */
function signalAfter(strategy: ConfiguredStrategy, closes: readonly number[], openTrade?: OpenTradeView): Signal {
  const wave = Array.from({ length: strategy.warmUp }, (_, index) => 100 + Math.sin(index / 3));
  const candles = candlesClosing([...wave, ...closes], { symbol: strategy.symbol, interval: strategy.interval });
  return strategy.evaluate(candles, openTrade);
}

const slide = (from: number, step: number, count: number): number[] => Array.from({ length: count }, (_, index) => from + step * (index + 1));

describe('mean_reversion_btc', () => {
  const strategy = configured('mean_reversion_btc');

  it('buys an oversold close under the lower band, with its own stop', () => {
    expect(signalAfter(strategy, slide(99, -1.5, 6))).toMatchObject({ kind: 'enter', side: 'Buy', referencePrice: '90', stopLossPercent: '1.5' });
  });

  it('sells an overbought close over the upper band', () => {
    expect(signalAfter(strategy, slide(101, 1.5, 6))).toMatchObject({ kind: 'enter', side: 'Sell', referencePrice: '110' });
  });

  it('holds in a calm market and says what it saw and wanted', () => {
    const signal = signalAfter(strategy, [100]);
    expect(signal.kind).toBe('hold');
    expect(signal.conditions.map(({ name, wanted, met }) => [name, wanted, met])).toContainEqual(['long: RSI is oversold', 'below 25', false]);
  });

  it('leaves at the middle band, and not before', () => {
    expect(signalAfter(strategy, [...slide(99, -1.5, 6), 99], held('Buy'))).toMatchObject({ kind: 'exit', reason: expect.stringContaining('middle band') });
    expect(signalAfter(strategy, slide(99, -1.5, 6), held('Buy')).kind).toBe('hold');
    expect(signalAfter(strategy, slide(99, -1.5, 6), held('Sell')).kind).toBe('exit');
  });

  it('names a target only when one is configured', () => {
    expect(signalAfter(strategy, slide(99, -1.5, 6))).not.toHaveProperty('takeProfitPercent');
    expect(signalAfter(configured('mean_reversion_btc', { take_profit: 2.5 }), slide(99, -1.5, 6))).toMatchObject({ takeProfitPercent: '2.5' });
  });
});

describe('sma_cross_eth', () => {
  const strategy = configured('sma_cross_eth', { sma_fast: 5, sma_slow: 20, rsi_threshold: 5 });
  const down = slide(100, -0.5, 40);
  const turnedUp = [...down, ...slide(80, 1.5, 7)];

  it('buys a fresh cross upwards and sells a fresh cross downwards', () => {
    expect(signalAfter(strategy, turnedUp)).toMatchObject({ kind: 'enter', side: 'Buy', stopLossPercent: '2' });
    const mirrored = turnedUp.map((close) => 200 - close);
    expect(signalAfter(strategy, mirrored)).toMatchObject({ kind: 'enter', side: 'Sell' });
  });

  it('does not run after a cross that is long ago', () => {
    const signal = signalAfter(strategy, [...down, ...slide(80, 1.5, 15)]);
    expect(signal).toMatchObject({ kind: 'hold' });
    expect(signal.conditions[0]).toMatchObject({ met: false, value: expect.stringContaining('no recent cross') });
  });

  it('does not buy a move that the RSI calls overdone', () => {
    const strict = configured('sma_cross_eth', { sma_fast: 5, sma_slow: 20, rsi_threshold: 49 });
    const signal = signalAfter(strict, turnedUp);
    expect(signal.kind).toBe('hold');
    expect(signal.conditions[1]).toMatchObject({ name: 'long: RSI is not overdone', wanted: 'at most 51', met: false });
  });

  it('leaves when the averages cross back', () => {
    expect(signalAfter(strategy, turnedUp, held('Sell'))).toMatchObject({ kind: 'exit', reason: expect.stringContaining('crossed back') });
    expect(signalAfter(strategy, turnedUp, held('Buy')).kind).toBe('hold');
  });
});

describe('breakout_sol', () => {
  const strategy = configured('breakout_sol');

  it('follows a close beyond the channel of the candles before it, either way', () => {
    expect(signalAfter(strategy, [104])).toMatchObject({ kind: 'enter', side: 'Buy', referencePrice: '104' });
    expect(signalAfter(strategy, [96])).toMatchObject({ kind: 'enter', side: 'Sell', referencePrice: '96' });
  });

  it('sets its stop in multiples of the ATR, with two decimals', () => {
    const signal = signalAfter(strategy, [104]);
    const wider = signalAfter(configured('breakout_sol', { atr_stop_multiple: 5 }), [104]);
    if (signal.kind !== 'enter' || wider.kind !== 'enter') throw new Error('both must enter');
    expect(signal.stopLossPercent).toMatch(/^\d+(\.\d{1,2})?$/);
    expect(dec(wider.stopLossPercent ?? d('0')).div(dec(signal.stopLossPercent ?? d('1'))).toNumber()).toBeCloseTo(2, 1);
  });

  it('stays out while the market hardly moves', () => {
    const signal = signalAfter(configured('breakout_sol', { atr_min_percent: 5 }), [104]);
    expect(signal.kind).toBe('hold');
    expect(signal.conditions[1]).toMatchObject({ wanted: 'at least 5%', met: false });
  });

  it('leaves at the other side of the shorter channel', () => {
    expect(signalAfter(strategy, [96], held('Buy'))).toMatchObject({ kind: 'exit', reason: expect.stringContaining('shorter channel') });
    expect(signalAfter(strategy, [104], held('Buy')).kind).toBe('hold');
  });
});

describe.each(BUILT_IN_STRATEGIES.map((strategy) => [strategy.name, configureStrategy(strategy, {})] as const))('%s, as every built-in strategy,', (name, strategy) => {
  it('is found by its name and works without any parameter given', () => {
    expect(strategyNamed(name)?.name).toBe(name);
    expect(strategy.symbol).toBe({ mean_reversion_btc: 'BTCUSDT', sma_cross_eth: 'ETHUSDT', breakout_sol: 'SOLUSDT' }[name]);
  });

  it('decides the same however much history it is given, and whenever it is asked', () => {
    const walk = fc.array(fc.integer({ min: -300, max: 300 }), { minLength: strategy.warmUp + 60, maxLength: strategy.warmUp + 60 });
    const side = fc.constantFrom(undefined, held('Buy'), held('Sell'));
    fc.assert(fc.property(walk, side, (steps, openTrade) => {
      let price = 100;
      const closes = steps.map((step) => (price = Number((price * (1 + step / 10_000)).toFixed(3))));
      const candles = candlesClosing(closes, { symbol: strategy.symbol, interval: strategy.interval });
      const signal = strategy.evaluate(candles.slice(-strategy.warmUp), openTrade);
      expect(strategy.evaluate(candles, openTrade)).toEqual(signal);
      expect(signal.kind).not.toBe(openTrade === undefined ? 'exit' : 'enter');
      expect(signal.conditions.length).toBeGreaterThan(0);
    }), { seed: 11, numRuns: 50 });
  });

  it('refuses too few candles with 40005 instead of deciding on them', () => {
    const candles = candlesClosing(Array.from({ length: strategy.warmUp - 1 }, () => 100));
    expect(() => strategy.evaluate(candles, undefined)).toThrow(expect.objectContaining({ code: 40005 }));
  });

  it('completes its parameters once and for all: completing them again changes nothing', () => {
    expect(configured(name, JSON.parse(JSON.stringify(strategy.parameters))).parameters).toEqual(strategy.parameters);
  });
});

describe('wrong parameters are refused with 10008 and the parameter\'s name', () => {
  it.each([
    ['mean_reversion_btc', { rsi_oversold: 60 }, /rsi_oversold/],
    ['mean_reversion_btc', { rsi_ovesold: 20 }, /rsi_ovesold/],
    ['mean_reversion_btc', { symbol: 'BTC-USD' }, /symbol: must be a USDT perpetual/],
    ['sma_cross_eth', { sma_fast: 50, sma_slow: 20 }, /sma_fast: must be smaller than sma_slow/],
    ['sma_cross_eth', { interval: '7' }, /interval/],
    ['breakout_sol', { exit_period: 30 }, /exit_period: must not be larger/],
  ])('%s with %o', (name, parameters, says) => {
    expect(() => configured(name, parameters)).toThrow(expect.objectContaining({ code: 10008, message: expect.stringMatching(says) }));
  });
});
