/** Starts the lasting workflows (once, whoever comes first) and carries the feeds' words to the bot. */
import type { Client } from '@temporalio/client';
import {
  accountChangedSignal, BOT_WORKFLOW_ID, BOT_WORKFLOW_TYPE, candlesClosedSignal, FEED_WORKFLOW_ID, FEED_WORKFLOW_TYPE, TRADING_QUEUE,
  type AccountChanged, type CandlesClosed,
} from '../workflows/messages.js';

/** A worker that dies in the middle of a task delays the next one by at most this; a replay on a busy machine must fit in. */
const WORKFLOW_TASK_TIMEOUT_MS = 5_000;

export async function startEntities(client: Client): Promise<void> {
  const shared = { taskQueue: TRADING_QUEUE, workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS, workflowIdConflictPolicy: 'USE_EXISTING' } as const;
  await client.workflow.start(BOT_WORKFLOW_TYPE, { ...shared, workflowId: BOT_WORKFLOW_ID, args: [], staticSummary: 'The trading bot of this account' });
  await client.workflow.start(FEED_WORKFLOW_TYPE, { ...shared, workflowId: FEED_WORKFLOW_ID, args: [], staticSummary: 'Which worker feeds the bot' });
}

export function announceTo(client: Client): (closed: CandlesClosed) => Promise<void> {
  return (closed) => client.workflow.getHandle(BOT_WORKFLOW_ID).signal(candlesClosedSignal, closed);
}

export function reportTo(client: Client): (changed: AccountChanged) => Promise<void> {
  return (changed) => client.workflow.getHandle(BOT_WORKFLOW_ID).signal(accountChangedSignal, changed);
}
