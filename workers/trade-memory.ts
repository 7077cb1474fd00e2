/** What Temporal remembers of trades: each trade's workflow answers with its row. */
import type { Client } from '@temporalio/client';
import type { TradeMemory } from '../activities/runbooks/recovery/recovery-dependencies.js';
import { temporalFailure } from '../api/temporal-failure.js';
import type { TradeRow } from '../core/ports/ledger.js';
import { TRADE_WORKFLOW_TYPE, tradeStateQuery } from '../workflows/messages.js';
import { answersOf, runsSince } from './temporal-memory.js';

const QUERY_TIMEOUT_MS = 10_000;

export function createTradeMemory(client: Client): TradeMemory {
  return {
    rowsSince: async (sinceMs) => {
      try {
        const runs = await runsSince(client, { types: [TRADE_WORKFLOW_TYPE], sinceMs, limit: Number.MAX_SAFE_INTEGER });
        // a trade that was continued as new has several runs, of which the newest answers; one that cannot be asked any more is rebuilt from its executions
        const { answers, silent } = await answersOf([...new Set(runs.map(({ workflowId }) => workflowId))], (workflowId) => rowOf(client, workflowId));
        return { rows: answers, silent };
      } catch (error) {
        throw temporalFailure(error, 'ask Temporal for the trades');
      }
    },
  };
}

async function rowOf(client: Client, workflowId: string): Promise<TradeRow> {
  const { exitRequested: _exit, exitEpoch: _epoch, ...row } = await client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, () => client.workflow.getHandle(workflowId).query(tradeStateQuery));
  return row as unknown as TradeRow;
}
