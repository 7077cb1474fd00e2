/** The activities of all runbooks, area by area, for the maintenance worker. */
import type { Client } from '@temporalio/client';
import { createBackupActivities } from '../activities/runbooks/backup/backup-activities.js';
import { createEmergencyActivities, type EmergencyDependencies } from '../activities/emergency/emergency-activities.js';
import { createReleaseActivities } from '../activities/emergency/release-activities.js';
import { InstrumentSource } from '../activities/instrument-source.js';
import { createDatabaseActivities } from '../activities/runbooks/database/database-activities.js';
import { createFrameworkActivities } from '../activities/runbooks/framework/framework-activities.js';
import { createHistoryActivities, type HistoryDependencies } from '../activities/runbooks/history/history-activities.js';
import { createReconcileActivities, type ReconcileDependencies } from '../activities/runbooks/reconcile/reconcile-activities.js';
import { createRestartActivities } from '../activities/runbooks/restart/restart-activities.js';
import { createRestoreStateActivities } from '../activities/runbooks/state/restore-state.js';
import { createStateActivities, type StateDependencies } from '../activities/runbooks/state/state-activities.js';
import { createStateArchive } from '../adapters/host/state-file.js';
import { createBotClient } from '../api/bot-client.js';
import { createHealthProbes } from '../api/health-probes.js';
import { takeSnapshot } from '../api/take-snapshot.js';
import { createTemporalView } from '../api/temporal-view.js';
import { createRedaction } from '../config/redaction.js';
import { BotError } from '../core/errors/bot-error.js';
import type { Cache } from '../core/ports/cache.js';
import type { ConfigurationFile } from '../core/ports/configuration.js';
import type { EmergencyLatch } from '../core/ports/emergency-latch.js';
import type { Exchange } from '../core/ports/exchange.js';
import type { Ledger } from '../core/ports/ledger.js';
import type { Logger } from '../core/ports/logger.js';
import type { NotificationChannel } from '../core/ports/notifier.js';
import { planActivityName, RUNBOOK_NAMES } from '../core/runbooks/runbook.js';
import { CLOSING_WORKFLOW_TYPE, EMERGENCY_WORKFLOW_TYPE } from '../workflows/messages.js';
import { activityProgress, activityPulse, activitySleep, activityWork, beating } from './activity-context.js';
import type { BackupEdges } from './backup-edges.js';
import { haltBotThrough } from './bot-halt.js';
import { releaseBotThrough } from './bot-release.js';
import { announceTo } from './entities.js';
import { productVersion } from './product-version.js';
import { assembleRecovery, type RecoveryParts } from './recovery-activities.js';

const HTTP_TIMEOUT_MS = 3_000;

export interface RunbookParts {
  client: Client;
  ledger(): Promise<Ledger>;
  latch: EmergencyLatch;
  configuration: ConfigurationFile;
  /** paper, demo, testnet or live */
  mode: string;
  /** plain words on where prices come from */
  market: string;
  dataDir: string;
  secrets: readonly string[];
  logger: Logger;
  exchange: EmergencyDependencies['exchange'] & HistoryDependencies['exchange'] & ReconcileDependencies['exchange'] & Pick<Exchange, 'instruments'>;
  /** what the configuration trades */
  series: HistoryDependencies['series'];
  cache: Cache;
  /** how long a request may still be in flight at the exchange after its sender gave up, ms */
  recvWindowMs: number;
  recovery: RecoveryParts;
  /** whom an emergency notifies */
  channels: readonly NotificationChannel[];
  backups: BackupEdges;
}

export function createRunbookActivities(parts: RunbookParts) {
  const activities = assembled(parts);
  return { ...activities, ...beating(plannersOf(activities)) };
}

type Activities = Record<string, (...args: never[]) => Promise<unknown>>;

function plannersOf(activities: Activities): Activities {
  const names = RUNBOOK_NAMES.map(planActivityName);
  return Object.fromEntries(Object.entries(activities).filter(([name]) => names.includes(name)));
}

function assembled(parts: RunbookParts) {
  const { client, ledger, latch, configuration, mode, market, dataDir, secrets, logger } = parts;
  const now = Date.now;
  const bot = createBotClient({ client });
  const probes = createHealthProbes({ ledger, bot, temporal: createTemporalView({ client }), clock: now });
  const redaction = createRedaction(secrets);
  const states = createStateArchive({ dataDir, logger });
  const sources = { bot, ledger, latch, probes, configuration, clock: now, mode, market };
  const state: StateDependencies = { ledger, now, states, logger, scrub: (text) => redaction.text(text), takeSnapshot: (request) => takeSnapshot(request, sources) };
  const announce = announceTo(client);
  return {
    ...createFrameworkActivities({ ledger, logger }),
    ...beating(createEmergencyActivities({
      exchange: parts.exchange, instruments: new InstrumentSource({ market: parts.exchange, cache: parts.cache }), ledger, latch, logger, mode, now,
      pause: activitySleep, recvWindowMs: parts.recvWindowMs, channels: parts.channels, haltBot: haltBotThrough(client),
    })),
    ...beating(createReleaseActivities({
      exchange: parts.exchange, ledger, latch, logger, now, releaseBot: releaseBotThrough(bot, latch), shutdownsUnderWay: () => runningOf(client, EMERGENCY_WORKFLOW_TYPE),
    })),
    ...beating(createHistoryActivities({ ledger, now, exchange: parts.exchange, series: parts.series, logger, progress: activityProgress })),
    ...beating(createReconcileActivities({ ledger, now, exchange: parts.exchange, series: parts.series, logger, pulse: activityPulse })),
    ...createDatabaseActivities({ ledger, now, logger, pulse: activityPulse }),
    ...beating(assembleRecovery(parts.recovery, { client, dataDir, server: parts.backups.server, backups: parts.backups.archive, ledger, latch, bot, exchange: parts.exchange, logger, now })),
    ...createStateActivities(state),
    ...createRestoreStateActivities({ ledger, now, states, bot, mode, logger }),
    ...createBackupActivities({ ...parts.backups, ledger, now, logger, version: productVersion(), underWay: activityWork }),
    ...createRestartActivities({
      ledger, now, state, bot, probes, logger, serves, pulse: activityPulse,
      closingsUnderWay: () => runningOf(client, CLOSING_WORKFLOW_TYPE),
      announceCandle: (closeMs) => announce({ closeMs, symbols: [], receivedAtMs: now() }),
    }),
  };
}

async function runningOf(client: Client, workflowType: string): Promise<string[]> {
  const ids: string[] = [];
  try {
    for await (const { workflowId } of client.workflow.list({ query: `WorkflowType = '${workflowType}' AND ExecutionStatus = 'Running'` })) ids.push(workflowId);
  } catch (error) {
    throw new BotError(10006, `Temporal does not list ${workflowType}: ${error instanceof Error ? error.message : 'unknown error'}`);
  }
  return ids;
}

/** Any answer will do: whoever asks for a token serves. */
async function serves(url: string): Promise<boolean> {
  try {
    await fetch(new URL('/health', url), { signal: AbortSignal.timeout(HTTP_TIMEOUT_MS) });
    return true;
  } catch {
    return false;
  }
}
