/**
 * The server beyond the ledger: databases made, filled, compared, renamed and dropped. It asks over the database `postgres`, which
 * is there also when the ledger's is not.
 */
import { availableParallelism } from 'node:os';
import pg from 'pg';
import { BotError } from '../../../core/errors/bot-error.js';
import type { DatabaseServer, DumpSource, WorkInHand } from '../../../core/ports/backups.js';
import { withDatabase } from '../database-url.js';
import { EXTENSION_TEMPLATE } from '../extension-template.js';
import { findClientPrograms, hasProgram, toolsOf, type ClientPrograms } from './client-programs.js';
import { contradictionsIn } from './contradictions.js';
import { beginSnapshot, schemaHash, sequenceStates, sequenceValues, tableDigests } from './digest-queries.js';
import { dumpDatabase, dumpRoles, migrationsOf } from './dump.js';
import { runProgram } from './run-program.js';
import { withLongSession, withSession } from './session.js';

export interface DatabaseServerOptions {
  /** of the ledger */
  databaseUrl: string;
  /** where pg_dump and its like are; undefined: searched for */
  programsDirectory?: string | undefined;
  /** PATH of this process */
  path: string;
  /** host ms */
  now(): number;
}

const MAINTENANCE_DATABASE = 'postgres';
const JOBS_MAX = 4;
const RENAME_ATTEMPTS_MAX = 20;

export function createDatabaseServer({ databaseUrl, programsDirectory, path, now }: DatabaseServerOptions): DatabaseServer & DumpSource {
  const url = (name: string): string => withDatabase(databaseUrl, name);
  const admin = <T>(kind: 'read' | 'write', what: string, use: (client: pg.Client) => Promise<T>): Promise<T> => withSession({ databaseUrl: url(MAINTENANCE_DATABASE), kind, what }, use);
  const programs = async (): Promise<ClientPrograms> => findClientPrograms({ serverMajor: await admin('read', 'ask for its version', serverMajor), directory: programsDirectory, path });
  return {
    ledgerDatabase: decodeURIComponent(new URL(databaseUrl).pathname.slice(1)),
    readiness: async () => {
      const tools = toolsOf(await programs());
      return { tools, ...(await withSession({ databaseUrl, kind: 'read', what: 'look at the database' }, readiness)) };
    },
    exists: (name) => admin('read', `look for the database ${name}`, (client) => exists(client, name)),
    databases: () => admin('read', 'list databases', async (client) => (await client.query<{ datname: string }>('select datname from pg_database where not datistemplate order by 1')).rows.map(({ datname }) => datname)),
    createDatabase: (name) => admin('write', `create the database ${name}`, (client) => create(client, name)),
    dropDatabase: (name) => admin('write', `drop the database ${name}`, async (client) => { await client.query(`drop database if exists ${pg.escapeIdentifier(name)} with (force)`); }),
    renameDatabase: (names) => admin('write', `rename the database ${names.from} to ${names.to}`, (client) => rename(client, names)),
    terminateSessions: (name) => admin('write', `end the sessions of ${name}`, (client) => terminate(client, name)),
    digests: (name, work) => withLongSession({ databaseUrl: url(name), kind: 'read', what: `digest the database ${name}` }, work, async (client) => {
      await beginSnapshot(client);
      const sequences = await sequenceValues(client);
      return { tables: await tableDigests(client, work), sequences: sequenceStates(sequences, sequences), schema: await schemaHash(client) };
    }),
    migrations: (name) => withSession({ databaseUrl: url(name), kind: 'read', what: `read the migrations of ${name}` }, migrationsOf),
    amcheck: async (name, work) => amcheck(url(name), await programs(), work),
    restore: async ({ database, file }, work) => {
      const jobs = Math.min(JOBS_MAX, availableParallelism());
      const args = ['--exit-on-error', '--no-owner', '--no-privileges', `--jobs=${jobs}`, `--dbname=${database}`, file];
      await runProgram({ programs: await programs(), program: 'pg_restore', args, databaseUrl: url(database), work });
    },
    contradictions: (name) => withSession({ databaseUrl: url(name), kind: 'read', what: `check the ledger in ${name}` }, contradictionsIn),
    dump: async (file, work) => dumpDatabase({ databaseUrl, programs: await programs(), file, now }, work),
    dumpRoles: async (file, work) => dumpRoles({ databaseUrl, programs: await programs(), file }, work),
  };
}

async function serverMajor(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ version: string }>("select current_setting('server_version_num') as version");
  return Math.floor(Number(rows[0]?.version) / 10_000);
}

async function readiness(client: pg.Client): Promise<{ bytes: number; mayCreateDatabases: boolean }> {
  const { rows } = await client.query<{ bytes: string; may: boolean }>('select pg_database_size(current_database())::text as bytes, (select rolcreatedb or rolsuper from pg_roles where rolname = current_user) as may');
  return { bytes: Number(rows[0]?.bytes), mayCreateDatabases: rows[0]?.may === true };
}

/** `template0` has nothing that a restore could collide with; ours has the extensions besides. */
async function create(client: pg.Client, name: string): Promise<void> {
  const template = (await exists(client, EXTENSION_TEMPLATE)) ? EXTENSION_TEMPLATE : 'template0';
  await client.query(`create database ${pg.escapeIdentifier(name)} template ${template} encoding 'UTF8'`);
}

async function exists(client: pg.Client, name: string): Promise<boolean> {
  return (await client.query('select from pg_database where datname = $1', [name])).rowCount === 1;
}

async function terminate(client: pg.Client, name: string): Promise<number> {
  const { rowCount } = await client.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()', [name]);
  return rowCount ?? 0;
}

/** Nobody may come back between the last session's end and the rename. Also finishes a rename that was cut off in its middle. */
async function rename(client: pg.Client, { from, to }: { from: string; to: string }): Promise<void> {
  if (await exists(client, from)) {
    await allowConnections(client, from, false);
    try {
      await renameOnceAlone(client, { from, to });
    } catch (error) {
      await allowConnections(client, from, true);
      throw error;
    }
  } else if (!(await exists(client, to))) {
    throw new BotError(10003, `there is neither a database ${from} nor ${to}`, { retryable: false, fix: 'List the databases (psql -l) and name one that exists.' });
  }
  await allowConnections(client, to, true);
}

async function renameOnceAlone(client: pg.Client, { from, to }: { from: string; to: string }): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    await terminate(client, from);
    try {
      await client.query(`alter database ${pg.escapeIdentifier(from)} rename to ${pg.escapeIdentifier(to)}`);
      return;
    } catch (error) {
      // A session that was told to end takes a moment; the server itself waits up to five seconds for it.
      const isStillUsed = error instanceof pg.DatabaseError && error.code === '55006';
      if (!isStillUsed || attempt === RENAME_ATTEMPTS_MAX) throw error;
    }
  }
}

async function allowConnections(client: pg.Client, name: string, allowed: boolean): Promise<void> {
  await client.query(`alter database ${pg.escapeIdentifier(name)} with allow_connections ${String(allowed)}`);
}

/** SQLSTATE: not a superuser, the extension is not installed on the server, or unknown to it. */
const CANNOT_BE_HAD = new Set(['42501', '0A000', '58P01']);

/** The extension comes and goes with the check, so that the database stays what was restored. */
async function amcheck(databaseUrl: string, programs: ClientPrograms, work: WorkInHand): Promise<'passed' | 'not available'> {
  if (!hasProgram(programs, 'pg_amcheck')) return 'not available';
  return withLongSession({ databaseUrl, kind: 'read', what: 'check tables and indexes' }, work, async (client) => {
    const wasThere = (await client.query("select from pg_extension where extname = 'amcheck'")).rowCount === 1;
    if (!wasThere && !(await obtainAmcheck(client))) return 'not available';
    const database = (await client.query<{ name: string }>('select current_database() as name')).rows[0]?.name ?? '';
    await runProgram({ programs, program: 'pg_amcheck', args: ['--heapallindexed', database], databaseUrl, work });
    if (!wasThere) await client.query('drop extension amcheck');
    return 'passed';
  });
}

async function obtainAmcheck(client: pg.Client): Promise<boolean> {
  try {
    await client.query('create extension amcheck');
    return true;
  } catch (error) {
    if (error instanceof pg.DatabaseError && CANNOT_BE_HAD.has(error.code ?? '')) return false;
    throw error;
  }
}
