/**
 * The public face of a market that is played: REST figures and topic frames, made from the candles and the engine's
 * prices at the present market instant.
 *
 * Invariants
 * 1. A frame is made only for a topic somebody listens to.
 * 2. At a candle's end its frame says `confirm: true` once, before the first frame of the next candle.
 * 3. A delta tells the difference to the topic's previous frame, and a snapshot is that previous frame in full.
 */
import { isBoundary, intervalMs, type Interval } from '../../core/market/interval.js';
import { toDecimalString } from '../../core/money/decimal.js';
import type { Playback } from '../exchange/playback.js';
import type { SimulatedExchange } from '../exchange/simulated-exchange.js';
import { bookAround, levelChanges } from './book.js';
import type { Bar } from './candle-series.js';
import { KlineView, type Present } from './kline-view.js';
import { FUNDING_INTERVAL_MS, nextFundingMs, type FundingRate } from './market-source.js';
import type { Book, Frame, FundingQuery, KlineQuery, PublicMarket, TickerFields } from './public-market.js';
import { tickerOf } from './ticker.js';
import { parseTopic, type PublicTopic } from './topics.js';

const DAY_MS = 86_400_000;

export class PlayedMarket implements PublicMarket {
  readonly kind: 'replay' | 'synthetic';
  readonly description: string;
  private readonly views = new Map<string, KlineView>();
  private readonly topics = new Map<string, PublicTopic>();
  private readonly lastTickers = new Map<string, TickerFields>();
  private readonly lastBooks = new Map<string, Book>();
  private sink: (frame: Frame) => void = () => undefined;
  private frames = 0;

  constructor(private readonly playback: Playback, private readonly exchange: SimulatedExchange, private readonly halfSpreadTicks: number) {
    this.kind = playback.market.kind;
    this.description = playback.market.description;
    for (const symbol of playback.market.symbols) this.views.set(symbol, new KlineView(playback.market.series(symbol)));
  }

  kline(query: KlineQuery): Promise<Bar[]> {
    return Promise.resolve(this.view(query.symbol).list(query, this.present(query.symbol)));
  }

  ticker(symbol: string): Promise<TickerFields> {
    return Promise.resolve(this.tickerNow(symbol));
  }

  book(symbol: string, depth: number): Promise<Book> {
    return Promise.resolve(this.bookNow(symbol, depth));
  }

  fundingHistory(query: FundingQuery): Promise<FundingRate[]> {
    const newestMs = Math.min(query.endMs ?? Infinity, this.exchange.clock().atMs);
    const oldestMs = Math.max(query.startMs ?? 0, this.playback.market.series(query.symbol).firstMs);
    const rates: FundingRate[] = [];
    for (let atMs = Math.floor(newestMs / FUNDING_INTERVAL_MS) * FUNDING_INTERVAL_MS; atMs >= oldestMs && rates.length < query.limit; atMs -= FUNDING_INTERVAL_MS) {
      rates.push({ atMs, rate: this.playback.market.fundingRate(query.symbol, atMs) });
    }
    return Promise.resolve(rates);
  }

  isTopic(topic: string): boolean {
    const parsed = parseTopic(topic);
    if (parsed === undefined) return false;
    const view = this.views.get(parsed.symbol);
    return view !== undefined && (parsed.kind !== 'kline' || view.serves(parsed.interval));
  }

  subscribe(topic: string): Frame | undefined {
    const parsed = parseTopic(topic);
    if (parsed === undefined) return undefined;
    this.topics.set(topic, parsed);
    if (parsed.kind === 'tickers') return this.tickerSnapshot(topic, parsed.symbol);
    if (parsed.kind === 'orderbook') return this.bookSnapshot(topic, parsed);
    return undefined;
  }

  unsubscribe(topic: string): void {
    this.topics.delete(topic);
    this.lastTickers.delete(topic);
    this.lastBooks.delete(topic);
  }

  onFrame(sink: (frame: Frame) => void): void {
    this.sink = sink;
  }

  /** Sends what the latest point changed; called once after each. */
  publish(): void {
    for (const [name, topic] of this.topics) {
      for (const frame of this.framesOf(name, topic)) this.sink(frame);
    }
  }

  private framesOf(name: string, topic: PublicTopic): Frame[] {
    switch (topic.kind) {
      case 'kline': return this.klineFrames(name, topic);
      case 'tickers': return this.tickerDelta(name, topic.symbol);
      case 'publicTrade': return [this.tradeFrame(name, topic.symbol)];
      case 'orderbook': return [this.bookDelta(name, topic)];
    }
  }

  private klineFrames(name: string, topic: { interval: Interval; symbol: string }): Frame[] {
    const { atMs, point, finished } = this.exchange.clock();
    const view = this.view(topic.symbol);
    const present = this.present(topic.symbol);
    const frames: Frame[] = [];
    const lengthMs = intervalMs(topic.interval);
    if ((point === 0 || finished) && isBoundary(atMs, topic.interval)) {
      const closed = view.at(atMs - lengthMs, topic.interval, present);
      if (closed !== undefined) frames.push(klineFrame(name, closed, { interval: topic.interval, confirm: true, atMs }));
    }
    const forming = finished ? undefined : view.at(Math.floor(atMs / lengthMs) * lengthMs, topic.interval, present);
    if (forming !== undefined) frames.push(klineFrame(name, forming, { interval: topic.interval, confirm: false, atMs }));
    return frames;
  }

  private tickerSnapshot(name: string, symbol: string): Frame {
    const fields = this.lastTickers.get(name) ?? this.tickerNow(symbol);
    this.lastTickers.set(name, fields);
    return { topic: name, type: 'snapshot', cs: this.nextFrame(), ts: this.exchange.clock().atMs, data: { symbol, tickDirection: 'ZeroPlusTick', ...fields } };
  }

  private tickerDelta(name: string, symbol: string): Frame[] {
    const before = this.lastTickers.get(name) ?? {};
    const now = this.tickerNow(symbol);
    this.lastTickers.set(name, now);
    const changed = Object.fromEntries(Object.entries(now).filter(([field, value]) => before[field] !== value));
    if (Object.keys(changed).length === 0) return [];
    const rose = Number(now['lastPrice']) >= Number(before['lastPrice'] ?? now['lastPrice']);
    const tickDirection = rose ? 'PlusTick' : 'MinusTick';
    return [{ topic: name, type: 'delta', cs: this.nextFrame(), ts: this.exchange.clock().atMs, data: { symbol, tickDirection, ...changed } }];
  }

  private tradeFrame(name: string, symbol: string): Frame {
    const prices = this.exchange.engine.prices(symbol);
    const number = this.nextFrame();
    const id = `${symbol}-${prices.atMs}-${number}`;
    const trade = { T: prices.atMs, s: symbol, S: number % 2 === 0 ? 'Buy' : 'Sell', v: this.exchange.instrument(symbol).minOrderQty, p: prices.lastPrice, L: 'ZeroPlusTick', i: id, BT: false, RPI: false, seq: number };
    return { topic: name, type: 'snapshot', ts: prices.atMs, data: [trade] };
  }

  private bookSnapshot(name: string, topic: { symbol: string; depth: number }): Frame {
    const book = this.lastBooks.get(name) ?? this.bookNow(topic.symbol, topic.depth);
    this.lastBooks.set(name, book);
    return this.bookFrame(name, 'snapshot', { symbol: topic.symbol, book, b: book.bids, a: book.asks });
  }

  private bookDelta(name: string, topic: { symbol: string; depth: number }): Frame {
    const before = this.lastBooks.get(name);
    const book = this.bookNow(topic.symbol, topic.depth);
    this.lastBooks.set(name, book);
    return this.bookFrame(name, 'delta', { symbol: topic.symbol, book, b: levelChanges(before?.bids ?? [], book.bids), a: levelChanges(before?.asks ?? [], book.asks) });
  }

  private bookFrame(topic: string, type: 'snapshot' | 'delta', content: { symbol: string; book: Book; b: unknown; a: unknown }): Frame {
    const ts = this.exchange.clock().atMs;
    return { topic, type, ts, data: { s: content.symbol, b: content.b, a: content.a, u: content.book.updateId, seq: content.book.seq }, cts: ts };
  }

  private bookNow(symbol: string, depth: number): Book {
    const number = this.nextFrame();
    const sides = bookAround({ prices: this.exchange.engine.prices(symbol), instrument: this.exchange.instrument(symbol), halfSpreadTicks: this.halfSpreadTicks, depth });
    return { ...sides, updateId: number + 1, seq: number + 1 };
  }

  private tickerNow(symbol: string): TickerFields {
    const prices = this.exchange.engine.prices(symbol);
    const { bids, asks } = bookAround({ prices, instrument: this.exchange.instrument(symbol), halfSpreadTicks: this.halfSpreadTicks, depth: 1 });
    const present = this.present(symbol);
    const hours = this.view(symbol).list({ symbol, interval: '60', startMs: present.nowMs - DAY_MS, endMs: undefined, limit: 24 }, present);
    const nextMs = nextFundingMs(present.nowMs);
    return tickerOf({
      prices, hours, instrument: this.exchange.instrument(symbol), fundingRate: this.playback.market.fundingRate(symbol, nextMs), nextFundingMs: nextMs,
      bid: bids[0]?.[0] ?? prices.lastPrice, ask: asks[0]?.[0] ?? prices.lastPrice, size: asks[0]?.[1] ?? toDecimalString('0'),
    });
  }

  private present(symbol: string): Present {
    return { nowMs: this.exchange.clock().atMs, forming: this.playback.formingBar(symbol) };
  }

  private view(symbol: string): KlineView {
    const view = this.views.get(symbol);
    if (view === undefined) throw new RangeError(`${symbol} is not played`);
    return view;
  }

  private nextFrame(): number {
    this.frames += 1;
    return this.frames;
  }
}

function klineFrame(topic: string, bar: Bar, shown: { interval: Interval; confirm: boolean; atMs: number }): Frame {
  const { startMs, ...fields } = bar;
  const end = startMs + intervalMs(shown.interval) - 1;
  return { topic, type: 'snapshot', ts: shown.atMs, data: [{ start: startMs, end, interval: shown.interval, ...fields, confirm: shown.confirm, timestamp: shown.atMs }] };
}
