/**
 * Writes into a restored ledger what the backup cannot know and nobody but the bot and this machine does: the fence that holds
 * now, and the bot's memory. Were the bot to lose Temporal's history right after, it would rise with what it knew last, not with
 * what it knew at the time of the backup.
 */
import { isBotError } from '../../../core/errors/bot-error.js';
import { BOT_STATE_NAME, MEMORY_FIELDS } from '../../../core/ports/bot-memory.js';
import type { RecoveryDependencies } from './recovery-dependencies.js';

type Deps = Pick<RecoveryDependencies, 'latch' | 'latchIn' | 'openLedger' | 'bot'>;

export async function carryOver({ latch, latchIn, openLedger, bot }: Deps, database: string): Promise<string> {
  const [held, memory] = await Promise.all([latch.read(), botMemory(bot)]);
  const ledger = await openLedger(database);
  try {
    if (held !== null) await latchIn(ledger).replace(held);
    if (typeof memory !== 'string') await ledger.saveState(BOT_STATE_NAME, memory);
  } finally {
    await ledger.close();
  }
  return `${held === null ? 'no latch is set' : `latch ${held.haltId}`}; ${typeof memory === 'string' ? memory : 'lifecycle, risk state and orders of the bot'}`;
}

/** Plain words when the bot cannot say. */
async function botMemory(bot: Deps['bot']): Promise<Record<string, unknown> | string> {
  try {
    const state = await bot.internalState();
    return Object.fromEntries(MEMORY_FIELDS.map((field) => [field, state[field] ?? null]));
  } catch (error) {
    if (!isBotError(error)) throw error;
    return `the bot's memory is as old as the backup: ${error.message}`;
  }
}
