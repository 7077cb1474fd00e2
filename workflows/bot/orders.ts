/**
 * Obeys operators: every message that asks the bot for something comes through here.
 *
 * Invariants
 * 1. One request id is one command: whoever repeats it, by update or signal, during or after, gets the first answer.
 * 2. Orders change the state and reduce positions; only the loop enters. Closing waits for nothing that the bot is doing.
 * 3. What cannot be is refused with a code of the catalogue and changes nothing; a refused request may be sent again.
 */
import { BotError } from '../../core/errors/bot-error.js';
import { compareAccount } from '../../core/reconciliation/compare-account.js';
import { dailyLimitsReset } from '../../core/risk/risk-state.js';
import type { BotCommand, BotOrder, CommandRequest, CommandResult } from '../messages.js';
import { describeDisagreement } from './agreement-of.js';
import { reads } from './bot-activities.js';
import { COMMANDS_REMEMBERED_MAX, type BotState } from './bot-state.js';
import { Closings } from './closings.js';
import { applyLifecycle, change, followLimits } from './commands.js';
import { noteEvent, obeyLatch } from './notice.js';
import { recall } from './recall.js';
import { asRefusal } from './refusal.js';
import { orderStrategy, restartStrategies } from './strategy-orders.js';
import type { TradeDesk } from './trade-desk.js';

type LifecycleOrder = { verb: 'pause' | 'resume' | 'stop' };
export type AnyCommand = BotCommand | (LifecycleOrder & CommandRequest);
type Done = Omit<CommandResult, 'lifecycle' | 'workflowIds'> & Partial<Pick<CommandResult, 'lifecycle' | 'workflowIds'>>;

const LIFECYCLE_OF = { pause: 'paused', resume: 'running', stop: 'stopped' } as const;

export class Orders {
  private readonly underWay = new Map<string, Promise<CommandResult>>();
  private readonly closings: Closings;

  constructor(private readonly state: BotState, desk: TradeDesk) {
    this.closings = new Closings(state, desk);
  }

  async obey(command: AnyCommand): Promise<CommandResult> {
    assertCommand(command);
    const known = this.state.commands.find(({ requestId }) => requestId === command.requestId);
    if (known) return known.result;
    const running = this.underWay.get(command.requestId) ?? this.run(command);
    this.underWay.set(command.requestId, running);
    try {
      return await running;
    } finally {
      this.underWay.delete(command.requestId);
    }
  }

  private async run(command: AnyCommand): Promise<CommandResult> {
    try {
      const done = await this.dispatch(command);
      // what a change of lifecycle says of it stands: another command may have come while this one was awaited
      const result = { workflowIds: [], lifecycle: this.state.lifecycle, ...done };
      this.state.commands = [...this.state.commands, { requestId: command.requestId, result }].slice(-COMMANDS_REMEMBERED_MAX);
      return result;
    } catch (error) {
      throw asRefusal(error);
    }
  }

  private dispatch(command: AnyCommand): Done | Promise<Done> {
    const { state } = this;
    switch (command.verb) {
      case 'pause':
      case 'resume':
      case 'stop':
        return applyLifecycle(state, LIFECYCLE_OF[command.verb], { ...command, nowMs: Date.now() });
      case 'reset_daily_limits':
        return this.resetDailyLimits(command);
      case 'restart_strategies':
        return restartStrategies(state, command.strategies);
      case 'enable_strategy':
      case 'disable_strategy':
        return orderStrategy(state, { name: command.strategy, enabled: command.verb === 'enable_strategy' });
      case 'close_position':
        return this.closings.closeOne(command);
      case 'close_all':
        return this.closings.closeAll(command);
      case 'halt':
        return this.halt(command);
      case 'release':
        return this.release(command);
      case 'reconfigure':
        return this.reconfigure(command);
      case 'recall':
        return recall(state, command.state, Date.now());
    }
  }

  private resetDailyLimits({ requestId, reason, actor }: CommandRequest): Done {
    const { state } = this;
    const equity = state.lastWallet?.equity;
    if (equity === undefined) throw new BotError(40001, 'no wallet was seen yet: there is no equity to count losses from', { fix: 'wait until the first candle was dealt with' });
    const wasHit = state.risk.dailyLossLimitHit;
    state.risk = dailyLimitsReset(state.risk, equity);
    followLimits(state, Date.now());
    const detail = `${wasHit ? 'the daily loss limit was reached and is reset' : 'the daily loss budget is reset'}: ` +
      `${state.limits.dailyLossLimitPercent}% may be lost from ${equity} USDT on until the next UTC day${state.risk.maxDrawdownHit ? '; the maximum drawdown still holds' : ''}`;
    noteEvent(state, { eventId: `reset-daily-limits-${requestId}`, atMs: state.decidedThroughMs, code: null, message: `Daily limits reset by ${actor}: ${reason || 'no reason given'}; ${detail}` });
    return { changed: true, detail };
  }

  private halt({ haltId, reason, actor }: OrderOf<'halt'>): Done {
    const { state } = this;
    if (state.halt !== null) return { changed: false, detail: `the bot is halted already, by ${state.halt.haltId}` };
    if (state.releasedHaltId === haltId) return { changed: false, detail: `halt ${haltId} was released already` };
    obeyLatch(state, { haltId, reason, actor }, Date.now());
    return { changed: true, detail: `the bot is halted by ${haltId}: no entry passes until it is released` };
  }

  /** The exchange is asked anew: nobody should trade on after an emergency on what was true at the last candle. */
  private async release({ haltId, reason, actor }: OrderOf<'release'>): Promise<Done> {
    const { state } = this;
    if (state.halt === null) return { changed: false, detail: 'the bot is not halted' };
    assertHeldBy(state, haltId);
    const account = await reads.accountNow();
    // whoever hears no answer asks again, under another id: both may be under way
    if (state.halt === null && state.releasedHaltId === haltId) return { changed: false, detail: `halt ${haltId} was released meanwhile` };
    const disagreement = describeDisagreement(compareAccount({ openTrades: state.trades, ...account }));
    if (disagreement !== null) {
      throw new BotError(20009, `exchange and bot disagree: ${disagreement}`, { fix: 'close the positions that differ (POST /api/v1/positions/{symbol}/close), then release again' });
    }
    assertHeldBy(state, haltId);
    state.halt = null;
    state.releasedHaltId = haltId;
    change(state, { lifecycle: 'paused', pausedBy: 'operator' }, { reason: `emergency stop released: ${reason || 'no reason given'} (${actor})`, nowMs: Date.now() });
    noteEvent(state, { eventId: `release-${haltId}`, atMs: Date.now(), code: null, message: `Emergency stop ${haltId} released by ${actor}: ${reason || 'no reason given'}` });
    return { changed: true, detail: `halt ${haltId} is released; the bot is paused until it is resumed` };
  }

  private reconfigure({ configurationHash }: OrderOf<'reconfigure'>): Done {
    const changed = this.state.configurationHash !== configurationHash;
    this.state.configurationHash = configurationHash;
    return { changed, detail: `configuration ${configurationHash.slice(0, 12)} ${changed ? 'holds from the next decision on' : 'holds already'}` };
  }
}

const VERBS: Record<AnyCommand['verb'], true> = {
  pause: true, resume: true, stop: true, reset_daily_limits: true, restart_strategies: true, enable_strategy: true, disable_strategy: true,
  close_position: true, close_all: true, halt: true, release: true, reconfigure: true, recall: true,
};

/** Anybody can type a signal into the Temporal Web UI; what cannot be read must not stall the bot. */
function assertCommand(command: unknown): asserts command is AnyCommand {
  const { verb, requestId } = (command ?? {}) as Partial<Record<string, unknown>>;
  if (typeof requestId === 'string' && requestId !== '' && typeof verb === 'string' && Object.hasOwn(VERBS, verb)) return;
  throw asRefusal(new BotError(30004, 'a command needs a requestId and one of the verbs', { fix: `verbs: ${Object.keys(VERBS).join(', ')}` }));
}

type OrderOf<V extends BotOrder['verb']> = Extract<BotOrder, { verb: V }> & CommandRequest;

function assertHeldBy({ halt }: BotState, haltId: string): void {
  if (halt?.haltId === haltId) return;
  throw new BotError(10009, `the bot is halted by ${halt?.haltId ?? 'nothing'}, not by ${haltId}`, { fix: 'release the halt that GET /api/v1/bot/status names' });
}
