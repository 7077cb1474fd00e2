/**
 * Both feeds as one thing that is switched on while this process holds the lease. Holding it twice feeds once.
 *
 * The bot's decisions may run in another worker than the feeds, so the feeds ask by themselves which series are wanted now.
 */
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
  /** what this process knows to be wanted */
  series(): readonly Series[];
  /** what the newest accepted configuration wants; undefined while that cannot be told */
  newestSeries(): Promise<readonly Series[] | undefined>;
  exchange: Exchange;
  ledger: Ledger;
  candles: CandleSource;
  announce(closed: CandlesClosed): Promise<void>;
  report(changed: AccountChanged): Promise<void>;
  logger: Logger;
  now(): number;
}

interface RunningFeeds {
  follow(series: readonly Series[]): Promise<void>;
  stop(): Promise<void>;
}

/** How soon the feeds follow an accepted configuration, host time. */
const ASK_EVERY_MS = 2_000;

export class FeedService implements FeedSwitch {
  private holders = 0;
  private feeds: RunningFeeds | undefined;

  constructor(private readonly options: FeedServiceOptions) {}

  /** Follows other series without losing a candle; what is followed already stays untouched. */
  async follow(series: readonly Series[]): Promise<void> {
    await this.feeds?.follow(series);
  }

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
  let series = options.series();
  const errands = createErrandRunner({ logger, waitingMax: 1_000, attemptsMax: 60, retryDelayMs: 500 });
  const market = new MarketFeed({ ...options, series, errand: errands.run });
  const account = new AccountFeed({ ...options, symbols: () => [...new Set(series.map(({ symbol }) => symbol))], errand: errands.run });
  market.start();
  account.start();
  logger.info('This worker feeds the bot', { series: series.length });
  const follow = async (wanted: readonly Series[]): Promise<void> => {
    series = wanted;
    await market.follow(wanted);
  };
  const asking = setInterval(() => errands.run('series', () => followNewest(options, follow)), ASK_EVERY_MS);
  return {
    follow,
    stop: async () => {
      clearInterval(asking);
      await Promise.all([market.stop(), account.stop()]);
      await errands.close();
      logger.info('This worker feeds the bot no longer');
    },
  };
}

async function followNewest({ newestSeries }: FeedServiceOptions, follow: RunningFeeds['follow']): Promise<void> {
  const wanted = await newestSeries();
  if (wanted) await follow(wanted);
}
