import { z } from 'zod';
import { describe, expect, it } from 'vitest';
import { guardedStrategy } from '../../../../core/strategies/guarded-strategy.js';
import type { Signal } from '../../../../core/strategies/strategy.js';
import { candlesClosing } from '../samples.js';

const input = { candles: candlesClosing([100, 101]), parameters: {}, openTrade: undefined };

function foreign(evaluate: () => unknown): unknown {
  return { name: 'mine', description: 'somebody else wrote it', parametersSchema: z.object({}), symbol: () => 'BTCUSDT', interval: () => '15', warmUp: () => 2, evaluate };
}

const evaluating = (evaluate: () => unknown): Signal => guardedStrategy(foreign(evaluate), 'mine.js').evaluate(input);

describe('a strategy that somebody else wrote', () => {
  it('passes a well-formed signal on, its decimals made canonical', () => {
    const signal = evaluating(() => ({ kind: 'enter', side: 'Buy', referencePrice: '101.50', conditions: [] }));
    expect(signal).toEqual({ kind: 'enter', side: 'Buy', referencePrice: '101.5', conditions: [] });
  });

  it.each([
    ['a price that is no decimal above zero', { kind: 'enter', side: 'Buy', referencePrice: '-1', conditions: [] }, /referencePrice: must be a decimal number above zero/],
    ['a price that is a number', { kind: 'enter', side: 'Buy', referencePrice: 101, conditions: [] }, /referencePrice/],
    ['an unknown kind', { kind: 'panic', conditions: [] }, /kind/],
    ['no conditions', { kind: 'hold' }, /conditions/],
    ['nothing', undefined, /no usable signal/],
  ])('is stopped when it returns %s', (_what, signal, says) => {
    expect(() => evaluating(() => signal)).toThrow(expect.objectContaining({ code: 10008, message: expect.stringMatching(says) as string }));
  });

  it('is stopped when it throws, whatever it throws', () => {
    expect(() => evaluating(() => { throw new TypeError('bars is not iterable'); })).toThrow(expect.objectContaining({ code: 10008, message: expect.stringContaining('bars is not iterable') as string }));
    expect(() => evaluating(() => { throw 'a text' as unknown as Error; })).toThrow(expect.objectContaining({ code: 10008 }));
  });

  it('is refused when a part of it is missing, and the part is named', () => {
    const { warmUp: _, ...incomplete } = foreign(() => undefined) as Record<string, unknown>;
    expect(() => guardedStrategy(incomplete, 'mine.js')).toThrow(expect.objectContaining({ code: 10008, message: expect.stringContaining('warmUp') as string }));
  });
});
