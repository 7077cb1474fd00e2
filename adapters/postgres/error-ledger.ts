/** Error counts by process life, and the newest occurrences. Written by the journals of all processes, read by the API. */
import { sql } from 'kysely';
import type { ErrorLedger, ErrorOccurrence, ErrorQuery } from '../../core/ports/error-ledger.js';
import { insertBatch, KEEP_THE_FIRST, replaceWhen } from './batch-insert.js';
import { toTimestamp } from './instants.js';
import type { LedgerDatabase, Queries } from './ledger-database.js';

/** Older occurrences are removed; what was counted stays counted. */
const OCCURRENCES_KEPT = 10_000;

export function errorLedger(database: LedgerDatabase): ErrorLedger {
  return {
    saveErrors: ({ life, service, instance, counts, occurrences }) =>
      database.transact('save the error journal', async (queries) => {
        const rows = counts.map(({ code, occurrences: seen, lastAtMs }) => ({ life, code, service, instance, occurrences: seen, last_at: toTimestamp(lastAtMs) }));
        const onConflict = replaceWhen(['occurrences', 'last_at'], sql`error_counts.occurrences < excluded.occurrences`);
        await insertBatch(queries, { table: 'error_counts', rows, key: ['life', 'code'], onConflict });
        await insertBatch(queries, { table: 'error_occurrences', rows: occurrences.map(toRow), key: ['occurrence_id'], onConflict: KEEP_THE_FIRST });
        await forgetOld(queries);
      }),
    errorCounts: (exceptLife) => database.read('read the error counts', async (queries) => {
      const rows = await queries.selectFrom('error_counts').where('life', '<>', exceptLife).groupBy('code').orderBy('code')
        .select(({ fn }) => ['code', fn.sum<string>('occurrences').as('occurrences'), fn.max('last_at').as('last_at')]).execute();
      return rows.map(({ code, occurrences, last_at: lastAt }) => ({ code, occurrences: Number(occurrences), lastAtMs: lastAt.getTime() }));
    }),
    errorOccurrences: (query) => newestOccurrences(database, query),
  };
}

async function forgetOld(queries: Queries): Promise<void> {
  await sql`delete from error_occurrences where timestamp < (
    select timestamp from error_occurrences order by timestamp desc offset ${OCCURRENCES_KEPT} limit 1)`.execute(queries);
}

async function newestOccurrences(database: LedgerDatabase, { codes, sinceMs, limit, offset }: ErrorQuery): Promise<ErrorOccurrence[]> {
  if (codes?.length === 0) return [];
  return database.read('read the errors', async (queries) => {
    const all = queries.selectFrom('error_occurrences').selectAll();
    const ofCodes = codes === undefined ? all : all.where('code', 'in', [...codes]);
    const since = sinceMs === undefined ? ofCodes : ofCodes.where('timestamp', '>=', new Date(sinceMs));
    const rows = await since.orderBy('timestamp', 'desc').orderBy('occurrence_id', 'desc').limit(limit).offset(offset).execute();
    return rows.map(({ occurrence_id: occurrenceId, timestamp, ...row }) => ({ occurrenceId, atMs: timestamp.getTime(), ...row }));
  });
}

function toRow({ occurrenceId, atMs, ...row }: ErrorOccurrence) {
  return { occurrence_id: occurrenceId, timestamp: toTimestamp(atMs), ...row };
}
