/** The trading worker: bot and trade workflows, exchange and ledger activities, the feeds. */
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { createFeedActivities } from '../activities/feed-activities.js';
import { CandleSource } from '../activities/candle-source.js';
import { createDecisionActivities } from '../activities/decision/decision-activities.js';
import { InstrumentSource } from '../activities/instrument-source.js';
import { createTradeActivities } from '../activities/trade/trade-activities.js';
import { ensureNamespace } from '../adapters/temporal/namespace.js';
import { createPostgresLedger } from '../adapters/postgres/ledger.js';
import { readWorkerSettings, type WorkerSettings } from '../config/environment.js';
import { loadConfiguration, type Configuration } from '../config/load.js';
import { createLogger } from '../config/logging.js';
import { riskLimits } from '../config/risk-limits.js';
import type { Exchange } from '../core/ports/exchange.js';
import type { Ledger } from '../core/ports/ledger.js';
import type { Logger } from '../core/ports/logger.js';
import { controlQueue, TRADING_QUEUE } from '../workflows/messages.js';
import { activityAttempt, activitySleep } from './activity-context.js';
import { createControlActivities } from './control.js';
import { openExchange } from './exchange.js';
import { FeedService } from './feed/feed-service.js';
import { preflight } from './preflight.js';
import { beginProcessLife, sayFatal, sayReady } from './process-life.js';
import { announceTo, reportTo, startEntities } from './entities.js';
import { connectToTemporal, installRuntime, runUntil, WORKFLOW_BUNDLE_PATH, workerLimits } from './temporal-runtime.js';

const SERVICE = 'trading-worker';
const CANDLES_IN_MEMORY_MAX = 1_200;

interface Parts {
  settings: WorkerSettings;
  configuration: Configuration;
  logger: Logger;
  exchange: Exchange;
  ledger: Ledger;
  client: Client;
}

async function main(): Promise<void> {
  const settings = readWorkerSettings();
  const logger = createLogger({ service: SERVICE, instance: settings.instance, level: settings.logLevel, secrets: settings.secrets });
  const life = beginProcessLife(logger);
  installRuntime(logger);
  const configuration = await loadConfiguration(settings.configPath);
  const exchange = openExchange({ settings, configuration, logger });
  const [connection, ledger] = await Promise.all([connectToTemporal(settings.temporal.address), createPostgresLedger({ databaseUrl: settings.databaseUrl, logger }), preflight(exchange, configuration)]);
  await ensureNamespace(connection, settings.temporal.namespace);
  const client = new Client({ connection, namespace: settings.temporal.namespace });
  const parts = { settings, configuration, logger, exchange, ledger, client };
  const workers = await createWorkers(parts, connection, () => life.leave('asked through the control queue'));
  await ledger.saveStrategies(configuration.strategies.map(({ name, enabled, symbol, interval, parameters }) => ({ name, enabled, symbol, interval, parameters })));
  await startEntities(client);
  sayReady({ strategies: configuration.strategies.length });
  logger.info('Trading worker ready', { mode: configuration.mode, market: settings.market });
  await runUntil(workers, life.leaving);
  await Promise.all([exchange.close(), ledger.close()]);
  await connection.close();
}

async function createWorkers(parts: Parts, connection: NativeConnection, leave: () => void): Promise<Worker[]> {
  const { settings } = parts;
  const shared = { connection, namespace: settings.temporal.namespace, identity: `${SERVICE}-${settings.instance}`, ...workerLimits() };
  const identity = { service: SERVICE, instance: settings.instance, pid: process.pid, startedAtMs: Date.now() };
  return Promise.all([
    Worker.create({ ...shared, taskQueue: TRADING_QUEUE, workflowBundle: { codePath: WORKFLOW_BUNDLE_PATH }, activities: tradingActivities(parts) }),
    Worker.create({ ...shared, taskQueue: controlQueue(SERVICE, settings.instance), activities: createControlActivities({ identity, leave }) }),
  ]);
}

function tradingActivities(parts: Parts) {
  const { configuration, exchange, ledger, logger, client } = parts;
  const { strategies } = configuration;
  const candles = new CandleSource({ market: exchange, ledger, logger, capacity: CANDLES_IN_MEMORY_MAX });
  const instruments = new InstrumentSource({ market: exchange, now: Date.now });
  const feed = new FeedService({
    series: strategies.filter(({ enabled }) => enabled), exchange, ledger, candles, logger, now: Date.now,
    announce: announceTo(client), report: reportTo(client),
  });
  return {
    ...createDecisionActivities({ exchange, ledger, candles, instruments, strategies, limits: riskLimits(configuration), logger }),
    ...createTradeActivities({
      exchange, ledger, instruments, logger, sleep: activitySleep, attempt: activityAttempt,
      recvWindowMs: configuration.exchange.recv_window_ms, staleAfterMs: configuration.trading.stale_after_ms,
    }),
    ...createFeedActivities(feed),
  };
}

main().catch(sayFatal);
