/** The error journal of the stack itself: what its own log tells under a code counts like that of every process. */
import { createPostgresLedger } from '../adapters/postgres/ledger.js';
import { BotError } from '../core/errors/bot-error.js';
import type { Logger } from '../core/ports/logger.js';
import { createErrorJournal, type ErrorJournal } from '../workers/error-journal.js';
import type { LogFile } from './log-file.js';
import type { StackLog } from './stack-log.js';

const POOL = { poolSize: 1, poolOverflow: 0, statementTimeoutMs: 3_000, connectTimeoutMs: 1_500 };

/** From here on `log.logger` counts. `databaseUrl` is asked at every attempt: the database is prepared later. */
export function keepStackJournal(log: StackLog, file: LogFile, databaseUrl: () => string | undefined): ErrorJournal {
  const plain = log.logger;
  const journal = createErrorJournal({
    logger: plain, service: 'stack', instance: '1', startedAtMs: Date.now(), now: Date.now, redact: log.redact,
    open: async () => {
      const url = databaseUrl();
      if (url === undefined) throw new BotError(10003, 'the database is not prepared yet');
      return createPostgresLedger({ databaseUrl: url, logger: silentOnWarnings(plain), ...POOL });
    },
  });
  file.onTrouble((trouble) => {
    if (trouble === 'over') journal.logger.info('The log file is written again');
    else journal.logger[trouble.severity](trouble.message, { code: trouble.code, fix: trouble.fix });
  });
  return journal;
}

/** A database that is being restarted is told by the supervisor, once. */
function silentOnWarnings(logger: Logger): Logger {
  return { ...logger, warning: logger.debug };
}
