/** The database as a part: serves only when it has the schema of this program. */
import { migrate } from '../../adapters/postgres/migrate.js';
import type { Logger } from '../../core/ports/logger.js';
import { preparePostgres } from '../postgres/prepare.js';
import { waitForPostgres } from '../postgres/wait.js';
import type { OnProgress } from '../progress.js';
import type { Part } from '../supervisor/part.js';

/** Covers crash recovery after a power cut. */
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 20_000;

export interface PostgresPartOptions {
  env: NodeJS.ProcessEnv;
  directory: string;
  port: number;
  onProgress: OnProgress;
  logger: Logger;
  /** the connection string holds the password; it is the same after every restart */
  onPrepared(databaseUrl: string): void;
}

export function postgresPart(options: PostgresPartOptions): Part {
  let migrated = false;
  const ready = async (databaseUrl: string, signal: AbortSignal): Promise<void> => {
    await waitForPostgres(databaseUrl, START_TIMEOUT_MS, signal);
    if (migrated) return;
    options.onProgress('applying migrations');
    await migrateTold(databaseUrl, options.logger);
    migrated = true;
  };
  return {
    name: 'postgres',
    dependsOn: [],
    startTimeoutMs: START_TIMEOUT_MS,
    stopSignal: 'SIGINT',
    stopTimeoutMs: STOP_TIMEOUT_MS,
    async prepare() {
      const prepared = await preparePostgres({ dataDir: options.directory, port: options.port, env: options.env, onProgress: options.onProgress });
      options.onPrepared(prepared.databaseUrl);
      const user = prepared.uid === undefined || prepared.gid === undefined ? {} : { uid: prepared.uid, gid: prepared.gid };
      return {
        kind: 'foreign', command: prepared.command, args: prepared.args, env: prepared.env, cwd: prepared.cwd, ...user,
        ready: (signal) => ready(prepared.databaseUrl, signal),
      };
    },
  };
}

/** Brings a database to the schema of this program and says which migrations ran. */
export async function migrateTold(databaseUrl: string, logger: Logger): Promise<void> {
  const applied = await migrate({ databaseUrl, logger });
  if (applied.length > 0) logger.info('Migrations applied', { migrations: applied });
}
