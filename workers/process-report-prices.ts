/** Prices for display and metrics, through the cache: never older than their time to live, and one request for all symbols. */
import type { Cache } from '../core/ports/cache.js';
import type { MarketData, Ticker } from '../core/ports/exchange.js';
import type { Logger } from '../core/ports/logger.js';
import type { ProcessReport } from '../core/ports/process-report.js';

export interface PriceBoardOptions {
  market: Pick<MarketData, 'tickers'>;
  cache: Pick<Cache, 'read'>;
  /** which symbols are wanted now */
  symbols(): readonly string[];
  logger: Logger;
}

export class PriceBoard {
  private latest: readonly Ticker[] = [];
  private isAsking = false;

  constructor(private readonly options: PriceBoardOptions) {}

  /** As last known; asks for newer ones in the background. */
  read(): ProcessReport['prices'] {
    if (!this.isAsking) void this.refresh();
    return this.latest.map(({ symbol, lastPrice, markPrice, fundingRate, nextFundingMs, asOfMs }) => ({ symbol, lastPrice, markPrice, fundingRate, nextFundingMs, asOfMs }));
  }

  async refresh(): Promise<void> {
    const { cache, market, logger } = this.options;
    const symbols = [...new Set(this.options.symbols())].sort();
    this.isAsking = true;
    try {
      this.latest = symbols.length === 0 ? [] : (await cache.read({ kind: 'tickers', key: symbols.join(','), load: () => market.tickers(symbols) })).value;
    } catch (error) {
      logger.debug('Prices for display are not known now', { error });
    } finally {
      this.isAsking = false;
    }
  }
}
