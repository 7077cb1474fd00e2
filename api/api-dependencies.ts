/** What the API is built from. All of it is given by its composition root. */
import type { BackupArchive } from '../core/ports/backups.js';
import type { ErrorTally } from '../core/ports/error-ledger.js';
import type { ConfigurationFile } from '../core/ports/configuration.js';
import type { EmergencyLatch } from '../core/ports/emergency-latch.js';
import type { EmergencyStop } from '../core/ports/emergency-stop.js';
import type { Ledger } from '../core/ports/ledger.js';
import type { LogReader } from '../core/ports/log-reader.js';
import type { Logger } from '../core/ports/logger.js';
import type { ProcessVitals } from '../core/ports/process-report.js';
import type { StateArchive } from '../core/ports/state-archive.js';
import type { BotClient } from './bot-client.js';
import type { HealthProbe } from './health-probe.js';
import type { RunbookDesk } from './runbook-desk.js';
import type { WorkflowDesk } from './workflow-desk.js';
import type { ApiAccess } from './security/access.js';

/** Opens the ledger, or rejects with 10003: the API serves also while the database is away. */
export type LedgerAccess = () => Promise<Ledger>;

export interface ApiDependencies {
  ledger: LedgerAccess;
  bot: BotClient;
  probes: readonly HealthProbe[];
  access: ApiAccess;
  configuration: ConfigurationFile;
  /** host clock, ms */
  clock: () => number;
  /** paper, demo, testnet or live */
  mode: string;
  /** plain words on where prices come from */
  market: string;
  logger: Logger;
  /** the log file of all processes */
  logs: LogReader;
  /** the errors of this process */
  errors: ErrorTally;
  ownProcess: OwnProcess;
  workflows: WorkflowDesk;
  runbooks: RunbookDesk;
  latch: EmergencyLatch;
  /** acts on the exchange when Temporal does not */
  emergency: EmergencyStop;
  states: StateArchive;
  backups: Pick<BackupArchive, 'list' | 'manifest' | 'storage'>;
  redact: Redaction;
}

/** What the process that serves this API knows of itself. */
export interface OwnProcess {
  vitals(): ProcessVitals;
  /** of one process, MB of resident memory */
  limits: { maxMemoryMb: number; cleanupThresholdMb: number };
}

/** Blanks out what may not be shown: the secrets this process knows, and whatever is named like one. */
export interface Redaction {
  text(text: string): string;
  value(value: unknown): unknown;
}
