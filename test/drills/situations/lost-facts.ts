/** Facts are taken out of the ledger of a bot that trades; the runbook has to bring them back. The matrix compares the books afterwards. */
import pg from 'pg';
import type { RunningStack } from '../../../embedded/stack.js';
import type { RunbookName } from '../../../core/runbooks/runbook.js';
import { startRun } from '../runbook-drill.js';
import type { Situation } from './situation.js';

/** The newest executions are what the bot's own levelling looks at again; older ones only a runbook brings back. */
const LOSE = [
  'delete from funding where timestamp < (select max(executed_at) from executions)',
  "delete from executions where executed_at < (select max(executed_at) from executions) - interval '2 minutes' and exec_id not in (select exec_id from funding)",
];
const ENDS_WITHIN_MS = 180_000;

/** around the market of the matrix */
export const recoverTradeHistorySituation = situation('recoverTradeHistory', { start_date: '2026-01-01', end_date: '2026-03-01' });
export const reconcileBalanceSituation = situation('reconcileBalance', {});

function situation(runbook: RunbookName, params: Record<string, unknown>): Situation {
  return {
    runbook,
    prepare: async ({ stack }) => {
      await lose(stack);
      return params;
    },
    verify: async ({ stack }, run) => {
      if (run.state !== 'cancelled') return run.remaining.map((what) => `left by hand: ${what}`);
      // a run that was cancelled has left the rest of the gap: the next one closes it
      const { state, outcome } = await (await startRun(stack, runbook, { params, reason: 'drill: after a cancelled run' })).ended(ENDS_WITHIN_MS);
      return state === 'completed' ? [] : [`after a cancelled run: ${state}: ${outcome ?? ''}`];
    },
  };
}

async function lose({ databaseUrl }: Pick<RunningStack, 'databaseUrl'>): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  for (const statement of LOSE) await client.query(statement);
  await client.end();
}
