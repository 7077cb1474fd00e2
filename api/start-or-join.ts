/**
 * Starts a runbook, or joins the run that its workflow id has already.
 *
 * Invariant: nobody is joined to a run that is known to be over. Such a run does nothing any more, and still holds its workflow
 * id until its record is written: whoever comes meanwhile waits until it has closed and gets a run of his own, or an error.
 */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import { BotError } from '../core/errors/bot-error.js';
import { runStatusQuery } from '../workflows/runbook-messages.js';

/** longer than a worker that died keeps its sticky queue (workers/temporal-runtime.ts) */
const ASK_MS_MAX = 2_000;

export interface StartOrJoin {
  client: Client;
  workflowId: string;
  /** for all of it; a run closes within a few seconds of its end (workflows/runbook/recorder.ts) */
  limitMs: number;
  /** starts or joins, and resolves with the id of the run that it got */
  start(): Promise<string>;
}

/** Resolves with what `start` resolved with. Rejects with `BotError`, and with what the client and `start` reject with. */
export async function startOrJoin({ client, workflowId, limitMs, start }: StartOrJoin): Promise<string> {
  const deadlineMs = Date.now() + limitMs;
  while (Date.now() < deadlineMs) {
    const before = await runThatHolds(client, workflowId);
    const wasOver = before !== null && (await isOver(client, before));
    if (wasOver === true) await closed(client, { ...before, deadlineMs });
    const runId = await start();
    const joined = before !== null && runId === before.runId;
    // Nobody answered: it is not known to be over. And it may have ended since, and not have heard what was asked of it.
    if (!joined || wasOver === null || (await isOver(client, before)) !== true) return runId;
  }
  throw new BotError(10006, `the last run of ${workflowId} is over and still writes its record`, { fix: 'ask again in a few seconds' });
}

interface Run {
  workflowId: string;
  runId: string;
}

async function runThatHolds(client: Client, workflowId: string): Promise<Run | null> {
  try {
    const { runId, status } = await client.withDeadline(Date.now() + ASK_MS_MAX, () => client.workflow.getHandle(workflowId).describe());
    return status.name === 'RUNNING' ? { workflowId, runId } : null;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return null;
    throw error;
  }
}

/** null: no worker answers. */
async function isOver(client: Client, { workflowId, runId }: Run): Promise<boolean | null> {
  try {
    const { state } = await client.withDeadline(Date.now() + ASK_MS_MAX, () => client.workflow.getHandle(workflowId, runId).query(runStatusQuery));
    return state !== 'running';
  } catch {
    return null;
  }
}

async function closed(client: Client, { workflowId, runId, deadlineMs }: Run & { deadlineMs: number }): Promise<void> {
  try {
    await client.withDeadline(deadlineMs, () => client.workflow.getHandle(workflowId, runId).result());
  } catch {
    // one that failed has closed as well; one that is still open is met by the start
  }
}
