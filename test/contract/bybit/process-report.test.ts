/** What the trading worker says of itself, made of real parts: the adapter on the simulated exchange, its streams, the cache. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openCache } from '../../../adapters/cache/open-cache.js';
import { processReportSchema, type ProcessReport } from '../../../core/ports/process-report.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import { FeedWatch } from '../../../workers/process-report-feed.js';
import { reportTrading } from '../../../workers/process-report-trading.js';
import { silentLogger } from '../../support/silent-logger.js';
import { buy, MARKET_START_MS, MINUTE_MS, openVenue, type Venue } from './simulated-venue.js';

const ignore = (): undefined => undefined;

let venue: Venue;
beforeEach(async () => { venue = await openVenue(); });
afterEach(() => venue.stop());

describe('the feed watch', () => {
  it('tells what arrived last on each series and whether the streams are up, and hides nothing from the feeds', async () => {
    const watch = new FeedWatch(Date.now);
    const exchange = watch.observing(venue.exchange);
    expect(watch.report()).toMatchObject({ feeding: false, series: [], market: { state: 'closed' }, account: { state: 'closed' } });
    const closed: number[] = [];
    const states: string[] = [];
    const stream = exchange.openMarketStream([{ symbol: 'BTCUSDT', interval: '5' }, { symbol: 'ETHUSDT', interval: '60' }], {
      candleClosed: ({ startMs }) => void closed.push(startMs), state: (state) => void states.push(state), failed: ignore,
    });
    exchange.openAccountStream({ executions: ignore, orders: ignore, positions: ignore, wallet: ignore, state: ignore, failed: ignore });
    await expect.poll(() => [watch.report().market.state, watch.report().account.state]).toEqual(['connected', 'connected']);
    await venue.advance(MARKET_START_MS + 10 * MINUTE_MS);
    await expect.poll(() => closed.length).toBe(2);
    const { feeding, series, market } = watch.report();
    expect(feeding).toBe(true);
    expect(series).toEqual([
      { symbol: 'BTCUSDT', interval: '5', lastCandleCloseMs: MARKET_START_MS + 10 * MINUTE_MS, receivedAtMs: expect.any(Number) as number },
      { symbol: 'ETHUSDT', interval: '60', lastCandleCloseMs: 0, receivedAtMs: 0 },
    ]);
    expect(market.lastMessageAtMs).toBeGreaterThan(0);
    expect(states).toContain('connected');
    await stream.close();
    expect(watch.report()).toMatchObject({ feeding: false, market: { state: 'closed' } });
  });
});

describe('the report of the trading worker', () => {
  it('passes its own schema as JSON, with budget, latencies, prices, key and feeds in it', async () => {
    const watch = new FeedWatch(Date.now);
    watch.observing(venue.exchange).openMarketStream([{ symbol: 'BTCUSDT', interval: '5' }], { candleClosed: ignore, state: ignore, failed: ignore });
    await venue.exchange.submitOrder(buy());
    const reports: ProcessReport[] = [];
    const ledger: Pick<Ledger, 'saveState' | 'forgetStates'> = {
      saveState: (_name, state) => {
        reports.push(processReportSchema.parse(JSON.parse(JSON.stringify(state))));
        return Promise.resolve();
      },
      forgetStates: () => Promise.resolve(),
    };
    const cache = openCache({ redisUrl: undefined, market: 'test', ttlMs: { instruments: 1_000, tickers: 1_000 }, logger: silentLogger, now: Date.now });
    const reporting = reportTrading({
      service: 'trading-worker', instance: 'a', exchange: venue.exchange, feed: watch, cache, ledger: ledger as Ledger, logger: silentLogger,
      limits: { max_memory_mb: 4_000, cleanup_threshold_mb: 4_000 }, everyMs: 20,
    });
    await expect.poll(() => [reports.at(-1)?.prices.length, reports.at(-1)?.keyInfo?.readOnly, reports.at(-1)?.feed?.market.state]).toEqual([1, false, 'connected']);
    await reporting.stop();
    await cache.close();
    const newest = reports.at(-1);
    expect(newest).toMatchObject({
      service: 'trading-worker', memoryCleanups: 0, keyInfo: { readOnly: false, permissions: { ContractTrade: ['Order', 'Position'] } }, cacheStats: { backend: 'memory', available: true },
      feed: { feeding: true, series: [{ symbol: 'BTCUSDT' }] }, prices: [{ symbol: 'BTCUSDT' }],
    });
    expect(newest?.apiStats?.endpoints.find(({ endpoint }) => endpoint === 'order/create')).toMatchObject({ calls: 1, scope: 'Order', errorsByCode: {}, latency: { count: 1 } });
    expect(JSON.stringify(newest)).not.toContain(venue.simulator.key.secret);
    expect(JSON.stringify(newest)).not.toContain(venue.simulator.key.key);
  });
});
