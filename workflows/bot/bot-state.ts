/**
 * Everything the bot carries from run to run, as plain JSON (no Map, no Date, no class), with a version of its own.
 */
import type { RecoveredBot } from '../../activities/decision/decision-activities.js';
import type { DecimalString } from '../../core/money/decimal.js';
import type { Wallet } from '../../core/orders/order.js';
import type { BotMemory } from '../../core/ports/bot-memory.js';
import type { TradeRow } from '../../core/ports/ledger.js';
import type { RiskLimits } from '../../core/risk/risk-limits.js';
import { initialRiskState, type RiskState } from '../../core/risk/risk-state.js';
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
  reason: string;
  /** workflow time of the last change of lifecycle, ms */
  sinceMs: number;
  /** exchange ms: every boundary up to this one has been dealt with */
  decidedThroughMs: number;
  /** exchange ms: the newest boundary that the feed has spoken of */
  announcedMs: number;
  schedule: BoundarySchedule;
  trades: BotTrade[];
  risk: RiskState;
  /** of the newest configuration that a worker decided with */
  limits: RiskLimits;
  /** the risk state as it was last written to the ledger, as JSON text */
  savedMemory: string;
  views: StrategyView[];
  lastWallet: Wallet | null;
  lastDecisionAtMs: number;
  blockedBecause: string | null;
  /** what an operator ordered against the configuration: enabled or not, by strategy */
  overrides: Record<string, boolean>;
  /** strategies whose candles the next evaluation reads anew */
  forget: string[];
  halt: Halt | null;
  /** the version of the configuration that every decision is made with; null: the one the workers started with */
  configurationHash: string | null;
  unrecorded: UnrecordedDecision | null;
  /** results of the newest commands by request id, so that a repeated request is one command */
  commands: { requestId: string; result: CommandResult }[];
  runs: number;
}

export const COMMANDS_REMEMBERED_MAX = 200;

/** A bot's state at its very first run, or rebuilt from the ledger when Temporal's history was lost. */
export function botStateFrom(recovered: RecoveredBot, nowMs: number): BotState {
  const { memory } = recovered;
  return {
    v: 1,
    lifecycle: memory?.lifecycle ?? 'starting',
    reason: memory?.reason ?? 'first start',
    sinceMs: nowMs,
    decidedThroughMs: recovered.decidedThroughMs,
    announcedMs: 0,
    schedule: recovered.schedule,
    trades: recovered.openTrades.map(tradeFromRow),
    risk: memory?.risk ?? initialRiskState(),
    limits: recovered.limits,
    savedMemory: '',
    views: [], lastWallet: null, lastDecisionAtMs: 0, blockedBecause: null, unrecorded: null, commands: [], runs: 0,
    overrides: memory?.overrides ?? {}, forget: [], halt: memory?.halt ?? null, configurationHash: memory?.configurationHash ?? null,
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
  const { lifecycle, reason, risk, overrides, halt, configurationHash } = state;
  return { lifecycle, reason, risk, overrides, halt, configurationHash };
}
