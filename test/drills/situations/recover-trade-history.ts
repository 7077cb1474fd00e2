/** Executions of the newest trades are taken out of the ledger, so that there is something to recover. */
import { Client } from 'pg';
import type { Situation } from './situation.js';

const SPAN = { start_date: '2026-01-01', end_date: '2026-12-31' };
const TAKEN_MAX = 20;

export const recoverTradeHistorySituation: Situation = {
  runbook: 'recoverTradeHistory',
  prepare: async ({ stack }) => {
    const client = new Client({ connectionString: stack.databaseUrl });
    await client.connect();
    try {
      await client.query('delete from executions where exec_id in (select exec_id from executions order by executed_at desc limit $1)', [TAKEN_MAX]);
    } finally {
      await client.end();
    }
    return SPAN;
  },
  // the books, which the matrix compares, say whether everything is there again
  verify: () => Promise.resolve([]),
};
