import { describe, expect, it } from 'vitest';
import { LATE_AFTER_MS, marketClock, missingCandles, seriesHealth } from '../../../../core/diagnosis/series-health.js';
import { candlesClosing, MONDAY_MS } from '../samples.js';

const QUARTER_MS = 900_000;
const base = { symbol: 'BTCUSDT', interval: '15' as const, strategies: ['a'] };
/** closes at 00:15, 00:30, 00:45, 01:00 */
const candles = candlesClosing([1, 2, 3, 4]);
const newestMs = MONDAY_MS + 4 * QUARTER_MS;

describe('a series', () => {
  it.each([
    ['right after its newest close', newestMs, 'fresh', 0],
    ['while the next candle forms', newestMs + QUARTER_MS - 1, 'fresh', 0],
    ['while the next may still be under way', newestMs + QUARTER_MS + LATE_AFTER_MS - 1, 'fresh', 0],
    ['when the next has not come in time', newestMs + QUARTER_MS + LATE_AFTER_MS, 'late', 1],
    ['hours later', newestMs + 8 * QUARTER_MS + LATE_AFTER_MS, 'late', 8],
  ])('%s is %s', (_when, nowMs, state, missing) => {
    const health = seriesHealth({ ...base, candles, nowMs });
    expect(health.state).toBe(state);
    expect(missingCandles(health)).toBe(missing);
  });

  it('without candles is empty', () => {
    expect(seriesHealth({ ...base, candles: [], nowMs: newestMs })).toMatchObject({ state: 'empty', newestCloseMs: null, ageMs: null });
  });

  it('with a hole says where', () => {
    expect(seriesHealth({ ...base, candles: candles.filter((_, index) => index !== 2), nowMs: newestMs }).gaps).toMatchObject([{ kind: 'gap', code: 40005, atMs: MONDAY_MS + 3 * QUARTER_MS }]);
  });
});

describe('the clock of the market', () => {
  const facts = { hostNowMs: Date.UTC(2026, 5, 1), finestMs: QUARTER_MS, newestCloseMs: newestMs };

  it('is the host\'s when decisions follow their candles on it', () => {
    const decidedThroughMs = facts.hostNowMs - 20 * 60_000;
    expect(marketClock({ ...facts, decidedThroughMs, lastDecisionAtMs: decidedThroughMs + 300 })).toEqual({ nowMs: facts.hostNowMs, runs: 'host' });
  });

  it('is the newest candle\'s in a replay of another year', () => {
    expect(marketClock({ ...facts, decidedThroughMs: newestMs - QUARTER_MS, lastDecisionAtMs: facts.hostNowMs })).toEqual({ nowMs: newestMs, runs: 'market' });
  });

  it('is the host\'s before anything is known', () => {
    expect(marketClock({ ...facts, newestCloseMs: 0, decidedThroughMs: 0, lastDecisionAtMs: 0 })).toEqual({ nowMs: facts.hostNowMs, runs: 'host' });
  });
});
