/** A market in motion, whichever its source: its public face, its clock and its status. */
import { DEFAULT_EXCHANGE_OPTIONS } from '../../core/matching/exchange-state.js';
import type { Logger } from '../../core/ports/logger.js';
import type { MarketStatus } from '../admin/admin-surface.js';
import type { MarketIdentity } from '../journal/identity.js';
import { PATH_POINTS_MIN, pathPointsAtLeast } from '../market/candle-path.js';
import { PlayedMarket } from '../market/played-market.js';
import type { PublicMarket } from '../market/public-market.js';
import type { SimulatorOptions } from '../options.js';
import { freeRunningClock, lockStepClock } from './market-clock.js';
import { openKnownMarket } from './market-setup.js';
import { RelayedMarket } from '../market/relayed-market.js';
import { UpstreamRest } from '../market/upstream-rest.js';
import { Playback } from './playback.js';
import type { SimulatedExchange } from './simulated-exchange.js';

export interface RunningMarket {
  market: PublicMarket;
  status: () => MarketStatus;
  start(): void;
  stop(): Promise<void>;
  advance(untilMs: number): Promise<boolean>;
  /** sends public frames of a price that changed outside the market's own course */
  publish(): void;
}

export interface OpenMarketOptions {
  options: SimulatorOptions;
  identity: MarketIdentity;
  exchange: SimulatedExchange;
  logger: Logger;
}

/** wall time between two points of a candle's path that still looks alive */
const POINT_EVERY_MS = 1_000;

export function openMarket(request: OpenMarketOptions): Promise<RunningMarket> {
  return request.options.market === 'live' ? openRelayed(request) : openPlayed(request);
}

async function openRelayed({ options, exchange, logger }: OpenMarketOptions): Promise<RunningMarket> {
  const rest = new UpstreamRest(options.upstreamRestUrl);
  const market = new RelayedMarket({ rest, wsUrl: options.upstreamWsUrl, exchange, symbols: options.symbols, logger });
  await market.open();
  const startMs = market.nowMs();
  exchange.catchUp = () => market.nowMs();
  return {
    market,
    status: () => ({ market: 'live', source: market.description, speed: 1, marketMs: market.nowMs(), startMs, endMs: null, finished: false, lockStep: false }),
    start: () => undefined,
    stop: () => {
      market.close();
      return Promise.resolve();
    },
    advance: () => Promise.resolve(false),
    publish: () => undefined,
  };
}

async function openPlayed({ options, identity, exchange }: OpenMarketOptions): Promise<RunningMarket> {
  const known = await openKnownMarket(options, identity);
  const points = options.speed === 'max' ? PATH_POINTS_MIN : pathPointsAtLeast(known.stepMs / options.speed / POINT_EVERY_MS);
  const playback = new Playback(known, exchange, points);
  const market = new PlayedMarket(playback, exchange, DEFAULT_EXCHANGE_OPTIONS.slippage.halfSpreadTicks);
  const clockOptions = { playback, exchange, onStep: () => market.publish() };
  const clock = options.speed === 'max' ? lockStepClock(clockOptions) : freeRunningClock(clockOptions, options.speed);
  return {
    market,
    status: () => ({
      market: known.kind, source: known.description, speed: options.speed, marketMs: clock.nowMs(), startMs: known.startMs,
      endMs: Number.isFinite(known.endMs) ? known.endMs : null, finished: exchange.clock().finished, lockStep: options.speed === 'max',
    }),
    start: clock.start,
    stop: () => {
      clock.stop();
      return Promise.resolve();
    },
    advance: clock.advance,
    publish: () => market.publish(),
  };
}
