/** Tells the bot to halt: by update, so that its answer is known; left as a signal, which Temporal keeps, when no worker answers. A worker that starts under a set latch does the same. */
import { WorkflowNotFoundError, type Client } from '@temporalio/client';
import type { HaltAnswer } from '../activities/emergency/emergency-activities.js';
import type { EmergencyLatch, Latch } from '../core/ports/emergency-latch.js';
import type { Logger } from '../core/ports/logger.js';
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

/** Never rejects: the latch is obeyed at every send, and by the bot at its next candle, whether or not it can be told now. */
export async function obeyLatchAtStart({ client, latch, logger }: { client: Client; latch: Pick<EmergencyLatch, 'read'>; logger: Logger }): Promise<void> {
  try {
    const held = await latch.read();
    if (held === null) return;
    const answer = await haltBotThrough(client)(held);
    logger.critical(`Emergency stop ${held.haltId} holds: found at start: ${held.reason}`, { code: 10009, haltId: held.haltId, bot: answer });
  } catch (error) {
    logger.warning('The emergency latch could not be read at start; it is read before every order', { error });
  }
}
