/**
 * The API process. It serves from the first moment, whatever else is up: a dependency that is away is a finding of
 * /health and a problem document of the routes that need it, never a reason not to start.
 */
import { Client } from '@temporalio/client';
import { createEmergencyJournal } from '../adapters/host/emergency-journal.js';
import { createLogTail } from '../adapters/host/log-tail.js';
import { createStateArchive } from '../adapters/host/state-file.js';
import { createPostgresLedger } from '../adapters/postgres/ledger.js';
import type { ApiDependencies, OwnProcess } from '../api/api-dependencies.js';
import { createBotClient } from '../api/bot-client.js';
import { createApi } from '../api/create-api.js';
import { createHealthProbes } from '../api/health-probes.js';
import { listen } from '../api/listen.js';
import type { ApiAccess } from '../api/security/access.js';
import { openTemporalConnection } from '../api/temporal-connection.js';
import { createRunbookDesk } from '../api/runbook-desk.js';
import { createTemporalView } from '../api/temporal-view.js';
import { takeSnapshot } from '../api/take-snapshot.js';
import { createWorkflowDesk } from '../api/workflow-desk.js';
import type { BackupSettings } from '../config/backup-section.js';
import { readApiSettings, type ApiSettings } from '../config/environment.js';
import { loadConfiguration } from '../config/load.js';
import { createRedaction } from '../config/redaction.js';
import type { ErrorTally } from '../core/ports/error-ledger.js';
import type { ConfigurationFile } from '../core/ports/configuration.js';
import type { Logger } from '../core/ports/logger.js';
import { snapshotText } from '../core/snapshot/snapshot.js';
import { configurationFile } from './configuration-file.js';
import { openBackupList } from './backup-edges.js';
import { createControlActivities } from './control.js';
import type { ControlWorker } from './control-worker.js';
import { createDirectEmergency, type DirectEmergencyDependencies } from './direct-emergency.js';
import { directExchange } from './direct-exchange.js';
import { handOverEmergencies } from './emergency-handover.js';
import { openEmergencyLatch } from './emergency-latch.js';
import { notificationChannels } from './notification-channels.js';
import { keepErrorJournal } from './keep-error-journal.js';
import { beginProcessLife, sayFatal, sayReady } from './process-life.js';
import { reportPlainly } from './process-report-plain.js';
import { createReopeningLedger, type ReopeningLedger } from './reopening-ledger.js';

const SERVICE = 'api';
const POOL = { poolSize: 4, poolOverflow: 6, statementTimeoutMs: 5_000, connectTimeoutMs: 1_500 };

async function main(): Promise<void> {
  const settings = readApiSettings();
  const journal = keepErrorJournal(SERVICE, settings);
  const { logger } = journal;
  const life = beginProcessLife(logger);
  const configuration = await loadConfiguration(settings.configPath);
  const { mode, api: section } = configuration;
  const access: ApiAccess = { tokens: section.tokens, allowedHosts: section.allowed_hosts, requestsPerMinute: section.requests_per_minute };
  const connection = openTemporalConnection(settings.temporal.address);
  const client = new Client({ connection, namespace: settings.temporal.namespace });
  const ledger = createReopeningLedger(() => createPostgresLedger({ databaseUrl: settings.databaseUrl, logger, ...POOL }));
  const { resources } = configuration;
  const reporting = reportPlainly({ service: SERVICE, instance: settings.instance, ledger: ledger.access, logger, limits: resources });
  const ownProcess = { vitals: () => reporting.vitals(), limits: { maxMemoryMb: resources.max_memory_mb, cleanupThresholdMb: resources.cleanup_threshold_mb } };
  const exchange = directExchange({ access: settings.exchange, mode, recvWindowMs: configuration.exchange.recv_window_ms, requestTimeoutMs: configuration.exchange.request_timeout_ms, logger });
  const parts = dependencies({ settings, mode, access, configuration: configurationFile(configuration), client, ledger, logger, errors: journal.tally, ownProcess, exchange, backup: configuration.backup });
  const api = await listen(createApi(parts), { ...settings, asksForTokens: access.tokens.length > 0 });
  const handover = resumeEmergencies(parts, settings.dataDir);
  sayReady({ port: api.port });
  logger.info('API ready', { host: settings.host, port: api.port, mode });
  const control = await serveControl(settings, { port: api.port, leave: () => life.leave('asked through the control queue') }, logger);
  await life.leaving;
  await Promise.all([control.close(), handover.close()]);
  await api.close();
  await reporting.stop();
  await Promise.all([ledger.close(), connection.close(), journal.close()]);
}

/** Loaded once the API serves: it is the larger part of Temporal's library. */
async function serveControl({ temporal, host, instance }: ApiSettings, { port, leave }: { port: number; leave: () => void }, logger: Logger): Promise<ControlWorker> {
  const [{ serveControlQueue }, { installRuntime }] = await Promise.all([import('./control-worker.js'), import('./temporal-runtime.js')]);
  installRuntime(logger);
  const identity = { service: SERVICE, instance, pid: process.pid, startedAtMs: Date.now(), url: `http://${host.includes(':') ? `[${host}]` : host}:${port}` };
  return serveControlQueue({ temporal, address: identity, activities: createControlActivities({ identity, leave }), logger });
}

interface Parts {
  settings: ApiSettings;
  mode: string;
  access: ApiAccess;
  configuration: ConfigurationFile;
  client: Client;
  ledger: ReopeningLedger;
  logger: Logger;
  errors: ErrorTally;
  ownProcess: OwnProcess;
  exchange: DirectEmergencyDependencies['exchange'];
  backup: BackupSettings;
}

/** An emergency that an earlier life of this process has begun without Temporal goes to the workflow, or goes on here. */
function resumeEmergencies({ workflows, emergency, logger }: ApiDependencies, dataDir: string): { close(): Promise<void> } {
  const journal = createEmergencyJournal({ dataDir, logger });
  void journal.pending().then((left) => {
    for (const { order } of left) emergency.actUnless(order, async () => !(await journal.isPending(order.haltId)));
  });
  return handOverEmergencies({
    journal, logger,
    start: ({ order, notified, closings }) => workflows.startEmergencyShutdown(order, { journal: journal.fileOf(order.haltId), notified, closings }),
  });
}

function dependencies({ settings, mode, access, configuration, client, ledger: { access: ledger }, logger, errors, ownProcess, exchange, backup }: Parts): ApiDependencies {
  const clock = Date.now;
  const bot = createBotClient({ client });
  const probes = createHealthProbes({ ledger, bot, temporal: createTemporalView({ client }), clock });
  const { dataDir, market } = settings;
  const latch = openEmergencyLatch({ dataDir, ledger });
  const states = createStateArchive({ dataDir, logger });
  const redact = createRedaction(settings.secrets);
  const emergency = createDirectEmergency({
    exchange, latch, journal: createEmergencyJournal({ dataDir, logger }), channels: notificationChannels(settings.notifications), mode, now: clock, logger,
    saveState: async ({ actor, reason }) => {
      const { document, takenAtMs } = await takeSnapshot({ kind: 'emergency', actor, reason }, { bot, ledger, latch, probes, configuration, clock, mode, market });
      return (await states.keep({ kind: 'emergency', takenAtMs, text: snapshotText(document, (text) => redact.text(text)) })).file;
    },
  });
  const outside = {
    workflows: createWorkflowDesk({ client }),
    runbooks: createRunbookDesk({ client }),
    latch, states, redact, emergency,
    logs: createLogTail(settings.logFile),
    backups: openBackupList({ backup, keys: settings.backupKeys, dataDir, logger }),
  };
  return { ledger, bot, probes, access, configuration, clock, mode, market: settings.market, logger, errors, ownProcess, ...outside };
}

main().then(() => process.exit(0), sayFatal);
