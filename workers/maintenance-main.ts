/**
 * The maintenance worker: runbooks live here, apart from trading, so that a backup can never delay an order. It has its
 * own queue and its control queue; the runbooks themselves come with their workflows.
 */
import { Worker } from '@temporalio/worker';
import { readWorkerSettings } from '../config/environment.js';
import { controlQueue, MAINTENANCE_QUEUE } from '../workflows/messages.js';
import { createControlActivities } from './control.js';
import { keepErrorJournal } from './keep-error-journal.js';
import { beginProcessLife, sayFatal, sayReady } from './process-life.js';
import { connectToTemporal, installRuntime, runUntil, workerLimits } from './temporal-runtime.js';

const SERVICE = 'maintenance-worker';

async function main(): Promise<void> {
  const settings = readWorkerSettings();
  const journal = keepErrorJournal(SERVICE, settings);
  const { logger } = journal;
  const life = beginProcessLife(logger);
  installRuntime(logger);
  const connection = await connectToTemporal(settings.temporal.address);
  const shared = { connection, namespace: settings.temporal.namespace, identity: `${SERVICE}-${settings.instance}`, ...workerLimits() };
  const identity = { service: SERVICE, instance: settings.instance, pid: process.pid, startedAtMs: Date.now() };
  const activities = createControlActivities({ identity, leave: () => life.leave('asked through the control queue') });
  const workers = await Promise.all([MAINTENANCE_QUEUE, controlQueue(SERVICE, settings.instance)].map((taskQueue) => Worker.create({ ...shared, taskQueue, activities })));
  sayReady({});
  logger.info('Maintenance worker ready');
  await runUntil(workers, life.leaving);
  await Promise.all([connection.close(), journal.close()]);
}

main().then(() => process.exit(0), sayFatal);
