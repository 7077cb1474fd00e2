/**
 * The maintenance worker: runbooks live here, apart from trading, so that a backup can never delay an order. It has its
 * own queue and its control queue; the runbooks themselves come with their workflows.
 */
import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { createEmergencyJournal } from '../adapters/host/emergency-journal.js';
import { readResources } from '../adapters/host/resources.js';
import { createPostgresLedger } from '../adapters/postgres/ledger.js';
import { createWorkflowDesk } from '../api/workflow-desk.js';
import { readWorkerSettings } from '../config/environment.js';
import { loadConfiguration } from '../config/load.js';
import { controlQueue, MAINTENANCE_QUEUE } from '../workflows/messages.js';
import { createControlActivities } from './control.js';
import { obeyLatchAtStart } from './bot-halt.js';
import { handOverEmergencies } from './emergency-handover.js';
import { openEmergencyLatch } from './emergency-latch.js';
import { startRunbookDesk } from './entities.js';
import { openExchange } from './exchange.js';
import { openMarketCache } from './market-cache.js';
import { notificationChannels } from './notification-channels.js';
import { keepErrorJournal } from './keep-error-journal.js';
import { beginProcessLife, sayFatal, sayReady } from './process-life.js';
import { reportPlainly } from './process-report-plain.js';
import { createReopeningLedger } from './reopening-ledger.js';
import { configurationFile } from './configuration-file.js';
import { createRunbookActivities } from './runbook-activities.js';
import { watchResources } from './resource-watch.js';
import { connectToTemporal, installRuntime, runUntil, WORKFLOW_BUNDLE_PATH, workerLimits } from './temporal-runtime.js';

const SERVICE = 'maintenance-worker';
const POOL = { poolSize: 1, poolOverflow: 1, statementTimeoutMs: 5_000, connectTimeoutMs: 1_500 };

async function main(): Promise<void> {
  const settings = readWorkerSettings();
  const journal = keepErrorJournal(SERVICE, settings);
  const { logger } = journal;
  const life = beginProcessLife(logger);
  installRuntime(logger);
  const configuration = await loadConfiguration(settings.configPath);
  const { resources: limits } = configuration;
  const watch = watchResources({
    read: () => readResources(settings.dataDir), everyMs: limits.check_every_ms, logger, elapsed: () => performance.now(),
    limits: { minFreeDiskMb: limits.min_free_disk_mb, minFreeMemoryMb: limits.min_free_memory_mb },
  });
  const ledger = createReopeningLedger(() => createPostgresLedger({ databaseUrl: settings.databaseUrl, logger, ...POOL }));
  const connection = await connectToTemporal(settings.temporal.address);
  const shared = { connection, namespace: settings.temporal.namespace, identity: `${SERVICE}-${settings.instance}`, ...workerLimits() };
  const identity = { service: SERVICE, instance: settings.instance, pid: process.pid, startedAtMs: Date.now() };
  const client = new Client({ connection, namespace: settings.temporal.namespace });
  const latch = openEmergencyLatch({ dataDir: settings.dataDir, ledger: ledger.access });
  const exchange = openExchange({ settings, configuration, logger });
  const cache = openMarketCache({ settings, configuration, logger });
  const workers = await Promise.all([
    Worker.create({
      ...shared, taskQueue: MAINTENANCE_QUEUE, workflowBundle: { codePath: WORKFLOW_BUNDLE_PATH },
      activities: {
        ...createRunbookActivities({
          client, ledger: ledger.access, latch, configuration: configurationFile(configuration), mode: configuration.mode, market: settings.market, dataDir: settings.dataDir, secrets: settings.secrets, logger,
          exchange, series: configuration.strategies.map(({ symbol, interval }) => ({ symbol, interval })), cache, recvWindowMs: configuration.exchange.recv_window_ms, channels: notificationChannels(settings.notifications),
        }),
      },
    }),
    Worker.create({
      ...shared, taskQueue: controlQueue(SERVICE, settings.instance),
      activities: createControlActivities({ identity, leave: () => life.leave('asked through the control queue') }),
    }),
  ]);
  const reporting = reportPlainly({ service: SERVICE, instance: settings.instance, ledger: ledger.access, logger, limits });
  await startRunbookDesk(client).catch((error: unknown) => logger.warning('The desk for runbooks by signal could not be started; runbooks over the API do not need it', { error }));
  const emergencies = createEmergencyJournal({ dataDir: settings.dataDir, logger });
  const desk = createWorkflowDesk({ client });
  const handover = handOverEmergencies({
    journal: emergencies, logger,
    start: ({ order, notified, closings }) => desk.startEmergencyShutdown(order, { journal: emergencies.fileOf(order.haltId), notified, closings }),
  });
  void obeyLatchAtStart({ client, latch, logger });
  sayReady({});
  logger.info('Maintenance worker ready');
  await runUntil(workers, life.leaving);
  await Promise.all([reporting.stop(), watch.close(), handover.close()]);
  await Promise.all([connection.close(), exchange.close(), cache.close(), ledger.close(), journal.close()]);
}

main().then(() => process.exit(0), sayFatal);
