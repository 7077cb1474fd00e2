/** The server of the ledger as the recovery of its database needs it (see `core/ports/database-rescue.ts`). */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isBotError, type BotError } from '../../../core/errors/bot-error.js';
import type { DatabaseRescue, ServerStanding } from '../../../core/ports/database-rescue.js';
import type { Logger } from '../../../core/ports/logger.js';
import { findClientPrograms, type ClientPrograms } from '../backup/client-programs.js';
import { withSession } from '../backup/session.js';
import { MAINTENANCE_DATABASE, withDatabase } from '../database-url.js';
import { migrate } from '../migrate.js';
import { dumpReadable } from './dump-readable.js';
import { admit, swapDatabases } from './swap-databases.js';

export interface DatabaseRescueOptions {
  databaseUrl: string;
  /** where pg_dump and its like are; undefined: searched for */
  programsDirectory?: string | undefined;
  /** PATH of this process */
  path: string;
  logger: Logger;
}

export function createDatabaseRescue({ databaseUrl, programsDirectory, path, logger }: DatabaseRescueOptions): DatabaseRescue {
  const maintenance = withDatabase(databaseUrl, MAINTENANCE_DATABASE);
  const programs = async (): Promise<ClientPrograms> => findClientPrograms({ serverMajor: Math.floor(Number.parseFloat(await versionOf(maintenance))), directory: programsDirectory, path });
  return {
    name: decodeURIComponent(new URL(databaseUrl).pathname.slice(1)),
    standing: () => standingOf(maintenance),
    swap: (names) => withSession({ databaseUrl: maintenance, kind: 'write', what: `put ${names.restored} in place` }, (client) => swapDatabases(client, names)),
    admitSessions: (name) => withSession({ databaseUrl: maintenance, kind: 'write', what: `let sessions into ${name} again` }, (client) => admit(client, name)),
    dumpReadable: async ({ database, file }, work) => {
      await mkdir(dirname(file), { recursive: true, mode: 0o700 });
      return dumpReadable({ programs: await programs(), databaseUrl: withDatabase(databaseUrl, database), file, work });
    },
    migrate: (database) => migrate({ databaseUrl: withDatabase(databaseUrl, database), logger }),
  };
}

async function standingOf(databaseUrl: string): Promise<ServerStanding> {
  try {
    return { kind: 'serves', detail: `PostgreSQL ${await versionOf(databaseUrl)} serves` };
  } catch (error) {
    if (!isBotError(error)) throw error;
    return { kind: kindOf(error), detail: error.message };
  }
}

/** SQLSTATE cannot_connect_now: crash recovery after a start */
const STARTING_UP = '57P03';

/** A login that is refused (class 28) is not mended by starting the server anew. */
function kindOf({ foreignCode = '' }: BotError): ServerStanding['kind'] {
  if (foreignCode === STARTING_UP) return 'starting';
  return foreignCode.startsWith('28') ? 'refuses' : 'away';
}

function versionOf(databaseUrl: string): Promise<string> {
  return withSession({ databaseUrl, kind: 'connect', what: 'open a session' }, async (client) => (await client.query<{ server_version: string }>('show server_version')).rows[0]?.server_version ?? '');
}
