/** The process of the trading worker: settings, connections, preflight; then it works until it is asked to leave. */
import { Client } from '@temporalio/client';
import { ensureNamespace } from '../adapters/temporal/namespace.js';
import { createPostgresLedger } from '../adapters/postgres/ledger.js';
import { readWorkerSettings } from '../config/environment.js';
import { loadConfiguration } from '../config/load.js';
import { obeyLatchAtStart } from './bot-halt.js';
import { openClientConnection } from './client-connection.js';
import { openEmergencyLatch } from './emergency-latch.js';
import { startEntities } from './entities.js';
import { openExchange } from './exchange.js';
import { openMarketCache } from './market-cache.js';
import { keepErrorJournal } from './keep-error-journal.js';
import { patiently } from './patience.js';
import { preflight } from './preflight.js';
import { beginProcessLife, sayFatal, sayReady } from './process-life.js';
import { FeedWatch } from './process-report-feed.js';
import { reportTrading } from './process-report-trading.js';
import { connectToTemporal, installRuntime, runUntil, WORKFLOW_BUNDLE_PATH } from './temporal-runtime.js';
import { createTradingWorkers, TRADING_SERVICE } from './trading-worker.js';

async function main(): Promise<void> {
  const settings = readWorkerSettings();
  const { instance, temporal: { address, namespace } } = settings;
  const journal = keepErrorJournal(TRADING_SERVICE, settings);
  const { logger } = journal;
  const life = beginProcessLife(logger);
  installRuntime(logger);
  const configuration = await loadConfiguration(settings.configPath);
  const exchange = openExchange({ settings, configuration, logger });
  const cache = openMarketCache({ settings, configuration, logger });
  const [connection, ledger] = await Promise.all([
    connectToTemporal(address),
    patiently({ what: 'PostgreSQL', logger }, () => createPostgresLedger({ databaseUrl: settings.databaseUrl, logger })),
    patiently({ what: 'the exchange', logger }, () => preflight(exchange, configuration)),
  ]);
  await patiently({ what: 'Temporal', logger }, () => ensureNamespace(connection, namespace));
  const clientConnection = openClientConnection(address);
  const client = new Client({ connection: clientConnection, namespace });
  const feed = new FeedWatch(Date.now);
  const latch = openEmergencyLatch({ dataDir: settings.dataDir, ledger: () => Promise.resolve(ledger) });
  const workers = await createTradingWorkers({
    namespace, instance, connection, client, configuration, exchange: feed.observing(exchange), ledger, logger, cache, latch,
    workflowBundlePath: WORKFLOW_BUNDLE_PATH, leave: () => life.leave('asked through the control queue'),
  });
  await startEntities(client);
  void obeyLatchAtStart({ client, latch, logger });
  const reporting = reportTrading({ service: TRADING_SERVICE, instance, exchange, feed, cache, ledger, logger, limits: configuration.resources });
  sayReady({ strategies: configuration.strategies.length });
  logger.info('Trading worker ready', { mode: configuration.mode, market: settings.market });
  await runUntil(workers, life.leaving);
  await reporting.stop();
  await Promise.all([exchange.close(), cache.close(), ledger.close(), journal.close()]);
  await Promise.all([clientConnection.close(), connection.close()]);
}

main().then(() => process.exit(0), sayFatal);
