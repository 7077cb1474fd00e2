/**
 * What the processes last said of themselves. They write it as state documents; what another version of the product wrote
 * and this one cannot read is left out.
 */
import { sql } from 'kysely';
import { PROCESS_STATE_PREFIX, processReportSchema, type ProcessReport } from '../../core/ports/process-report.js';
import type { Ledger } from '../../core/ports/ledger.js';
import type { LedgerDatabase } from './ledger-database.js';

type ProcessLedger = Pick<Ledger, 'processReports'>;

/** far more processes than one account has */
const REPORTS_MAX = 100;

export function processLedger(database: LedgerDatabase): ProcessLedger {
  return {
    processReports: async () => {
      const rows = await database.read('read the reports of the processes', (queries) =>
        queries.selectFrom('bot_state').select('state').where(sql<boolean>`starts_with(name, ${PROCESS_STATE_PREFIX})`).orderBy('updated_at', 'desc').limit(REPORTS_MAX).execute(),
      );
      return rows.flatMap(({ state }): ProcessReport[] => {
        const report = processReportSchema.safeParse(state);
        return report.success ? [report.data] : [];
      });
    },
  };
}
