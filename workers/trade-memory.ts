/** What Temporal remembers of trades: each trade's workflow answers with its row, also after its end. */
import type { Client } from '@temporalio/client';
import type { TradeMemory } from '../activities/runbooks/recovery/recovery-dependencies.js';
import { temporalFailure } from '../api/temporal-failure.js';
import type { TradeRow } from '../core/ports/ledger.js';
import { TRADE_WORKFLOW_TYPE, tradeStateQuery } from '../workflows/messages.js';

/** A worker replays the trade's history for each answer. */
const AT_ONCE = 4;
const QUERY_TIMEOUT_MS = 10_000;

export function createTradeMemory(client: Client): TradeMemory {
  return {
    rowsSince: async (sinceMs) => {
      try {
        const ids = await idsSince(client, sinceMs);
        const answers: PromiseSettledResult<TradeRow>[] = [];
        for (let start = 0; start < ids.length; start += AT_ONCE) answers.push(...(await Promise.allSettled(ids.slice(start, start + AT_ONCE).map((id) => rowOf(client, id)))));
        return recalled(ids, answers);
      } catch (error) {
        throw temporalFailure(error, 'ask Temporal for the trades');
      }
    },
  };
}

async function idsSince(client: Client, sinceMs: number): Promise<string[]> {
  const since = new Date(sinceMs).toISOString();
  const ids = new Set<string>();
  for (const which of [`ExecutionStatus = 'Running'`, `CloseTime >= '${since}'`]) {
    for await (const { workflowId } of client.workflow.list({ query: `WorkflowType = '${TRADE_WORKFLOW_TYPE}' AND ${which}` })) ids.add(workflowId);
  }
  return [...ids];
}

/** One that cannot be asked any more is rebuilt from its executions; when none can be, nobody answers at all. */
function recalled(ids: readonly string[], answers: readonly PromiseSettledResult<TradeRow>[]): { rows: TradeRow[]; silent: string[] } {
  const rows = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  const failed = answers.find((answer) => answer.status === 'rejected');
  if (rows.length === 0 && failed !== undefined) throw failed.reason;
  return { rows, silent: ids.filter((_id, index) => answers[index]?.status === 'rejected') };
}

async function rowOf(client: Client, workflowId: string): Promise<TradeRow> {
  const { exitRequested: _exit, exitEpoch: _epoch, ...row } = await client.withDeadline(Date.now() + QUERY_TIMEOUT_MS, () => client.workflow.getHandle(workflowId).query(tradeStateQuery));
  return row as unknown as TradeRow;
}
