import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CandleSource } from '../../../activities/candle-source.js';
import { BotError } from '../../../core/errors/bot-error.js';
import type { Candle } from '../../../core/market/candle.js';
import type { CandleRange } from '../../../core/ports/exchange.js';
import { aCandle, money } from '../../support/postgres-facts.js';
import { silentLogger } from '../../support/silent-logger.js';

const MINUTE_MS = 60_000;
const START_MS = Date.UTC(2026, 0, 5);
const SERIES = { symbol: 'BTCUSDT', interval: '1' } as const;
const candleAt = (minute: number): Candle => aCandle({ startMs: START_MS + minute * MINUTE_MS });
const candles = (from: number, to: number): Candle[] => Array.from({ length: to - from + 1 }, (_, index) => candleAt(from + index));
const closeOf = (minute: number): number => START_MS + (minute + 1) * MINUTE_MS;
const minutesOf = (window: readonly Candle[]): number[] => window.map(({ startMs }) => (startMs - START_MS) / MINUTE_MS);

/** The two edges behind the cache, as data: what the ledger holds, what the exchange serves, and who was asked. */
function edges(held: { ledger?: Candle[] | BotError; exchange?: Candle[] | BotError } = {}) {
  const asked: string[] = [];
  const within = (all: Candle[], fromMs: number, toMs: number): Candle[] => all.filter(({ startMs }) => startMs >= fromMs && startMs <= toMs);
  return {
    asked,
    ledger: {
      candles: ({ untilMs, limit }: { untilMs: number; limit: number }): Promise<Candle[]> => {
        asked.push('ledger');
        if (held.ledger instanceof BotError) return Promise.reject(held.ledger);
        return Promise.resolve(within(held.ledger ?? [], 0, untilMs - MINUTE_MS).slice(-limit));
      },
      saveCandles: () => Promise.resolve(),
    },
    market: {
      closedCandles: ({ fromMs = 0, toMs = Infinity, limit }: CandleRange): Promise<Candle[]> => {
        asked.push('exchange');
        if (held.exchange instanceof BotError) return Promise.reject(held.exchange);
        return Promise.resolve(within(held.exchange ?? [], fromMs, toMs).slice(-limit));
      },
    },
  };
}

function sourceOver({ ledger, market }: ReturnType<typeof edges>, capacity = 100): CandleSource {
  return new CandleSource({ ledger, market, logger: silentLogger, capacity });
}

describe('the candles a decision is made on', () => {
  it('come from memory when they are there, and nobody is asked', async () => {
    const around = edges();
    const source = sourceOver(around);
    source.remember(candles(0, 9));
    expect(minutesOf(await source.endingAt(SERIES, closeOf(9), 4))).toEqual([6, 7, 8, 9]);
    expect(minutesOf(await source.endingAt(SERIES, closeOf(5), 4))).toEqual([2, 3, 4, 5]);
    expect(around.asked).toEqual([]);
  });

  it('are read anew after their series was forgotten, and only those', async () => {
    const around = edges({ ledger: candles(0, 9) });
    const source = sourceOver(around);
    source.remember(candles(0, 9));
    source.forget({ ...SERIES, symbol: 'ETHUSDT' });
    await source.endingAt(SERIES, closeOf(9), 4);
    expect(around.asked).toEqual([]);
    source.forget(SERIES);
    expect(minutesOf(await source.endingAt(SERIES, closeOf(9), 4))).toEqual([6, 7, 8, 9]);
    expect(around.asked).toEqual(['ledger']);
  });

  it('come from the ledger next, and are remembered', async () => {
    const around = edges({ ledger: candles(0, 9) });
    const source = sourceOver(around);
    expect(minutesOf(await source.endingAt(SERIES, closeOf(9), 4))).toEqual([6, 7, 8, 9]);
    await source.endingAt(SERIES, closeOf(9), 4);
    expect(around.asked).toEqual(['ledger']);
  });

  it('come from the exchange when the ledger has a hole or is away', async () => {
    const holey = edges({ ledger: [...candles(0, 6), candleAt(9)], exchange: candles(0, 9) });
    expect(minutesOf(await sourceOver(holey).endingAt(SERIES, closeOf(9), 4))).toEqual([6, 7, 8, 9]);
    const away = edges({ ledger: new BotError(10003, 'no database'), exchange: candles(0, 9) });
    expect(minutesOf(await sourceOver(away).endingAt(SERIES, closeOf(9), 4))).toEqual([6, 7, 8, 9]);
    expect([holey.asked, away.asked]).toEqual([['ledger', 'exchange'], ['ledger', 'exchange']]);
  });

  it.each<[string, Candle[], number]>([
    ['too few', candles(8, 9), 40005],
    ['with a hole', [...candles(0, 6), ...candles(8, 9)], 40005],
    ['without the newest', candles(0, 8), 40001],
    ['one of them twice', [candleAt(6), candleAt(7), candleAt(7), candleAt(9)], 40002],
    ['one of them off its grid', [...candles(6, 7), { ...candleAt(8), startMs: candleAt(8).startMs + 1 }, candleAt(9)], 40002],
    ['one of them with its high below its low', [...candles(6, 7), { ...candleAt(8), high: money('1') }, candleAt(9)], 40007],
  ])('are refused when the exchange gives them %s, never shortened (%i)', async (_what, exchange, code) => {
    await expect(sourceOver(edges({ exchange })).endingAt(SERIES, closeOf(9), 4)).rejects.toMatchObject({ code });
  });

  it('are refused as unavailable (40004) when nobody answers, and with the refusal itself when the exchange refuses', async () => {
    await expect(sourceOver(edges({ exchange: new BotError(30003, 'HTTP 502') })).endingAt(SERIES, closeOf(9), 4)).rejects.toMatchObject({ code: 40004 });
    await expect(sourceOver(edges({ exchange: new BotError(20002, 'no such symbol') })).endingAt(SERIES, closeOf(9), 4)).rejects.toMatchObject({ code: 20002 });
  });

  it('that contradict themselves are told and not taken', () => {
    const told: unknown[] = [];
    const source = new CandleSource({ ...edges(), logger: { ...silentLogger, error: (_message, fields) => void told.push(fields?.['code']) }, capacity: 10 });
    expect(source.remember([{ ...candleAt(1), low: money('0') }, candleAt(2)])).toEqual([candleAt(2)]);
    expect(told).toEqual([40007]);
  });

  it('are kept by symbol and interval', async () => {
    const source = sourceOver(edges());
    source.remember([...candles(0, 3), ...candles(0, 3).map((candle) => ({ ...candle, symbol: 'ETHUSDT' }))]);
    const window = await source.endingAt({ symbol: 'ETHUSDT', interval: '1' }, closeOf(3), 4);
    expect(window.every(({ symbol }) => symbol === 'ETHUSDT')).toBe(true);
    expect(source.latestCloseMs({ symbol: 'SOLUSDT', interval: '1' })).toBe(0);
  });

  it('are bounded: the oldest make room, and a candle told again replaces what was known', async () => {
    const source = sourceOver(edges(), 5);
    source.remember(candles(0, 9));
    source.remember([aCandle({ startMs: START_MS + 8 * MINUTE_MS, close: candleAt(8).low })]);
    const window = await source.endingAt(SERIES, closeOf(9), 5);
    expect(minutesOf(window)).toEqual([5, 6, 7, 8, 9]);
    expect(window[3]?.close).toBe(candleAt(8).low);
    await expect(source.endingAt(SERIES, closeOf(9), 6)).rejects.toMatchObject({ code: 40005 });
  });

  it('are the same in whatever order the feed told them', () =>
    fc.assert(fc.asyncProperty(fc.shuffledSubarray(candles(0, 19), { minLength: 20 }), async (shuffled) => {
      const source = sourceOver(edges());
      source.remember(shuffled);
      expect(minutesOf(await source.endingAt(SERIES, closeOf(19), 20))).toEqual(minutesOf(candles(0, 19)));
      expect(source.latestCloseMs(SERIES)).toBe(closeOf(19));
    })));
});
