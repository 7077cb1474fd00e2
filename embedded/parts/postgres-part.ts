/**
 * The database as a part: serves only when it has the schema of this program, or when it is known that its ledger is lost.
 *
 * Invariant: a ledger that was there once is never replaced in silence. When its database or its tables are gone, the part brings the
 * server up, leaves it EMPTY (whoever reads or writes is refused, so no entry is made) and says what to do; the runbook
 * databaseRecovery is what fills it.
 */
import { existsSync, writeFileSync } from 'node:fs';
import { MAINTENANCE_DATABASE, withDatabase } from '../../adapters/postgres/database-url.js';
import { migrate } from '../../adapters/postgres/migrate.js';
import { schemaPresence } from '../../adapters/postgres/schema-presence.js';
import { isBotError } from '../../core/errors/bot-error.js';
import type { Logger } from '../../core/ports/logger.js';
import type { KnownPasswords } from '../postgres/credentials.js';
import { preparePostgres, type PreparedPostgres } from '../postgres/prepare.js';
import { waitForPostgres } from '../postgres/wait.js';
import type { OnProgress } from '../progress.js';
import type { Part } from '../supervisor/part.js';

/** Covers crash recovery after a power cut. */
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 20_000;

export interface PostgresPartOptions {
  env: NodeJS.ProcessEnv;
  directory: string;
  /** A file that lies there from the first ledger on, outside the database's own folder. Without it an empty database is a first start. */
  ledgerNote: string;
  port: number;
  onProgress: OnProgress;
  logger: Logger;
  /** the connection string holds the password; it is the same after every restart */
  onPrepared(databaseUrl: string): void;
}

export function postgresPart(options: PostgresPartOptions): Part {
  const state: { migrated: boolean; passwords: KnownPasswords | undefined; setAside: string | undefined } = { migrated: false, passwords: undefined, setAside: undefined };
  const ready = async (databaseUrl: string, signal: AbortSignal): Promise<void> => {
    await waitForPostgres(withDatabase(databaseUrl, MAINTENANCE_DATABASE), START_TIMEOUT_MS, signal);
    const loss = existsSync(options.ledgerNote) ? await lossOf(databaseUrl) : undefined;
    if (loss !== undefined) return tellLoss(options.logger, loss);
    if (state.migrated) return;
    options.onProgress('applying migrations');
    await migrateTold(databaseUrl, options.logger);
    if (!existsSync(options.ledgerNote)) writeFileSync(options.ledgerNote, NOTE, { flush: true });
    state.migrated = true;
  };
  return {
    name: 'postgres',
    dependsOn: [],
    startTimeoutMs: START_TIMEOUT_MS,
    stopSignal: 'SIGINT',
    stopTimeoutMs: STOP_TIMEOUT_MS,
    async prepare() {
      const { directory: dataDir, port, env, onProgress } = options;
      const prepared = await preparePostgres({ dataDir, port, env, onProgress, passwords: state.passwords, setAside: state.setAside });
      state.passwords = prepared.passwords;
      state.setAside = undefined;
      options.onPrepared(prepared.databaseUrl);
      return { ...launchOf(prepared), ready: (signal) => ready(prepared.databaseUrl, signal) };
    },
    beginAnew: (keepAs) => {
      state.setAside = keepAs;
    },
  };
}

const NOTE = 'A ledger was made in this data directory. While this file lies here, an empty database is taken for a loss (npx bot restore), not for a first start.\n';

function launchOf({ command, args, env, cwd, uid, gid }: PreparedPostgres) {
  return { kind: 'foreign' as const, command, args, env, cwd, ...(uid === undefined || gid === undefined ? {} : { uid, gid }) };
}

/** Plain words; undefined: the ledger is there. */
async function lossOf(databaseUrl: string): Promise<string | undefined> {
  try {
    const presence = await schemaPresence(databaseUrl);
    if (presence === 'there') return undefined;
    return presence === 'empty' ? 'the database is empty' : 'the server has no such database';
  } catch (error) {
    if (!isBotError(error)) throw error;
    return error.message;
  }
}

function tellLoss(logger: Logger, loss: string): void {
  logger.critical(`The ledger is lost: ${loss}. No new entry is made until it is recovered; stops on the exchange stay`, {
    code: 40003, fix: 'npx bot restore --reason "the ledger is lost"',
  });
}

/** Brings a database to the schema of this program and says which migrations ran. */
export async function migrateTold(databaseUrl: string, logger: Logger): Promise<void> {
  const applied = await migrate({ databaseUrl, logger });
  if (applied.length > 0) logger.info('Migrations applied', { migrations: applied });
}
