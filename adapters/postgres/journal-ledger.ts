/** Strategies as configured, events as they happened and the audit trail of what operators asked for. Events and audit rows are never changed. */
import { sql } from 'kysely';
import type { AuditRow, EventRow, Ledger } from '../../core/ports/ledger.js';
import { insertBatch, KEEP_THE_FIRST, replaceWhen } from './batch-insert.js';
import { toTimestamp } from './instants.js';
import type { LedgerDatabase } from './ledger-database.js';

type JournalLedger = Pick<Ledger, 'saveStrategies' | 'saveEvent' | 'saveAudit'>;

const STRATEGY_VALUES = ['enabled', 'symbol', 'interval', 'parameters'] as const;

export function journalLedger(database: LedgerDatabase): JournalLedger {
  return {
    saveStrategies: async (strategies) => {
      const rows = strategies.map(({ name, enabled, symbol, interval, parameters }) => ({ name, enabled, symbol, interval, parameters }));
      const onConflict = replaceWhen(STRATEGY_VALUES, sql`true`);
      await database.transact(`save ${rows.length} strategies`, (queries) =>
        insertBatch(queries, { table: 'strategies', rows, key: ['name'], onConflict }),
      );
    },
    saveEvent: async (event) => {
      await database.write(`save the event ${event.eventId}`, (queries) =>
        insertBatch(queries, { table: 'events', rows: [toEventRow(event)], key: ['event_id'], onConflict: KEEP_THE_FIRST }),
      );
    },
    saveAudit: async (audit) => {
      await database.write(`save the audit record ${audit.auditId}`, (queries) =>
        insertBatch(queries, { table: 'audit', rows: [toAuditRow(audit)], key: ['audit_id'], onConflict: KEEP_THE_FIRST }),
      );
    },
  };
}

function toEventRow({ eventId, atMs, code, severity, source, message, context }: EventRow) {
  return { event_id: eventId, timestamp: toTimestamp(atMs), code, severity, source, message, context };
}

function toAuditRow({ auditId, atMs, who, fromAddress, what, reason, outcome, detail }: AuditRow) {
  return { audit_id: auditId, timestamp: toTimestamp(atMs), who, from_address: fromAddress, what, reason, outcome, detail };
}
