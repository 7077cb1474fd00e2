/**
 * Restores a saved state. The bot judges what it takes of it (`workflows/bot/recall.ts`); here it is read, compared and sent.
 */
import { BotError, isBotError } from '../../../core/errors/bot-error.js';
import type { StateArchive } from '../../../core/ports/state-archive.js';
import type { PlanFindings } from '../../../core/runbooks/plan.js';
import type { RestoreStateParams } from '../../../core/runbooks/restore-state.js';
import { readSnapshot, type ReadableSnapshot } from '../../../core/snapshot/restorable.js';
import type { Logger } from '../../../core/ports/logger.js';
import type { BotCommand, CommandRequest, CommandResult } from '../../../workflows/messages.js';
import { withActivityFailures } from '../../failure.js';
import { planned, type PlanDependencies } from '../framework/planned.js';

export interface RestoreStateDependencies extends PlanDependencies {
  states: StateArchive;
  /** rejects with 10006 when no worker answers */
  bot: {
    internalState(): Promise<Record<string, unknown>>;
    order(command: BotCommand): Promise<{ kind: 'applied'; result: CommandResult } | { kind: 'queued' }>;
  };
  /** paper, demo, testnet or live */
  mode: string;
  logger: Logger;
}

export type RestoreStateActivities = ReturnType<typeof createRestoreStateActivities>;

export function createRestoreStateActivities(deps: RestoreStateDependencies) {
  return withActivityFailures({
    planRestoreState: planned('restoreState', deps, (params) => findings(deps, params)),
    restoreState: (request: { params: RestoreStateParams; command: CommandRequest }) => restoreState(deps, request),
  }, deps.logger);
}

async function findings(deps: RestoreStateDependencies, params: RestoreStateParams): Promise<PlanFindings> {
  try {
    const { file, snapshot } = await readFitting(deps, params);
    const { state, takenAt } = snapshot;
    return {
      targets: ['the bot', `snapshot ${file} of ${takenAt}`],
      effects: [
        `strategies as an operator switched them: ${Object.entries(state.overrides).map(([name, enabled]) => `${name} ${enabled ? 'on' : 'off'}`).join(', ') || 'none was'}`,
        state.lifecycle === 'paused' || state.lifecycle === 'stopped' ? `the bot is ${state.lifecycle}: ${state.reason}` : 'the bot goes on as it does now: a saved state never starts trading',
        `the day's start equity ${state.risk.dayStartEquity ?? 'is not known'}, ${Object.keys(state.risk.cooldownUntilMs).length} cooldowns, loss limits that were hit; of two words the stricter one holds`,
        'positions, trades and balances stay as exchange and ledger have them',
      ],
      warnings: [], refusals: [], found: { file },
    };
  } catch (error) {
    if (!isBotError(error)) throw error;
    return { targets: ['the bot'], effects: [], warnings: [], refusals: [`${error.message}${error.fix === '' ? '' : `: ${error.fix}`}`], found: { file: params.file } };
  }
}

async function restoreState(deps: RestoreStateDependencies, { params, command }: { params: RestoreStateParams; command: CommandRequest }): Promise<{ file: string; detail: string }> {
  const { file, snapshot } = await readFitting(deps, params);
  const outcome = await deps.bot.order({ verb: 'recall', state: snapshot.state, ...command });
  if (outcome.kind === 'queued') throw new BotError(10006, 'no trading worker answers: the state is put back as soon as one does', { outcome: 'unknown', fix: 'npx bot restart trading-worker' });
  return { file, detail: outcome.result.detail };
}

/** Rejects with 40004 (no such file), 40003 (not readable), 10002 (of another mode or configuration). */
async function readFitting({ states, mode, bot }: RestoreStateDependencies, { file: wanted, other_configuration: accepted }: RestoreStateParams): Promise<{ file: string; snapshot: ReadableSnapshot }> {
  const { file, text } = await states.read(wanted);
  const snapshot = readSnapshot(text);
  if ('problem' in snapshot) throw new BotError(40003, `${file} is no snapshot that this program reads: ${snapshot.problem}`, { retryable: false, fix: 'name another one of the folder state/' });
  if (snapshot.mode !== mode) throw new BotError(10002, `${file} was taken in mode ${snapshot.mode}, this is ${mode}`, { fix: 'name a snapshot of this account' });
  const { configurationHash: inForce } = await bot.internalState();
  const differs = typeof inForce === 'string' && snapshot.configurationHash !== null && snapshot.configurationHash !== inForce;
  if (differs && !accepted) throw new BotError(10002, `${file} was taken with another configuration (${snapshot.configurationHash?.slice(0, 12) ?? ''}) than the bot decides with`, { fix: 'load that configuration, or ask with other_configuration' });
  return { file, snapshot };
}
