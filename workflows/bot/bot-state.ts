/**
 * Everything the bot carries from run to run, as plain JSON (no Map, no Date, no class), with a version of its own.
 */
import type { BotEvent, KnownStrategy, RecoveredBot } from '../../activities/decision/decision-activities.js';
import type { DecimalString } from '../../core/money/decimal.js';
import type { Position, Wallet } from '../../core/orders/order.js';
import type { BotMemory } from '../../core/ports/bot-memory.js';
import type { TradeRow } from '../../core/ports/ledger.js';
import { CUSTOMARY_TOLERANCES, type RiskLimits } from '../../core/risk/risk-limits.js';
import { initialRiskState, type RiskState } from '../../core/risk/risk-state.js';
import type { PausedBy } from '../../core/risk/self-pause.js';
import type { BoundarySchedule } from '../../core/trading/boundary-report.js';
import type { StrategyTrade } from '../../core/trading/decide-boundary.js';
import type { CommandResult, Halt, Lifecycle, StrategyView } from '../messages.js';

export interface BotTrade extends StrategyTrade {
  stopLoss: DecimalString;
  takeProfit: DecimalString | null;
  /** close of the candle the entry was decided on, exchange ms */
  decidedMs: number;
  referencePrice: DecimalString;
}

/** A decision that was made but not yet written, because the ledger was away. */
export interface UnrecordedDecision {
  decidedThroughMs: number;
  evaluations: Record<string, unknown>[];
  wallet: Wallet | null;
}

export interface BotState {
  v: 1;
  lifecycle: Lifecycle;
  /** who paused it; null while it is not paused */
  pausedBy: PausedBy | null;
  reason: string;
  /** workflow time of the last change of lifecycle, ms */
  sinceMs: number;
  /** exchange ms: every boundary up to this one has been dealt with */
  decidedThroughMs: number;
  /** exchange ms: the newest boundary that the feed has spoken of */
  announcedMs: number;
  /** host ms at which the feed had the newest boundary's candles */
  receivedAtMs: number;
  schedule: BoundarySchedule;
  trades: BotTrade[];
  risk: RiskState;
  /** of the newest configuration that a worker decided with */
  limits: RiskLimits;
  /** the risk state as it was last written to the ledger, as JSON text */
  savedMemory: string;
  views: StrategyView[];
  lastWallet: Wallet | null;
  /** open positions of the account at the newest decision */
  lastPositions: Pick<Position, 'symbol' | 'size' | 'positionValue'>[];
  lastDecisionAtMs: number;
  blockedBecause: string | null;
  /** the ledger was level with the exchange once: an empty one is a loss, not a first start */
  ledgerWasOpened: boolean;
  /** what an operator ordered against the configuration: enabled or not, by strategy */
  overrides: Record<string, boolean>;
  /** strategies whose candles the next evaluation reads anew */
  forget: string[];
  halt: Halt | null;
  /** the halt that was released last: its latch may still be set for a moment */
  releasedHaltId: string | null;
  /** the version of the configuration that every decision is made with; null: the one the workers started with */
  configurationHash: string | null;
  unrecorded: UnrecordedDecision | null;
  /** not yet written, because the ledger was away */
  events: BotEvent[];
  /** results of the newest commands by request id, so that a repeated request is one command */
  commands: { requestId: string; result: CommandResult }[];
  runs: number;
}

export const COMMANDS_REMEMBERED_MAX = 200;
/** While the ledger is away; the log has them all. */
export const EVENTS_WAITING_MAX = 100;

/** A bot's state at its very first run, or rebuilt from the ledger when Temporal's history was lost. */
export function botStateFrom(recovered: RecoveredBot, nowMs: number): BotState {
  const { memory } = recovered;
  return {
    v: 1,
    lifecycle: memory?.lifecycle ?? 'starting',
    pausedBy: memory?.pausedBy ?? (memory?.lifecycle === 'paused' ? 'operator' : null),
    reason: memory?.reason ?? 'first start',
    sinceMs: nowMs,
    decidedThroughMs: recovered.decidedThroughMs,
    announcedMs: 0,
    receivedAtMs: 0,
    schedule: recovered.schedule,
    trades: recovered.openTrades.map(tradeFromRow),
    risk: { ...initialRiskState(), ...memory?.risk },
    limits: recovered.limits,
    savedMemory: '',
    views: recovered.strategies.map((strategy) => viewOf(strategy, memory?.overrides ?? {})),
    lastWallet: null, lastPositions: [], lastDecisionAtMs: 0, blockedBecause: null, ledgerWasOpened: false, unrecorded: null, events: [], commands: [], runs: 0,
    overrides: memory?.overrides ?? {}, forget: [], halt: memory?.halt ?? null, releasedHaltId: memory?.releasedHaltId ?? null,
    configurationHash: memory?.configurationHash ?? null,
  };
}

/** Completes a state that an earlier version of this program has carried over: what it did not know yet is as at a first start. */
export function completed(carried: BotState): BotState {
  const earlier: Partial<BotState> = carried;
  return {
    ...carried,
    pausedBy: earlier.pausedBy ?? (carried.lifecycle === 'paused' ? 'operator' : null),
    receivedAtMs: earlier.receivedAtMs ?? 0,
    risk: { ...initialRiskState(), ...carried.risk },
    limits: { ...CUSTOMARY_TOLERANCES, ...carried.limits },
    views: carried.views.map((view) => ({ ...NO_OVERRIDE, ...view })),
    lastPositions: earlier.lastPositions ?? [],
    ledgerWasOpened: earlier.ledgerWasOpened ?? false,
    overrides: earlier.overrides ?? {},
    forget: earlier.forget ?? [],
    halt: earlier.halt ?? null,
    releasedHaltId: earlier.releasedHaltId ?? null,
    configurationHash: earlier.configurationHash ?? null,
    events: earlier.events ?? [],
  };
}

const NO_OVERRIDE = { enabledBy: 'configuration', problem: null } as const;

/** A strategy that is known and was not evaluated yet. */
function viewOf({ name, symbol, interval, enabled }: KnownStrategy, overrides: Record<string, boolean>): StrategyView {
  const ordered = overrides[name] ?? enabled;
  return {
    name, symbol, interval, enabled: ordered, enabledBy: ordered === enabled ? 'configuration' : 'operator', problem: null,
    lastEvaluatedMs: 0, lastSignal: 'none', verdict: 'not evaluated yet', conditions: [],
  };
}

/** The bot's view of a trade that the ledger knows. */
function tradeFromRow(row: TradeRow): BotTrade {
  const { tradeId, strategy, symbol, side, qty, stopLoss, takeProfit, decidedMs, referencePrice } = row;
  const state = row.state === 'intended' ? 'opening' : row.state === 'closing' ? 'closing' : 'open';
  return { tradeId, strategy, symbol, side, qty, stopLoss, takeProfit, decidedMs, referencePrice, state };
}

/** What must survive a lost Temporal history. */
export function memoryOf(state: BotState): BotMemory {
  const { lifecycle, reason, pausedBy, risk, overrides, halt, releasedHaltId, configurationHash } = state;
  return { lifecycle, reason, pausedBy, risk, overrides, halt, releasedHaltId, configurationHash };
}
