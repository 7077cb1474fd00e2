/** The cache of this process, for facts of the market that its exchange gave. */
import { openCache } from '../adapters/cache/open-cache.js';
import type { Cache } from '../core/ports/cache.js';
import type { ExchangeParts } from './exchange.js';

export function openMarketCache({ settings, configuration: { mode, cache }, logger }: ExchangeParts): Cache {
  return openCache({
    redisUrl: settings.redisUrl,
    market: settings.exchangeUrls === undefined ? mode : `${mode}@${new URL(settings.exchangeUrls.rest).host}`,
    ttlMs: { instruments: cache.instruments_ttl_ms, tickers: cache.tickers_ttl_ms },
    logger,
    now: Date.now,
  });
}
