import { setImmediate as turn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CandleSource, type Series } from '../../../../activities/candle-source.js';
import type { Candle } from '../../../../core/market/candle.js';
import type { MarketStreamHandlers } from '../../../../core/ports/exchange.js';
import { MarketFeed } from '../../../../workers/feed/market-feed.js';
import type { CandlesClosed } from '../../../../workflows/messages.js';
import { aCandle } from '../../../support/postgres-facts.js';
import { silentLogger } from '../../../support/silent-logger.js';

const MINUTE_MS = 60_000;
const NOON_MS = Date.UTC(2026, 0, 5, 12);
const GRACE_MS = 750;
const RECEIVED_AT_MS = 1_234;
const SERIES = [
  { symbol: 'BTCUSDT', interval: '5' },
  { symbol: 'ETHUSDT', interval: '5' },
  { symbol: 'SOLUSDT', interval: '60' },
] as const;
type Fed = (typeof SERIES)[number];

const lengthMs = ({ interval }: Fed): number => Number(interval) * MINUTE_MS;
const closing = (series: Fed, closeMs: number): Candle => aCandle({ ...series, startMs: closeMs - lengthMs(series) });
const [BTC, ETH, SOL] = SERIES;

/** The feed between edges that the test plays by hand: the exchange's stream, its REST candles, the ledger, the bot. */
function stage(byRest: Candle[] = []) {
  const announced: CandlesClosed[] = [];
  const batches: Candle[][] = [];
  const streams: { series: readonly Series[]; handlers: MarketStreamHandlers; isOpen: boolean }[] = [];
  const feed = new MarketFeed({
    series: SERIES,
    exchange: {
      openMarketStream: (series, handlers) => {
        const opened = { series, handlers, isOpen: true };
        streams.push(opened);
        return { lastMessageAtMs: () => 0, close: () => Promise.resolve(void (opened.isOpen = false)) };
      },
      closedCandles: ({ symbol }) => Promise.resolve(byRest.filter((candle) => candle.symbol === symbol)),
    },
    ledger: { saveCandles: (candles) => Promise.resolve(void batches.push([...candles])) },
    candles: new CandleSource({ market: { closedCandles: () => Promise.resolve([]) }, ledger: { candles: () => Promise.resolve([]), saveCandles: () => Promise.resolve() }, logger: silentLogger, capacity: 100 }),
    announce: (closed) => Promise.resolve(void announced.push(closed)),
    errand: (_name, run) => void run(),
    logger: silentLogger,
    now: () => RECEIVED_AT_MS,
  });
  feed.start();
  const [first] = streams;
  if (!first) throw new Error('the feed opens its stream when it starts');
  return { feed, announced, batches, stream: first.handlers, streams, isOpen: () => first.isOpen };
}

describe('the market feed', () => {
  beforeEach(() => { vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }); });
  afterEach(() => { vi.useRealTimers(); });

  it('announces a boundary once, when the last candle that is due at it has come', () => {
    const { announced, stream } = stage();
    stream.candleClosed(closing(BTC, NOON_MS));
    stream.candleClosed(closing(SOL, NOON_MS));
    expect(announced).toEqual([]);
    stream.candleClosed(closing(ETH, NOON_MS));
    expect(announced).toEqual([{ closeMs: NOON_MS, symbols: ['BTCUSDT', 'SOLUSDT', 'ETHUSDT'], receivedAtMs: RECEIVED_AT_MS }]);
    vi.advanceTimersByTime(10 * GRACE_MS);
    expect(announced).toHaveLength(1);
  });

  it('waits only for the series whose interval closes there', () => {
    const { announced, stream } = stage();
    const closeMs = NOON_MS + 5 * MINUTE_MS;
    stream.candleClosed(closing(ETH, closeMs));
    stream.candleClosed(closing(BTC, closeMs));
    expect(announced).toMatchObject([{ closeMs }]);
  });

  it('announces without a late candle when the grace is over', () => {
    const { announced, stream } = stage();
    stream.candleClosed(closing(BTC, NOON_MS));
    vi.advanceTimersByTime(GRACE_MS - 1);
    stream.candleClosed(closing(ETH, NOON_MS));
    expect(announced).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(announced).toMatchObject([{ closeMs: NOON_MS, symbols: ['BTCUSDT', 'ETHUSDT'] }]);
  });

  it('writes the candles of a boundary to the ledger in one batch, also one that came too late for an earlier boundary', () => {
    const { batches, stream } = stage();
    const late = closing(BTC, NOON_MS - 5 * MINUTE_MS);
    const due = SERIES.map((series) => closing(series, NOON_MS));
    for (const candle of [late, ...due]) stream.candleClosed(candle);
    expect(batches).toEqual([[late, ...due]]);
  });

  it('fetches the newest candles after every connect and announces their boundary, because the exchange replays nothing', async () => {
    const missed = [closing(BTC, NOON_MS - 5 * MINUTE_MS), closing(BTC, NOON_MS), closing(ETH, NOON_MS)];
    const { announced, batches, stream } = stage(missed);
    stream.state('reconnecting', 'socket lost');
    expect(announced).toEqual([]);
    stream.state('connected', 'again');
    await turn();
    expect(batches.flat()).toEqual(missed);
    expect(announced).toMatchObject([{ closeMs: NOON_MS }]);
  });

  it('ends with its stream, and a boundary that still waits is not announced', async () => {
    const { feed, announced, stream, isOpen } = stage();
    stream.candleClosed(closing(BTC, NOON_MS));
    await feed.stop();
    vi.advanceTimersByTime(GRACE_MS);
    expect({ announced, isOpen: isOpen() }).toEqual({ announced: [], isOpen: false });
  });

  it('follows other series over a stream of their own, and lets the old one go once that is confirmed', async () => {
    const { feed, announced, streams, stream } = stage();
    await feed.follow([BTC, SOL]);
    const successor = streams[1];
    expect(successor?.series).toEqual([BTC, SOL]);
    successor?.handlers.candleClosed(closing(BTC, NOON_MS));
    expect([announced, streams.map(({ isOpen }) => isOpen)]).toEqual([[], [true, true]]);
    for (const series of [BTC, SOL]) stream.candleClosed(closing(series, NOON_MS));
    expect(announced).toMatchObject([{ closeMs: NOON_MS, symbols: ['BTCUSDT', 'SOLUSDT'] }]);

    successor?.handlers.state('connected', 'all topics confirmed');
    await turn();
    expect(streams.map(({ isOpen }) => isOpen)).toEqual([false, true]);
    const laterMs = NOON_MS + 5 * MINUTE_MS;
    stream.candleClosed(closing(BTC, laterMs));
    expect(announced).toHaveLength(1);
    successor?.handlers.candleClosed(closing(BTC, laterMs));
    expect(announced.at(-1)).toMatchObject({ closeMs: laterMs, symbols: ['BTCUSDT'] });
  });

  it('fetches what closed while the streams changed places', async () => {
    const { feed, announced, batches, streams } = stage([closing(BTC, NOON_MS), closing(SOL, NOON_MS)]);
    await feed.follow([BTC, SOL]);
    streams[1]?.handlers.state('connected', 'all topics confirmed');
    await turn();
    expect(batches.flat()).toEqual([closing(BTC, NOON_MS), closing(SOL, NOON_MS)]);
    expect(announced).toMatchObject([{ closeMs: NOON_MS }]);
  });

  it('opens nothing for the series it follows already, closes a successor that was overtaken, and all of them at its end', async () => {
    const { feed, streams } = stage();
    await feed.follow([SOL, ETH, BTC]);
    expect(streams).toHaveLength(1);
    await feed.follow([BTC]);
    await feed.follow([ETH]);
    expect(streams.map(({ isOpen }) => isOpen)).toEqual([true, false, true]);
    await feed.stop();
    expect(streams.map(({ isOpen }) => isOpen)).toEqual([false, false, false]);
  });
});
