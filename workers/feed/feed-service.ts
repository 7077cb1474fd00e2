/** Both feeds as one thing that is switched on while this process holds the lease. Holding it twice feeds once. */
import type { FeedSwitch } from '../../activities/feed-activities.js';
import type { CandleSource, Series } from '../../activities/candle-source.js';
import type { Exchange } from '../../core/ports/exchange.js';
import type { Ledger } from '../../core/ports/ledger.js';
import type { Logger } from '../../core/ports/logger.js';
import type { AccountChanged, CandlesClosed } from '../../workflows/messages.js';
import { AccountFeed } from './account-feed.js';
import { createErrandRunner } from './errand.js';
import { MarketFeed } from './market-feed.js';

export interface FeedServiceOptions {
  series: readonly Series[];
  exchange: Exchange;
  ledger: Ledger;
  candles: CandleSource;
  announce(closed: CandlesClosed): Promise<void>;
  report(changed: AccountChanged): Promise<void>;
  logger: Logger;
  now(): number;
}

interface RunningFeeds {
  stop(): Promise<void>;
}

export class FeedService implements FeedSwitch {
  private holders = 0;
  private feeds: RunningFeeds | undefined;

  constructor(private readonly options: FeedServiceOptions) {}

  hold(): () => Promise<void> {
    this.holders += 1;
    this.feeds ??= startFeeds(this.options);
    let held = true;
    return async () => {
      if (!held) return;
      held = false;
      this.holders -= 1;
      if (this.holders > 0) return;
      const feeds = this.feeds;
      this.feeds = undefined;
      await feeds?.stop();
    };
  }
}

function startFeeds(options: FeedServiceOptions): RunningFeeds {
  const { logger } = options;
  const errands = createErrandRunner({ logger, waitingMax: 1_000, attemptsMax: 60, retryDelayMs: 500 });
  const market = new MarketFeed({ ...options, errand: errands.run });
  const account = new AccountFeed({ ...options, symbols: [...new Set(options.series.map(({ symbol }) => symbol))], errand: errands.run });
  market.start();
  account.start();
  logger.info('This worker feeds the bot', { series: options.series.length });
  return {
    stop: async () => {
      await Promise.all([market.stop(), account.stop()]);
      await errands.close();
      logger.info('This worker feeds the bot no longer');
    },
  };
}
