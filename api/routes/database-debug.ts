/** `GET /api/v1/debug/database`: connections, locks, long queries and the pools of all processes. */
import { z } from 'zod';
import { diagnoseDatabase } from '../../core/database/diagnose-database.js';
import { poolStatisticsSchema } from '../../core/ports/process-report.js';
import type { ApiDependencies } from '../api-dependencies.js';
import { identityOn, processIdentity } from '../process-identity.js';
import { defineRoute, NOTHING, type Route } from '../route.js';
import { instant, iso, provenance } from '../wire.js';

/** Guide, "Database Connection Issues". */
const LONG_MINUTES = 5;

export const databaseDebugSchema = z.object({
  ...provenance,
  verdict: z.array(z.string()).meta({ description: 'plain words; the first line says how it is on the whole' }),
  server_version: z.string(),
  started_at: instant,
  max_connections: z.int(),
  sessions: z.array(z.object({
    pid: z.int(), kind: z.enum(['own', 'backup', 'other']), user: z.string(), application: z.string(), client_address: z.string().nullable(), state: z.string(), started_at: instant,
    running_seconds: z.number().nullable().meta({ description: 'of the query, or of the transaction that does nothing' }), waits_for: z.string().nullable(),
    query: z.string().meta({ description: 'its beginning, values blanked out' }),
  })).meta({ description: 'at most 500, the oldest first' }),
  locks: z.array(z.object({ blocked_pid: z.int(), blocking_pid: z.int(), waited_seconds: z.number(), relation: z.string(), mode: z.string() })).meta({ description: 'who waits for whom' }),
  pools: z.array(z.object({ ...processIdentity, pool: poolStatisticsSchema })),
}).meta({ id: 'DatabaseDebug' });

export function databaseDebugRoute({ ledger: open, clock }: ApiDependencies): Route {
  return defineRoute({
    method: 'get',
    path: '/api/v1/debug/database',
    summary: 'Connections, locks, long queries and connection pools of the database',
    role: 'viewer',
    query: NOTHING,
    body: NOTHING,
    reply: databaseDebugSchema,
    statuses: { 200: 'As the database says now; pools as each process last reported', 503: 'The database does not answer (10003)' },
    handle: async () => {
      const ledger = await open();
      const [reading, reports] = await Promise.all([ledger.readDatabase(), ledger.processReports()]);
      const nowMs = clock();
      const body: z.output<typeof databaseDebugSchema> = {
        as_of: iso(nowMs), source: 'ledger', verdict: diagnoseDatabase(reading, { overMinutes: LONG_MINUTES, includeBackups: false }).lines,
        server_version: reading.serverVersion, started_at: iso(reading.startedMs), max_connections: reading.maxConnections,
        sessions: reading.sessions.map(({ pid, kind, user, application, clientAddress, state, startedMs, runningSeconds, waitsFor, query }) => ({
          pid, kind, user, application, client_address: clientAddress, state, started_at: iso(startedMs), running_seconds: runningSeconds, waits_for: waitsFor, query,
        })),
        locks: reading.locks.map(({ blockedPid, blockingPid, waitedSeconds, relation, mode }) => ({ blocked_pid: blockedPid, blocking_pid: blockingPid, waited_seconds: waitedSeconds, relation, mode })),
        pools: reports.flatMap((report) => (report.pool === undefined ? [] : [{ ...identityOn(report, nowMs), pool: report.pool }])),
      };
      return { status: 200, body };
    },
  });
}
