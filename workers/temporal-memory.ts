/** Asks workflows what they know, also after their end: what Temporal remembers. */
import type { Client } from '@temporalio/client';
import type { RunIds } from '../api/runbook-desk.js';

/** A worker replays a workflow's history for each answer. */
const AT_ONCE = 4;

/** Those that run, then those that ended after the instant (host ms), the newest first. */
export async function runsSince(client: Client, { types, sinceMs, limit }: { types: readonly string[]; sinceMs: number; limit: number }): Promise<RunIds[]> {
  const found = new Map<string, RunIds>();
  const ofTypes = `WorkflowType IN (${types.map((type) => `'${type}'`).join(', ')})`;
  for (const which of [`ExecutionStatus = 'Running'`, `CloseTime >= '${new Date(sinceMs).toISOString()}'`]) {
    for await (const { workflowId, runId } of client.workflow.list({ query: `${ofTypes} AND ${which}` })) {
      if (found.size >= limit) break;
      found.set(runId, { workflowId, runId });
    }
  }
  return [...found.values()];
}

/** silent: who does not answer, though others do. Rejects with the first failure when nobody does. */
export async function answersOf<Id, Answer>(ids: readonly Id[], ask: (id: Id) => Promise<Answer>): Promise<{ answers: Answer[]; silent: Id[] }> {
  const settled: PromiseSettledResult<Answer>[] = [];
  for (let start = 0; start < ids.length; start += AT_ONCE) settled.push(...(await Promise.allSettled(ids.slice(start, start + AT_ONCE).map(ask))));
  const answers = settled.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
  const failed = settled.find((answer) => answer.status === 'rejected');
  if (answers.length === 0 && failed !== undefined) throw failed.reason;
  return { answers, silent: ids.filter((_id, index) => settled[index]?.status === 'rejected') };
}
