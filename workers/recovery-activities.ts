/** The recovery of the database, put together for the maintenance worker. */
import path from 'node:path';
import type { Client } from '@temporalio/client';
import { createRecoveryActivities } from '../activities/runbooks/recovery/recovery-activities.js';
import type { RecoveryDependencies } from '../activities/runbooks/recovery/recovery-dependencies.js';
import { createPostgresLedger } from '../adapters/postgres/ledger.js';
import { createDatabaseRescue } from '../adapters/postgres/rescue/database-rescue.js';
import { withDatabase } from '../adapters/postgres/database-url.js';
import { processEnvironment } from '../config/process-environment.js';
import { activityPulse, activityWork } from './activity-context.js';
import { haltBotThrough } from './bot-halt.js';
import { createLedgerLatch } from './emergency-latch.js';
import { createRunMemory } from './run-memory.js';
import { createTradeMemory } from './trade-memory.js';

/** What the recovery needs beyond the other runbooks. */
export interface RecoveryParts {
  /** of the ledger */
  databaseUrl: string;
  /** where pg_dump and its like are; undefined: searched for */
  programsDirectory: string | undefined;
}

type Shared = Pick<RecoveryDependencies, 'server' | 'backups' | 'ledger' | 'latch' | 'bot' | 'exchange' | 'logger' | 'now'> & { client: Client; dataDir: string };

/** below the data directory */
const KEPT_FOLDER = 'kept-databases';
const SMALL_POOL = { poolSize: 1, poolOverflow: 1, statementTimeoutMs: 60_000, connectTimeoutMs: 5_000 };

export function assembleRecovery({ databaseUrl, programsDirectory }: RecoveryParts, { client, dataDir, ...shared }: Shared): ReturnType<typeof createRecoveryActivities> {
  return createRecoveryActivities({
    ...shared,
    rescue: createDatabaseRescue({ databaseUrl, programsDirectory, path: processEnvironment()['PATH'] ?? '', logger: shared.logger }),
    openLedger: (database) => createPostgresLedger({ databaseUrl: withDatabase(databaseUrl, database), logger: shared.logger, ...SMALL_POOL }),
    latchIn: (ledger) => createLedgerLatch(() => Promise.resolve(ledger)),
    haltBot: haltBotThrough(client),
    trades: createTradeMemory(client),
    runs: createRunMemory(client),
    keptFolder: path.join(path.resolve(dataDir), KEPT_FOLDER),
    underWay: activityWork,
    pulse: activityPulse,
  });
}
