/** The activities of all runbooks, area by area, for the maintenance worker. */
import type { Client } from '@temporalio/client';
import { createFrameworkActivities } from '../activities/runbooks/framework/framework-activities.js';
import { createStateActivities } from '../activities/runbooks/state/state-activities.js';
import { createStateArchive } from '../adapters/host/state-file.js';
import { createBotClient } from '../api/bot-client.js';
import { createHealthProbes } from '../api/health-probes.js';
import { takeSnapshot } from '../api/take-snapshot.js';
import { createTemporalView } from '../api/temporal-view.js';
import { createRedaction } from '../config/redaction.js';
import type { ConfigurationFile } from '../core/ports/configuration.js';
import type { EmergencyLatch } from '../core/ports/emergency-latch.js';
import type { Ledger } from '../core/ports/ledger.js';
import type { Logger } from '../core/ports/logger.js';

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
}

export function createRunbookActivities(parts: RunbookParts) {
  const { client, ledger, latch, configuration, mode, market, dataDir, secrets, logger } = parts;
  const now = Date.now;
  const bot = createBotClient({ client });
  const probes = createHealthProbes({ ledger, bot, temporal: createTemporalView({ client }), clock: now });
  const redaction = createRedaction(secrets);
  const states = createStateArchive({ dataDir, logger });
  const sources = { bot, ledger, latch, probes, configuration, clock: now, mode, market };
  return {
    ...createFrameworkActivities({ ledger, logger }),
    ...createStateActivities({ ledger, now, states, logger, scrub: (text) => redaction.text(text), takeSnapshot: (request) => takeSnapshot(request, sources) }),
  };
}
