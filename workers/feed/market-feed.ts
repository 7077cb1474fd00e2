/**
 * The market feed: closed candles from the stream into memory and ledger, and one signal per candle boundary to the bot.
 *
 * Invariants
 * 1. A boundary is announced when every candle due at it has arrived, or after a grace period without the late ones (the
 *    evaluation fetches those by REST). Announcing twice is harmless: the bot takes each boundary once.
 * 2. After every (re)connect the newest closed candles are fetched by REST and their boundary announced: nothing is replayed
 *    by the exchange, and nothing is missed.
 * 3. Candles go to the ledger in one batch per boundary; those of a boundary that was cut off come with the next backfill.
 * 4. Ticks never become signals.
 * 5. When other series are to be followed, the stream in use stays until the exchange has confirmed the one that takes its
 *    place; what closed around the change is fetched as after a reconnect.
 */
import { closeMs as closeOf, type Candle } from '../../core/market/candle.js';
import { isBoundary } from '../../core/market/interval.js';
import type { Exchange, Stream, StreamState } from '../../core/ports/exchange.js';
import type { Ledger } from '../../core/ports/ledger.js';
import type { Logger } from '../../core/ports/logger.js';
import type { CandleSource, Series } from '../../activities/candle-source.js';
import type { CandlesClosed } from '../../workflows/messages.js';
import type { Errand } from './errand.js';
import { feedFailure } from './feed-failure.js';

export interface MarketFeedOptions {
  /** what is followed at first */
  series: readonly Series[];
  exchange: Pick<Exchange, 'openMarketStream' | 'closedCandles'>;
  ledger: Pick<Ledger, 'saveCandles'>;
  candles: CandleSource;
  announce(closed: CandlesClosed): Promise<void>;
  /** runs work in the background, retried, one at a time per name */
  errand: Errand;
  logger: Logger;
  /** host clock, ms */
  now(): number;
}

/** How long a boundary waits for its late candles, host time. */
const GRACE_MS = 750;
/** Candles fetched after a reconnect, per series: enough for a day of 15-minute candles. */
const BACKFILL_CANDLES = 100;

export class MarketFeed {
  private series: readonly Series[];
  /** the one whose candles count */
  private stream: Stream | undefined;
  /** opened for other series and not confirmed yet */
  private successor: Stream | undefined;
  /** received and not announced yet, by close */
  private readonly arrived = new Map<number, Candle[]>();
  private readonly graces = new Map<number, NodeJS.Timeout>();

  constructor(private readonly options: MarketFeedOptions) {
    this.series = options.series;
  }

  start(): void {
    this.stream = this.open();
  }

  async stop(): Promise<void> {
    for (const timer of this.graces.values()) clearTimeout(timer);
    this.graces.clear();
    const streams = [this.stream, this.successor].filter((stream) => stream !== undefined);
    this.stream = undefined;
    this.successor = undefined;
    await Promise.all(streams.map((stream) => stream.close()));
  }

  /** The same series again, in whatever order, change nothing. */
  async follow(series: readonly Series[]): Promise<void> {
    if (keysOf(series) === keysOf(this.series)) return;
    this.options.logger.info('Market feed follows other series', { series: keysOf(series) });
    this.series = series;
    const overtaken = this.successor;
    this.successor = this.open();
    await overtaken?.close();
  }

  private open(): Stream {
    const stream: Stream = this.options.exchange.openMarketStream([...this.series], {
      candleClosed: (candle) => { if (stream === this.stream) this.candleClosed(candle); },
      state: (state, reason) => this.stateChanged(stream, { state, reason }),
      failed: (error) => this.options.logger.error('Real-time feed failed', feedFailure(error)),
    });
    return stream;
  }

  /** A confirmed successor takes the place of the stream in use, at once: its next candle counts. */
  private promote(stream: Stream): void {
    if (stream !== this.successor) return;
    const replaced = this.stream;
    this.stream = stream;
    this.successor = undefined;
    this.options.errand('close', async () => replaced?.close());
  }

  private candleClosed(candle: Candle): void {
    if (this.options.candles.remember([candle]).length === 0) return;
    const closeMs = closeOf(candle);
    const seen = [...(this.arrived.get(closeMs) ?? []), candle];
    this.arrived.set(closeMs, seen);
    const due = this.series.filter(({ interval }) => isBoundary(closeMs, interval));
    if (due.every((series) => seen.some((received) => keyOf(received) === keyOf(series)))) this.announce(closeMs);
    else if (!this.graces.has(closeMs)) this.graces.set(closeMs, setTimeout(() => this.announce(closeMs), GRACE_MS));
  }

  private announce(closeMs: number): void {
    const symbols = [...new Set((this.arrived.get(closeMs) ?? []).map(({ symbol }) => symbol))];
    this.save([...this.arrived].flatMap(([boundary, candles]) => (boundary <= closeMs ? candles : [])));
    this.forget(closeMs);
    const closed: CandlesClosed = { closeMs, symbols, receivedAtMs: this.options.now() };
    this.options.errand('announce', () => this.options.announce(closed));
  }

  /** Boundaries up to this one are done with. */
  private forget(closeMs: number): void {
    for (const boundary of this.arrived.keys()) if (boundary <= closeMs) this.arrived.delete(boundary);
    for (const [boundary, timer] of this.graces) {
      if (boundary > closeMs) continue;
      clearTimeout(timer);
      this.graces.delete(boundary);
    }
  }

  private save(candles: readonly Candle[]): void {
    if (candles.length === 0) return;
    this.options.errand('candles', () => this.options.ledger.saveCandles(candles));
  }

  private stateChanged(stream: Stream, { state, reason }: { state: StreamState; reason: string }): void {
    switch (state) {
      case 'connected':
        this.options.logger.info('Market feed connected', { reason });
        this.promote(stream);
        return this.options.errand('backfill', () => this.backfill());
      case 'reconnecting':
        return this.options.logger.warning('Market feed Connection lost, reconnecting', { code: 40006, reason });
      case 'connecting':
      case 'closed':
        return undefined;
    }
  }

  private async backfill(): Promise<void> {
    const fetched = await Promise.all(this.series.map((series) => this.options.exchange.closedCandles({ ...series, limit: BACKFILL_CANDLES })));
    this.save(this.options.candles.remember(fetched.flat()));
    const newestMs = Math.max(0, ...fetched.flatMap((candles) => candles.slice(-1).map(closeOf)));
    if (newestMs > 0) this.announce(newestMs);
  }
}

function keysOf(series: readonly Series[]): string {
  return [...new Set(series.map(keyOf))].sort().join(' ');
}

function keyOf(series: Series): string {
  return `${series.symbol}/${series.interval}`;
}
