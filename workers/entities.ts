/** Starts the lasting workflows (once, whoever comes first) and carries the feeds' words to the bot. */
import type { Client } from '@temporalio/client';
import {
  accountChangedSignal, BOT_WORKFLOW_ID, BOT_WORKFLOW_TYPE, candlesClosedSignal, commandSignal, FEED_WORKFLOW_ID, FEED_WORKFLOW_TYPE, MAINTENANCE_QUEUE, TRADING_QUEUE, WORKFLOW_TASK_TIMEOUT_MS,
  type AccountChanged, type BotCommand, type CandlesClosed,
} from '../workflows/messages.js';
import { DESK_WORKFLOW_ID, DESK_WORKFLOW_TYPE } from '../workflows/runbook-messages.js';

const SHARED = { taskQueue: TRADING_QUEUE, workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS, workflowIdConflictPolicy: 'USE_EXISTING' } as const;
const BOT = { ...SHARED, workflowId: BOT_WORKFLOW_ID, staticSummary: 'The trading bot of this account' } as const;

export async function startEntities(client: Client): Promise<void> {
  await client.workflow.start(BOT_WORKFLOW_TYPE, { ...BOT, args: [] });
  await client.workflow.start(FEED_WORKFLOW_TYPE, { ...SHARED, workflowId: FEED_WORKFLOW_ID, args: [], staticSummary: 'Which worker feeds the bot' });
}

export async function startRunbookDesk(client: Client): Promise<void> {
  await client.workflow.start(DESK_WORKFLOW_TYPE, { taskQueue: MAINTENANCE_QUEUE, workflowTaskTimeout: WORKFLOW_TASK_TIMEOUT_MS, workflowIdConflictPolicy: 'USE_EXISTING', workflowId: DESK_WORKFLOW_ID, args: [], staticSummary: 'Runbooks by signal: open it to see how' });
}

/** Names the version of the configuration to decide with, to a bot that runs or is started by it. */
export async function nameConfiguration(client: Client, { configurationHash, requestId }: Pick<BotCommand, 'requestId'> & { configurationHash: string }): Promise<void> {
  const command: BotCommand = { verb: 'reconfigure', configurationHash, requestId, reason: 'a trading worker has started with this configuration', actor: 'trading worker' };
  await client.workflow.signalWithStart(BOT_WORKFLOW_TYPE, { ...BOT, args: [], signal: commandSignal, signalArgs: [command] });
}

export function announceTo(client: Client): (closed: CandlesClosed) => Promise<void> {
  return (closed) => client.workflow.getHandle(BOT_WORKFLOW_ID).signal(candlesClosedSignal, closed);
}

export function reportTo(client: Client): (changed: AccountChanged) => Promise<void> {
  return (changed) => client.workflow.getHandle(BOT_WORKFLOW_ID).signal(accountChangedSignal, changed);
}
