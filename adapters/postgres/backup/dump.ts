/**
 * Dumps a database and digests it, both in one snapshot, while others go on writing.
 *
 * Invariants
 * 1. Dump and digests see the same instant: the session that exports the snapshot digests in it and outlives pg_dump.
 * 2. pg_dump never runs with --enable-row-security, which would leave out rows without a word.
 */
import type pg from 'pg';
import type { DumpedDatabase, Watermark } from '../../../core/backup/manifest.js';
import { BotError } from '../../../core/errors/bot-error.js';
import type { Dump, WorkInHand } from '../../../core/ports/backups.js';
import { describeDatabase } from '../database-url.js';
import { toolsOf, type ClientPrograms } from './client-programs.js';
import { beginSnapshot, schemaHash, sequenceStates, sequenceValues, tableDigests } from './digest-queries.js';
import { runProgram } from './run-program.js';
import { withLongSession } from './session.js';

export interface DumpJob {
  databaseUrl: string;
  programs: ClientPrograms;
  /** where the dump is written; overwritten */
  file: string;
  /** host ms */
  now(): number;
}

/** gzip: the higher levels cost several times the time for some percent of size (docs/BENCHMARKS.md) */
const COMPRESSION = '3';
const LOCK_WAIT_MS = '30000';

export function dumpDatabase({ databaseUrl, programs, file, now }: DumpJob, work: WorkInHand): Promise<Dump> {
  return withLongSession({ databaseUrl, kind: 'read', what: 'dump the database' }, work, async (client) => {
    await beginSnapshot(client);
    const snapshotId = await exportSnapshot(client);
    const takenAtMs = now();
    const before = await sequenceValues(client);
    const args = ['--format=custom', `--compress=${COMPRESSION}`, `--snapshot=${snapshotId}`, `--lock-wait-timeout=${LOCK_WAIT_MS}`, `--file=${file}`];
    const [tables] = await bothOrNeither(work, (shared) => [
      tableDigests(client, shared),
      runProgram({ programs, program: 'pg_dump', args, databaseUrl, work: shared }),
    ]);
    const sequences = sequenceStates(before, await sequenceValues(client));
    const facts = await databaseFacts(client, describeDatabase(databaseUrl));
    return { takenAtMs, tools: toolsOf(programs), database: { ...facts, snapshotId, watermark: await readWatermark(client), digest: { tables, sequences, schema: await schemaHash(client) } } };
  });
}

/** Passwords stay out: the server gives them to its superuser only, and a backup is no place for them. */
export async function dumpRoles({ databaseUrl, programs, file }: Omit<DumpJob, 'now'>, work: WorkInHand): Promise<void> {
  await runProgram({ programs, program: 'pg_dumpall', args: ['--globals-only', '--no-role-passwords', `--file=${file}`], databaseUrl, work });
}

/** The failure of one ends the other. */
async function bothOrNeither<A, B>(work: WorkInHand, start: (shared: WorkInHand) => [Promise<A>, Promise<B>]): Promise<[A, B]> {
  const failed = new AbortController();
  const both = start({ ...work, signal: AbortSignal.any([work.signal, failed.signal]) });
  let first: unknown;
  const results = await Promise.allSettled(both.map((one) => one.catch((error: unknown) => {
    first ??= error;
    failed.abort(error);
    throw error;
  })));
  if (results.some(({ status }) => status === 'rejected')) throw first;
  return Promise.all(both);
}

async function exportSnapshot(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ id: string }>('select pg_export_snapshot() as id');
  return rows[0]?.id ?? '';
}

type Facts = Omit<DumpedDatabase, 'snapshotId' | 'digest' | 'watermark'>;

const FACTS = `
  select current_database() as name, current_setting('server_version') as "serverVersion", pg_encoding_to_char(encoding) as encoding, datcollate as collation,
    case when pg_is_in_recovery() then '' else pg_current_wal_lsn()::text end as lsn,
    array(select extname || ' ' || extversion from pg_catalog.pg_extension order by 1) as extensions
  from pg_catalog.pg_database where datname = current_database()`;

async function databaseFacts(client: pg.Client, where: string): Promise<Facts> {
  const { rows } = await client.query<Omit<Facts, 'migrations'>>(FACTS);
  const [facts] = rows;
  if (facts === undefined) throw new BotError(10003, `the database ${where} does not describe itself`);
  return { ...facts, migrations: await migrationsOf(client) };
}

export async function migrationsOf(client: pg.Client): Promise<string[]> {
  if (!(await hasTable(client, 'public.schema_migrations'))) return [];
  return (await client.query<{ name: string }>('select name from public.schema_migrations order by id')).rows.map(({ name }) => name);
}

async function readWatermark(client: pg.Client): Promise<Watermark> {
  return {
    newestExecutionMs: await newestMs(client, { table: 'public.executions', column: 'executed_at' }),
    newestTradeMs: await newestMs(client, { table: 'public.trades', column: 'timestamp' }),
    newestCandleMs: await newestMs(client, { table: 'public.price_data', column: 'timestamp' }),
  };
}

async function newestMs(client: pg.Client, { table, column }: { table: string; column: string }): Promise<number | null> {
  if (!(await hasTable(client, table))) return null;
  const { rows } = await client.query<{ newest: Date | null }>(`select max("${column}") as newest from ${table}`);
  return rows[0]?.newest?.getTime() ?? null;
}

async function hasTable(client: pg.Client, table: string): Promise<boolean> {
  const { rows } = await client.query<{ there: boolean }>('select to_regclass($1) is not null as there', [table]);
  return rows[0]?.there === true;
}
