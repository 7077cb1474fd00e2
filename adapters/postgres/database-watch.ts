/**
 * Looks at the database from inside: sessions, locks, ending a session.
 *
 * Invariants
 * 1. A session is ended by pid and start together: a pid that has been given to somebody else since is left alone.
 * 2. Values of foreign statements are blanked out: they may hold anything, passwords included.
 */
import { sql } from 'kysely';
import type { DatabaseLock, DatabaseReading, DatabaseSession, DatabaseWatch, SessionKind } from '../../core/ports/database-watch.js';
import { BotError } from '../../core/errors/bot-error.js';
import { OWN_APPLICATION } from './checked-pool.js';
import type { LedgerDatabase } from './ledger-database.js';

const QUERY_SHOWN_MAX = 200;
/** A database of this product has a few dozen sessions; more than this are not listed. */
const SESSIONS_MAX = 500;
const BACKUP = /^(pg_dump|pg_dumpall|pg_restore|pg_basebackup|pg_receivewal|pg_amcheck)|backup/i;

type Row = Record<string, string | null>;

export function databaseWatch(database: LedgerDatabase): DatabaseWatch {
  return {
    readDatabase: () => database.read('look at the database', async (queries): Promise<DatabaseReading> => {
      const [server] = (await sql<Row>`
        select current_setting('server_version') as version, current_setting('max_connections') as max, ${millis('pg_postmaster_start_time()')} as started`.execute(queries)).rows;
      const sessions = (await sql<Row>`
        select pid::text, usename as "user", application_name as application, client_addr::text as address, state, ${millis('backend_start')} as started,
          extract(epoch from clock_timestamp() - case when state = 'active' then query_start else state_change end)::text as seconds,
          nullif(concat_ws(': ', wait_event_type, wait_event), '') as waits, query
        from pg_stat_activity where datname = current_database() and backend_type = 'client backend' and pid <> pg_backend_pid()
        order by backend_start limit ${SESSIONS_MAX}`.execute(queries)).rows;
      const locks = (await sql<Row>`
        select blocked.pid::text as blocked, blocking.pid::text as blocking, extract(epoch from clock_timestamp() - activity.query_start)::text as seconds,
          coalesce(blocked.relation::regclass::text, '') as relation, blocked.mode
        from pg_locks blocked
        join pg_stat_activity activity on activity.pid = blocked.pid and activity.datname = current_database()
        cross join lateral unnest(pg_blocking_pids(blocked.pid)) as blocking(pid)
        where not blocked.granted order by 1, 2`.execute(queries)).rows;
      return {
        serverVersion: server?.['version'] ?? 'unknown', startedMs: Number(server?.['started']), maxConnections: Number(server?.['max']), sessions: sessions.map(sessionOf), locks: locks.map(lockOf),
      };
    }),
    endSession: ({ pid, startedMs }) => database.read(`end the session ${pid}`, async (queries) => {
      try {
        const { rows } = await sql<{ ended: boolean }>`
          select pg_terminate_backend(pid) as ended from pg_stat_activity where pid = ${pid} and ${millis('backend_start')} = ${String(startedMs)} and datname = current_database()`.execute(queries);
        return rows[0]?.ended ?? false;
      } catch (error) {
        if (sqlStateOf(error) !== INSUFFICIENT_PRIVILEGE) throw error;
        throw new BotError(10003, `the role of the ledger may not end the session ${pid}: it belongs to a superuser or another role`, { fix: `as a superuser: select pg_terminate_backend(${pid});`, retryable: false });
      }
    }),
    poolStatistics: () => database.poolStatistics(),
  };
}

const INSUFFICIENT_PRIVILEGE = '42501';

function sqlStateOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

/** As text of whole ms. `expression` is one of ours. */
function millis(expression: string) {
  return sql`floor(extract(epoch from ${sql.raw(expression)}) * 1000)::bigint::text`;
}

function sessionOf(row: Row): DatabaseSession {
  const state = row['state'] ?? 'unknown';
  return {
    pid: Number(row['pid']), kind: kindOf(row['application'] ?? ''), user: row['user'] ?? '', application: row['application'] ?? '', clientAddress: row['address'] ?? null, state,
    startedMs: Number(row['started']), runningSeconds: state === 'idle' || row['seconds'] === null ? null : Math.round(Number(row['seconds'])),
    waitsFor: state === 'idle' ? null : (row['waits'] ?? null), query: shown(row['query'] ?? ''),
  };
}

function kindOf(application: string): SessionKind {
  if (application.startsWith(OWN_APPLICATION)) return 'own';
  return BACKUP.test(application) ? 'backup' : 'other';
}

/** String and dollar-quoted literals go; names and numbers tell what it does. */
function shown(query: string): string {
  return query.replaceAll(/'(?:[^']|'')*'?|\$(\w*)\$[\s\S]*?(?:\$\1\$|$)/g, '…').replaceAll(/\s+/g, ' ').trim().slice(0, QUERY_SHOWN_MAX);
}

function lockOf(row: Row): DatabaseLock {
  return { blockedPid: Number(row['blocked']), blockingPid: Number(row['blocking']), waitedSeconds: Math.round(Number(row['seconds'])), relation: row['relation'] ?? '', mode: row['mode'] ?? '' };
}
