/** Puts the trading worker together from its parts: which activities it offers, on which queues. */
import type { Client } from '@temporalio/client';
import { Worker, type NativeConnection } from '@temporalio/worker';
import { createFeedActivities } from '../activities/feed-activities.js';
import { CandleSource } from '../activities/candle-source.js';
import { createDecisionActivities } from '../activities/decision/decision-activities.js';
import { InstrumentSource } from '../activities/instrument-source.js';
import { createTradeActivities } from '../activities/trade/trade-activities.js';
import type { Configuration } from '../config/load.js';
import { riskLimits } from '../config/risk-limits.js';
import type { Exchange } from '../core/ports/exchange.js';
import type { Ledger } from '../core/ports/ledger.js';
import type { Logger } from '../core/ports/logger.js';
import { controlQueue, TRADING_QUEUE } from '../workflows/messages.js';
import { activityAttempt, activitySleep } from './activity-context.js';
import { createControlActivities } from './control.js';
import { announceTo, reportTo } from './entities.js';
import { FeedService } from './feed/feed-service.js';
import { workerLimits } from './temporal-runtime.js';

export const TRADING_SERVICE = 'trading-worker';
const CANDLES_IN_MEMORY_MAX = 1_200;

export interface TradingParts {
  namespace: string;
  instance: string;
  connection: NativeConnection;
  client: Client;
  configuration: Configuration;
  exchange: Exchange;
  ledger: Ledger;
  logger: Logger;
  /** path of the pre-bundled workflows */
  workflowBundlePath: string;
  /** asked through the control queue to leave */
  leave(): void;
}

export async function createTradingWorkers(parts: TradingParts): Promise<Worker[]> {
  const { connection, namespace, instance, leave } = parts;
  const shared = { connection, namespace, identity: `${TRADING_SERVICE}-${instance}`, ...workerLimits() };
  const identity = { service: TRADING_SERVICE, instance, pid: process.pid, startedAtMs: Date.now() };
  return Promise.all([
    Worker.create({ ...shared, taskQueue: TRADING_QUEUE, workflowBundle: { codePath: parts.workflowBundlePath }, activities: tradingActivities(parts) }),
    Worker.create({ ...shared, taskQueue: controlQueue(TRADING_SERVICE, instance), activities: createControlActivities({ identity, leave }) }),
  ]);
}

function tradingActivities(parts: TradingParts) {
  const { configuration, exchange, ledger, logger, client } = parts;
  const { strategies } = configuration;
  const candles = new CandleSource({ market: exchange, ledger, logger, capacity: CANDLES_IN_MEMORY_MAX });
  const instruments = new InstrumentSource({ market: exchange, now: Date.now });
  const feed = new FeedService({
    series: strategies.filter(({ enabled }) => enabled), exchange, ledger, candles, logger, now: Date.now,
    announce: announceTo(client), report: reportTo(client),
  });
  return {
    ...createDecisionActivities({ exchange, ledger, candles, instruments, strategies, limits: riskLimits(configuration), overdueCheckMs: configuration.feed.overdue_check_ms, logger }),
    ...createTradeActivities({
      exchange, ledger, instruments, logger, sleep: activitySleep, attempt: activityAttempt,
      recvWindowMs: configuration.exchange.recv_window_ms, staleAfterMs: configuration.trading.stale_after_ms,
    }),
    ...createFeedActivities(feed),
  };
}
