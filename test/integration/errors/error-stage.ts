/**
 * Where an error is provoked and looked for: a log of real lines, a process with a journal, an API with its own, and one
 * ledger between them. What the process is (a trading worker, a part, nothing) is the scenario's business.
 */
import { expect } from 'vitest';
import { createPostgresLedger } from '../../../adapters/postgres/ledger.js';
import { errorsSchema } from '../../../api/routes/errors.js';
import { createLogger } from '../../../config/logging.js';
import { BotError } from '../../../core/errors/bot-error.js';
import type { ErrorCode } from '../../../core/errors/catalogue.js';
import type { Ledger } from '../../../core/ports/ledger.js';
import type { Logger } from '../../../core/ports/logger.js';
import { createErrorJournal, type ErrorJournal } from '../../../workers/error-journal.js';
import { silentLogger } from '../../support/silent-logger.js';
import { serveApi, type ApiServer } from '../api/api-server.js';

const SOON = { timeout: 20_000, interval: 100 };
/** the bot is not what these tests ask the API for */
const noBot = new Proxy({} as never, { get: () => () => Promise.reject(new BotError(10006, 'no bot here')) });

export interface ErrorStage {
  /** of the process under test: counts, and keeps its lines */
  logger: Logger;
  /** every line of every process of this stage, as it would stand in the log file */
  lines: string[];
  /** begins to serve and to write the journals, once there is a database; the process's journal has counted all along */
  connect(databaseUrl: string): Promise<ApiServer>;
  /** whether a line of the log has the code */
  said(code: ErrorCode): boolean;
  /** seen in the log, in `GET /api/v1/errors` with its newest occurrence, and on /metrics */
  seen(code: ErrorCode): Promise<void>;
  close(): Promise<void>;
}

export function setErrorStage(service: string): ErrorStage {
  const lines: string[] = [];
  let databaseUrl: string | undefined;
  let ledger: Ledger | undefined;
  let api: ApiServer | undefined;
  const journalOf = (name: string): ErrorJournal => createErrorJournal({
    logger: createLogger({ service: name, instance: 'test', level: 'info', destination: { write: (line) => void lines.push(line) } }),
    service: name, instance: 'test', startedAtMs: Date.now(), now: Date.now, redact: (text) => text,
    open: () => (databaseUrl === undefined ? Promise.reject(new BotError(10003, 'no database yet')) : openLedger(databaseUrl)),
  });
  const [journal, ofApi] = [journalOf(service), journalOf('api')];
  const said = (code: ErrorCode): boolean => lines.some((line) => (JSON.parse(line) as { code?: unknown }).code === code);
  return {
    logger: journal.logger,
    lines,
    said,
    connect: async (url) => {
      databaseUrl = url;
      const opened = await openLedger(url, ofApi.logger);
      ledger = opened;
      api = await serveApi({ ledger: () => Promise.resolve(opened), bot: noBot, logger: ofApi.logger, errors: ofApi.tally });
      return api;
    },
    seen: async (code) => {
      await expect.poll(() => said(code), { ...SOON, message: `${code} in the log` }).toBe(true);
      await expect.poll(async () => {
        const answer = errorsSchema.parse((await api?.ask(`/api/v1/errors?code=${code}&limit=1`))?.json);
        return { counted: (answer.catalogue[0]?.count ?? 0) > 0, newest: answer.occurrences[0]?.code };
      }, { ...SOON, message: `${code} in /api/v1/errors` }).toEqual({ counted: true, newest: code });
      await expect.poll(async () => (await api?.ask('/metrics'))?.text, { ...SOON, message: `${code} on /metrics` }).toMatch(new RegExp(`^trading_bot_errors_total\\{code="${code}"\\} [1-9]`, 'm'));
    },
    close: async () => {
      await Promise.all([journal.close(), ofApi.close(), api?.close()]);
      await ledger?.close();
    },
  };
}

function openLedger(databaseUrl: string, logger: Logger = silentLogger): Promise<Ledger> {
  return createPostgresLedger({ databaseUrl, logger, poolSize: 2, poolOverflow: 0, connectTimeoutMs: 1_000, statementTimeoutMs: 3_000 });
}
