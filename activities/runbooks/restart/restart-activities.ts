/**
 * The steps of a graceful restart that ask or order something. Each can be repeated: commands carry the id of the run, waiting
 * and asking change nothing.
 */
import { BotError, isBotError } from '../../../core/errors/bot-error.js';
import type { BotMemory } from '../../../core/ports/bot-memory.js';
import { BOT_STATE_NAME } from '../../../core/ports/bot-memory.js';
import type { CommandRequest, Lifecycle } from '../../../workflows/messages.js';
import { withActivityFailures } from '../../failure.js';
import { planned } from '../framework/planned.js';
import { saveWhatCanBeHad } from '../state/state-activities.js';
import type { RestartDependencies } from './restart-dependencies.js';
import { findInstances, planRestart } from './restart-plan.js';
import { untilDecided, untilHealthy, untilQuiet } from './restart-waits.js';

/** What the bot is doing before anything is touched. null: nobody can say */
export interface Standing {
  lifecycle: Lifecycle | null;
  detail: string;
}

export type RestartActivities = ReturnType<typeof createRestartActivities>;

export function createRestartActivities(deps: RestartDependencies) {
  return withActivityFailures({
    planGracefulRestart: planned('gracefulRestart', deps, (params) => planRestart(deps, params)),
    findInstances: findInstances(deps),
    botStanding: () => standing(deps),
    pauseTrading: (request: CommandRequest) => pause(deps, request),
    resumeTrading: (request: { pausedFor: string; command: CommandRequest }) => resume(deps, request),
    awaitQuiet: untilQuiet(deps),
    saveStateForRestart: (request: { actor: string; reason: string }) => saveWhatCanBeHad(deps.state, request),
    awaitHealth: untilHealthy(deps),
    awaitDecision: untilDecided(deps),
  }, deps.logger);
}

async function standing({ bot, ledger }: RestartDependencies): Promise<Standing> {
  try {
    const { lifecycle, reason } = await bot.status();
    return { lifecycle, detail: `${lifecycle}: ${reason}` };
  } catch (error) {
    if (!isBotError(error)) throw error;
    return { lifecycle: await rememberedLifecycle(ledger), detail: error.message };
  }
}

/** What the bot last wrote of itself. */
async function rememberedLifecycle(ledger: RestartDependencies['ledger']): Promise<Lifecycle | null> {
  try {
    const memory = (await (await ledger()).state(BOT_STATE_NAME)) as BotMemory | null;
    return memory?.lifecycle ?? null;
  } catch (error) {
    if (!isBotError(error)) throw error;
    return null;
  }
}

async function pause({ bot }: RestartDependencies, request: CommandRequest): Promise<string> {
  const outcome = await bot.command('pause', request);
  return outcome.kind === 'applied' ? `${outcome.result.detail}; exits go on` : 'no trading worker answers: the bot pauses as soon as one does, before it decides anything';
}

/** Takes back this restart's own pause. Whoever paused, stopped or halted the bot meanwhile is obeyed. */
async function resume({ bot }: RestartDependencies, { pausedFor, command }: { pausedFor: string; command: CommandRequest }): Promise<{ resumed: boolean; detail: string }> {
  const { lifecycle, reason } = await bot.status();
  if (lifecycle === 'running') return { resumed: true, detail: 'the bot is running' };
  if (lifecycle !== 'paused' || reason !== pausedFor) return { resumed: false, detail: `not resumed: the bot is ${lifecycle} for another reason: ${reason}` };
  const outcome = await bot.command('resume', command);
  if (outcome.kind === 'queued') throw new BotError(10006, 'no trading worker answers: the bot could not be resumed', { outcome: 'unknown' });
  const { result } = outcome;
  return { resumed: result.lifecycle === 'running', detail: result.detail };
}
