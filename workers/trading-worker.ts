/** Puts the trading worker together from its parts: which activities it offers, on which queues. */
import type { Client } from '@temporalio/client';
import { Worker, type NativeConnection } from '@temporalio/worker';
import { createRehearsalActivities } from '../activities/decision/rehearse-decision.js';
import { createFeedActivities } from '../activities/feed-activities.js';
import { AccountAhead } from '../activities/decision/account-ahead.js';
import { CandleSource } from '../activities/candle-source.js';
import { createDecisionActivities } from '../activities/decision/decision-activities.js';
import { InstrumentSource } from '../activities/instrument-source.js';
import { createTradeActivities } from '../activities/trade/trade-activities.js';
import type { Configuration } from '../config/load.js';
import type { Cache } from '../core/ports/cache.js';
import type { EmergencyLatch } from '../core/ports/emergency-latch.js';
import type { Exchange } from '../core/ports/exchange.js';
import type { Ledger } from '../core/ports/ledger.js';
import type { Logger } from '../core/ports/logger.js';
import { controlQueue, TRADING_QUEUE } from '../workflows/messages.js';
import { activityAttempt, activitySleep, beating } from './activity-context.js';
import { holdConfiguration, type ConfigurationHolder } from './configuration-holder.js';
import { createControlActivities } from './control.js';
import { announceTo, nameConfiguration, reportTo } from './entities.js';
import { FeedService } from './feed/feed-service.js';
import { patiently } from './patience.js';
import { admitSymbol } from './preflight.js';
import { workerLimits } from './temporal-runtime.js';

export const TRADING_SERVICE = 'trading-worker';
/** candles kept beyond what the longest warm-up needs, so that a boundary that is decided late is served from memory, too */
const CANDLES_SPARE = 200;

export interface TradingParts {
  namespace: string;
  instance: string;
  connection: NativeConnection;
  client: Client;
  /** of this process's own file */
  configuration: Configuration;
  exchange: Exchange;
  ledger: Ledger;
  logger: Logger;
  /** trading rules of symbols */
  cache: Pick<Cache, 'read'>;
  latch: Pick<EmergencyLatch, 'read'>;
  /** path of the pre-bundled workflows */
  workflowBundlePath: string;
  /** asked through the control queue to leave */
  leave(): void;
}

export async function createTradingWorkers(parts: TradingParts): Promise<Worker[]> {
  const holder = await openConfiguration(parts);
  const { connection, namespace, instance, leave } = parts;
  const shared = { connection, namespace, identity: `${TRADING_SERVICE}-${instance}`, ...workerLimits() };
  const identity = { service: TRADING_SERVICE, instance, pid: process.pid, startedAtMs: Date.now() };
  const { work, control } = tradingActivities(parts, holder);
  return Promise.all([
    Worker.create({ ...shared, taskQueue: TRADING_QUEUE, workflowBundle: { codePath: parts.workflowBundlePath }, activities: work }),
    Worker.create({ ...shared, taskQueue: controlQueue(TRADING_SERVICE, instance), activities: { ...control, ...createControlActivities({ identity, leave }) } }),
  ]);
}

/** The bot is told which version this process begins with, before a worker can be asked for a decision. */
async function openConfiguration({ configuration, exchange, ledger, logger, client, instance }: TradingParts): Promise<ConfigurationHolder> {
  const holder = await holdConfiguration({ configuration, ledger, logger, now: Date.now, admit: (symbol) => admitSymbol(exchange, symbol) });
  await patiently({ what: 'PostgreSQL', logger }, () => holder.acceptOwn());
  const { hash } = configuration.version;
  await nameConfiguration(client, { configurationHash: hash, requestId: `configuration-${hash}-${instance}-${Date.now()}` });
  return holder;
}

function tradingActivities(parts: TradingParts, holder: ConfigurationHolder) {
  const { configuration, exchange, ledger, logger, client, latch } = parts;
  const candles = new CandleSource({ market: exchange, ledger, logger, get capacity() { return candlesKept(holder); } });
  const instruments = new InstrumentSource({ market: exchange, cache: parts.cache });
  const ahead = new AccountAhead({ exchange, ledger, logger }, Date.now);
  const announce = announceTo(client);
  const feed = new FeedService({
    series: () => holder.series(), newestSeries: () => holder.newestSeries(), exchange, ledger, candles, logger, now: Date.now,
    report: reportTo(client),
    announce: (closed) => {
      ahead.begin(closed.closeMs);
      return announce(closed);
    },
  });
  const decision = { ahead, latch, exchange, ledger, candles, instruments, configuration: holder, logger };
  const work = {
    ...beating(createDecisionActivities(decision)),
    ...createTradeActivities({
      exchange, ledger, instruments, logger, latch, now: Date.now, sleep: activitySleep, attempt: activityAttempt,
      recvWindowMs: configuration.exchange.recv_window_ms, get staleAfterMs() { return holder.current().limits.maxDecisionAgeMs; },
    }),
    ...createFeedActivities(feed),
  };
  return { work, control: createRehearsalActivities(decision) };
}

function candlesKept(holder: ConfigurationHolder): number {
  return CANDLES_SPARE + Math.max(...holder.current().strategies.map(({ warmUp }) => warmUp));
}
