/** Tells the bot to halt: by update, so that its answer is known; left as a signal, which Temporal keeps, when no worker answers. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { HaltAnswer } from '../activities/emergency/emergency-activities.js';
import type { Latch } from '../core/ports/emergency-latch.js';
import { BOT_WORKFLOW_ID, commandSignal, commandUpdate, type BotCommand } from '../workflows/messages.js';

const ANSWER_WITHIN_MS = 5_000;

export function haltBotThrough(client: Client): (latch: Latch) => Promise<HaltAnswer> {
  return async ({ haltId, reason, actor }) => {
    const bot = client.workflow.getHandle(BOT_WORKFLOW_ID);
    const command: BotCommand = { verb: 'halt', haltId, reason, actor, requestId: `halt-${haltId}` };
    try {
      await client.withDeadline(Date.now() + ANSWER_WITHIN_MS, () => bot.executeUpdate(commandUpdate, { args: [command], updateId: command.requestId }));
      return 'obeyed';
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return 'absent';
      await bot.signal(commandSignal, command);
      return 'queued';
    }
  };
}
