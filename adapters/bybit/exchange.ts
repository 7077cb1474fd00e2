/**
 * Bybit V5, USDT perpetuals in one-way mode, behind the `Exchange` port: the same code for every mode, only the address
 * and the key differ.
 */
import type { Exchange, Stream } from '../../core/ports/exchange.js';
import type { ApiStatistics } from '../../core/ports/process-report.js';
import { createAccount } from './account.js';
import { CallStatistics } from './call-statistics.js';
import { createClientFactory, type ClientFactory } from './client-factory.js';
import { createClockCorrection, type ClockCorrection } from './clock-correction.js';
import { createRedactor, type Redact } from './errors/redactor.js';
import { createMarketData, latestPossibleMs } from './market-data.js';
import { banMsOf, countedBudgetsOf, httpBudgetsOf, maxWaitMsOf, stopTriggerOf, type BybitExchangeOptions } from './options.js';
import { createRateLimiter, type RateLimiter } from './rate-limiter.js';
import { createRestCaller } from './rest-caller.js';
import { createStreams } from './streams.js';
import { openTradeSocket, type TradeSocket } from './trade-socket.js';
import { createTrading } from './trading.js';

export interface BybitExchange extends Exchange {
  /** use of the request budgets, and counters of every endpoint used so far */
  apiStatistics(): ApiStatistics;
}

interface Shared {
  factory: ClientFactory;
  clock: ClockCorrection;
  limiter: RateLimiter;
  statistics: CallStatistics;
  redact: Redact;
}

/**
 * Opens no connection by itself, except the trade socket when orders are to use it.
 * Throws BotError 10002 when the addresses do not fit the mode, before any key is used.
 */
export function createBybitExchange(options: BybitExchangeOptions): BybitExchange {
  const shared = createShared(options);
  const connection = shared.factory.rest();
  const rest = createRestCaller({
    ...shared,
    client: connection.client,
    logger: options.logger,
    now: options.now,
    elapsed: monotonicMs,
    requestTimeoutMs: options.requestTimeoutMs,
    banMs: banMsOf(options),
  });
  const marketData = createMarketData(rest);
  const account = createAccount({ rest, presentMs: (symbol) => latestPossibleMs(rest, symbol) });
  const tradeSocket = tradeSocketOf(options, shared);
  const trading = createTrading({ rest, tradeSocket, findOrder: (query) => account.findOrder(query), stopTrigger: stopTriggerOf(options) });
  const streams = rememberStreams(createStreams({ createClient: () => shared.factory.socket(), now: options.now, logger: options.logger, redact: shared.redact }));
  return {
    ...marketData, ...account, ...trading, ...streams.opening,
    apiStatistics: () => ({ sinceMs: shared.statistics.sinceMs, ...shared.limiter.usage(), endpoints: shared.statistics.snapshot() }),
    async close() {
      await Promise.all(streams.open().map((stream) => stream.close()));
      tradeSocket?.close();
      shared.limiter.close();
      connection.close();
    },
  };
}

function createShared(options: BybitExchangeOptions): Shared {
  const clock = createClockCorrection(options.now);
  const redact = createRedactor([options.key, options.secret]);
  return {
    factory: createClientFactory(options, { clock, redact }),
    clock,
    redact,
    limiter: createRateLimiter({ maxWaitMs: maxWaitMsOf(options), budgets: httpBudgetsOf(options), countedBudgets: countedBudgetsOf(options), clock: monotonicMs }),
    statistics: new CallStatistics(options.now),
  };
}

function tradeSocketOf(options: BybitExchangeOptions, shared: Shared): TradeSocket | undefined {
  if (options.orderTransport === 'rest') return undefined;
  if (options.mode === 'demo') {
    options.logger.warning('Demo trading has no trade socket; orders go by REST');
    return undefined;
  }
  return openTradeSocket({
    client: shared.factory.socket(),
    limiter: shared.limiter,
    statistics: shared.statistics,
    redact: shared.redact,
    logger: options.logger,
    now: options.now,
    elapsed: monotonicMs,
    requestTimeoutMs: options.requestTimeoutMs,
  });
}

/** Streams that were opened are closed with the exchange. */
function rememberStreams(streams: ReturnType<typeof createStreams>): { opening: ReturnType<typeof createStreams>; open: () => Stream[] } {
  const open = new Set<Stream>();
  const remember = (stream: Stream): Stream => {
    open.add(stream);
    return { lastMessageAtMs: () => stream.lastMessageAtMs(), close: () => { open.delete(stream); return stream.close(); } };
  };
  return {
    opening: {
      openMarketStream: (topics, handlers) => remember(streams.openMarketStream(topics, handlers)),
      openAccountStream: (handlers) => remember(streams.openAccountStream(handlers)),
    },
    open: () => [...open],
  };
}

function monotonicMs(): number {
  return performance.now();
}
