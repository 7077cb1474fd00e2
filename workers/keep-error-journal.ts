/** The logger of a process, with the error journal behind it: what every process begins with, once it knows its settings. */
import { createPostgresLedger } from '../adapters/postgres/ledger.js';
import type { LogLevel } from '../config/environment.js';
import { createLogger } from '../config/logging.js';
import { createRedaction } from '../config/redaction.js';
import { isBotError } from '../core/errors/bot-error.js';
import type { ErrorJournal } from './error-journal.js';
import { createErrorJournal } from './error-journal.js';
import { onFatal } from './process-life.js';

export interface JournaledProcess {
  databaseUrl: string;
  instance: string;
  logLevel: LogLevel;
  secrets: readonly string[];
}

/** A way to the ledger of its own: the journal must be written also when the process's pool is exhausted. */
const POOL = { poolSize: 1, poolOverflow: 0, statementTimeoutMs: 3_000, connectTimeoutMs: 1_500 };

export function keepErrorJournal(service: string, { databaseUrl, instance, logLevel, secrets }: JournaledProcess): ErrorJournal {
  const plain = createLogger({ service, instance, level: logLevel, secrets });
  const journal = createErrorJournal({
    logger: plain, service, instance, startedAtMs: Date.now(), now: Date.now, redact: createRedaction(secrets).text,
    // What befalls this connection is the journal's own trouble, which the journal tells.
    open: () => createPostgresLedger({ databaseUrl, logger: { ...plain, warning: plain.debug }, ...POOL }),
  });
  onFatal(async (error) => {
    if (isBotError(error)) journal.logger[error.severity](`${service} cannot go on: ${error.message}`, { code: error.code, fix: error.fix });
    else journal.logger.critical(`${service} cannot go on`, { code: 10006, error });
    await journal.close();
  });
  return journal;
}
