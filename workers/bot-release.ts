/** Has the bot end a halt. A bot that never heard of the halt hears of it now, so that it consents to something. */
import { randomUUID } from 'node:crypto';
import type { ReleaseOrder } from '../activities/emergency/release-activities.js';
import type { BotClient } from '../api/bot-client.js';
import { BotError, isBotError } from '../core/errors/bot-error.js';
import type { EmergencyLatch } from '../core/ports/emergency-latch.js';

const DISAGREEMENT = 20009;
const ASK_AGAIN_MS = 2_000;

export function releaseBotThrough(bot: Pick<BotClient, 'order'>, latch: Pick<EmergencyLatch, 'read'>): (order: ReleaseOrder) => Promise<string> {
  return async ({ haltId, reason, actor }) => {
    const held = await latch.read();
    if (held !== null) await bot.order({ verb: 'halt', haltId, reason: held.reason, actor, requestId: `halt-${haltId}` });
    const outcome = await bot.order({ verb: 'release', haltId, reason, actor, requestId: randomUUID() }).catch((error: unknown) => { throw passing(error); });
    if (outcome.kind === 'applied') return outcome.result.detail;
    throw new BotError(10006, 'no trading worker answers: the latch stays set until the bot has consented', { retryable: true, fix: 'bring the trading worker back' });
  };
}

/** Right after everything was closed the trades may still be settling: that difference goes by itself. */
function passing(error: unknown): unknown {
  if (!isBotError(error) || error.code !== DISAGREEMENT) return error;
  return new BotError(DISAGREEMENT, error.message, { fix: error.fix, retryable: true, retryAfterMs: ASK_AGAIN_MS });
}
