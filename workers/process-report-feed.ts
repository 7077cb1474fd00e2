/**
 * Watches the streams of the exchange as they pass to the feeds: what arrived last, and whether the sockets are up. It
 * changes nothing of them, and the feeds do not know of it.
 */
import { closeMs } from '../core/market/candle.js';
import type { Exchange, MarketStreamHandlers, Stream, Streams, StreamState } from '../core/ports/exchange.js';
import type { FeedReport, StreamReport } from '../core/ports/process-report.js';

type Topics = Parameters<Streams['openMarketStream']>[0];

interface Watched {
  state: StreamState;
  connectedSinceMs: number;
  reconnects: number;
  stream: Stream | undefined;
}

const ABSENT: StreamReport = { state: 'closed', lastMessageAtMs: 0, connectedSinceMs: 0, reconnects: 0 };

export class FeedWatch {
  private market: { watched: Watched; topics: Topics } | undefined;
  private account: Watched | undefined;
  private readonly received = new Map<string, { lastCandleCloseMs: number; receivedAtMs: number }>();

  /** `now`: host clock, ms since epoch */
  constructor(private readonly now: () => number) {}

  /** The same exchange, with its streams watched. */
  observing(exchange: Exchange): Exchange {
    return {
      ...exchange,
      openMarketStream: (topics, handlers) => {
        const watched = unopened();
        this.market = { watched, topics };
        return this.track(watched, exchange.openMarketStream(topics, this.watchingMarket(watched, handlers)));
      },
      openAccountStream: (handlers) => {
        const watched = unopened();
        this.account = watched;
        return this.track(watched, exchange.openAccountStream({ ...handlers, state: this.watchingState(watched, handlers) }));
      },
    };
  }

  /** Of the newest market stream and the newest account stream. */
  report(): FeedReport {
    const series = (this.market?.topics ?? []).map(({ symbol, interval }) => ({
      symbol, interval, ...(this.received.get(keyOf({ symbol, interval })) ?? { lastCandleCloseMs: 0, receivedAtMs: 0 }),
    }));
    return { feeding: this.market !== undefined && this.market.watched.state !== 'closed', series, market: shown(this.market?.watched), account: shown(this.account) };
  }

  private watchingMarket(watched: Watched, handlers: MarketStreamHandlers): MarketStreamHandlers {
    return {
      ...handlers,
      state: this.watchingState(watched, handlers),
      candleClosed: (candle) => {
        this.received.set(keyOf(candle), { lastCandleCloseMs: closeMs(candle), receivedAtMs: this.now() });
        handlers.candleClosed(candle);
      },
    };
  }

  private watchingState(watched: Watched, handlers: Pick<MarketStreamHandlers, 'state'>): MarketStreamHandlers['state'] {
    return (state, reason) => {
      if (state === 'connected') watched.connectedSinceMs = this.now();
      if (state === 'reconnecting') watched.reconnects += 1;
      watched.state = state;
      handlers.state(state, reason);
    };
  }

  private track(watched: Watched, stream: Stream): Stream {
    watched.stream = stream;
    return {
      lastMessageAtMs: () => stream.lastMessageAtMs(),
      close: () => {
        watched.state = 'closed';
        return stream.close();
      },
    };
  }
}

function unopened(): Watched {
  return { state: 'connecting', connectedSinceMs: 0, reconnects: 0, stream: undefined };
}

function shown(watched: Watched | undefined): StreamReport {
  if (watched === undefined) return ABSENT;
  const { state, connectedSinceMs, reconnects, stream } = watched;
  return { state, connectedSinceMs: state === 'connected' ? connectedSinceMs : 0, reconnects, lastMessageAtMs: stream?.lastMessageAtMs() ?? 0 };
}

function keyOf({ symbol, interval }: { symbol: string; interval: string }): string {
  return `${symbol}/${interval}`;
}
