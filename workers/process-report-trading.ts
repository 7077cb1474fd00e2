/** The report of the trading worker: besides its means, the exchange's budget, the cache, the feeds, the key and prices. */
import type { BybitExchange } from '../adapters/bybit/exchange.js';
import type { ResourceSettings } from '../config/resource-sections.js';
import type { Cache } from '../core/ports/cache.js';
import type { Ledger } from '../core/ports/ledger.js';
import type { Logger } from '../core/ports/logger.js';
import { publishReports, type Reporting } from './process-report.js';
import type { FeedWatch } from './process-report-feed.js';
import { KeyWatch } from './process-report-key.js';
import { MemoryWatch } from './process-report-memory.js';
import { PriceBoard } from './process-report-prices.js';
import { watchVitals } from './process-report-vitals.js';

export interface TradingReportParts {
  service: string;
  instance: string;
  exchange: BybitExchange;
  feed: FeedWatch;
  cache: Cache;
  ledger: Ledger;
  logger: Logger;
  limits: Pick<ResourceSettings, 'max_memory_mb' | 'cleanup_threshold_mb'>;
  everyMs?: number;
}

export function reportTrading({ service, instance, exchange, feed, cache, ledger, logger, limits, ...pace }: TradingReportParts): Reporting {
  const now = Date.now;
  const vitals = watchVitals({ service, instance, now });
  const key = new KeyWatch({ exchange, logger, now });
  const prices = new PriceBoard({ market: exchange, cache, logger, symbols: () => feed.report().series.map(({ symbol }) => symbol) });
  const memory = new MemoryWatch({ limits, logger, release: () => cache.releaseMemory() });
  const reporting = publishReports({
    ...pace,
    logger,
    ledger: () => Promise.resolve(ledger),
    collect: () => {
      const own = vitals.read();
      return {
        ...own, memoryCleanups: memory.judge(own.memory.rss),
        apiStats: exchange.apiStatistics(), cacheStats: cache.statistics(), feed: feed.report(), keyInfo: key.read(), prices: prices.read(),
      };
    },
  });
  return {
    stop: async () => {
      vitals.stop();
      await reporting.stop();
    },
  };
}
