/**
 * The fence around a recovery: the emergency latch, which no entry of any process passes, also after restarts, and the halted bot.
 *
 * Invariants
 * 1. It opens only when the bot, asked anew, agrees with the exchange.
 * 2. An emergency stop that an operator set is neither taken over nor released.
 */
import { BotError, isBotError } from '../../../core/errors/bot-error.js';
import type { Latch } from '../../../core/ports/emergency-latch.js';
import { isFence } from '../../../core/runbooks/database-recovery.js';
import type { RecoveryDependencies } from './recovery-dependencies.js';

type Deps = Pick<RecoveryDependencies, 'latch' | 'haltBot' | 'bot' | 'now' | 'pulse'>;

export interface Fence {
  /** that holds now */
  haltId: string;
  /** fresh: this run's · left: of an earlier recovery, taken over · operator: an emergency stop, which outlives the recovery */
  origin: 'fresh' | 'left' | 'operator';
  detail: string;
}

export async function fence({ latch, haltBot }: Deps, wanted: Latch): Promise<Fence> {
  await latch.set(wanted);
  const held = await latch.read();
  if (held === null) throw new BotError(10009, 'the fence was set and does not hold');
  const bot = await haltBot(held);
  const origin = held.haltId === wanted.haltId ? 'fresh' : isFence(held.haltId) ? 'left' : 'operator';
  const words = { obeyed: 'the bot is halted', queued: 'no trading worker answers: the bot halts as soon as one does', absent: 'there is no bot to halt' }[bot];
  const whose = { fresh: '', left: ', left by an earlier recovery', operator: `, set by ${held.actor}: it stays after the recovery` }[origin];
  return { haltId: held.haltId, origin, detail: `no entry passes any more (latch ${held.haltId}${whose}); ${words}; stops on the exchange stay` };
}

export interface Release {
  haltId: string;
  /** prefix of the ids of its commands */
  commandId: string;
  reason: string;
  actor: string;
  resume: boolean;
  /** host ms until which a bot that does not agree with the exchange is asked again */
  untilMs: number;
}

const ASK_AGAIN_MS = 500;

/** Rejects with 20009 when the bot does not agree with the exchange in time. */
export async function release(deps: Deps, asked: Release): Promise<string> {
  const { haltId, commandId, reason, actor } = asked;
  await untilReleased(deps, asked);
  await deps.latch.clear(haltId);
  if (!asked.resume) return 'the fence is open; the bot is paused, as it did not trade before: npx bot resume';
  const outcome = await deps.bot.command('resume', { requestId: `${commandId}-resume`, reason, actor });
  if (outcome.kind === 'queued') throw nobodyAnswers();
  return `the fence is open; ${outcome.result.detail}`;
}

async function untilReleased({ bot, now, pulse }: Deps, { haltId, commandId, reason, actor, untilMs }: Release): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const outcome = await bot.order({ verb: 'release', haltId, requestId: `${commandId}-release-${attempt}`, reason, actor });
      if (outcome.kind === 'queued') throw nobodyAnswers();
      return;
    } catch (error) {
      if (!isBotError(error) || now() > untilMs) throw error;
      await pulse(ASK_AGAIN_MS);
    }
  }
}

function nobodyAnswers(): BotError {
  return new BotError(10006, 'no trading worker answers: trading stays fenced', { outcome: 'unknown', fix: 'start the trading worker: npx bot restart trading-worker' });
}
