/**
 * A run whose result is known may still be writing its record, and Temporal then calls it running. Whoever starts the runbook at
 * that moment would be attached to something that does nothing any more: he waits until it is closed, and gets a run of his own.
 */
import type { Client } from '@temporalio/client';
import { runStatusQuery } from '../workflows/runbook-messages.js';

/** a worker that is away answers nothing; then it is not known to be over, and nothing is waited for */
const ASK_MS_MAX = 1_000;
const CLOSE_MS_MAX = 5_000;

export async function awaitEnding(client: Client, workflowId: string): Promise<void> {
  const run = client.workflow.getHandle(workflowId);
  try {
    const { runId, status } = await client.withDeadline(Date.now() + ASK_MS_MAX, () => run.describe());
    if (status.name !== 'RUNNING') return;
    const { state } = await client.withDeadline(Date.now() + ASK_MS_MAX, () => client.workflow.getHandle(workflowId, runId).query(runStatusQuery));
    if (state !== 'running') await client.withDeadline(Date.now() + CLOSE_MS_MAX, () => client.workflow.getHandle(workflowId, runId).result());
  } catch {
    // what cannot be asked now, or ended as failed, is started over all the same
  }
}
