/**
 * Everything that callers and workflows share: ids, task queues, signals, queries, updates and the plain-JSON shapes
 * they carry. The API and the CLI import this file and nothing else of `workflows/`.
 */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { ErrorCode } from '../core/errors/catalogue.js';
import type { DecimalString } from '../core/money/decimal.js';
import type { ExitReason } from '../core/ports/ledger.js';
import type { Side } from '../core/orders/order.js';
import type { StrategyGates } from '../core/risk/gate.js';
import type { RiskLimits } from '../core/risk/risk-limits.js';
import type { Exposure } from '../core/risk/risk-state.js';
import type { RunbookStep } from '../core/runbooks/run.js';
import type { RestorableState } from '../core/snapshot/restorable.js';

export type { StrategyGates } from '../core/risk/gate.js';
export type { RunbookStep } from '../core/runbooks/run.js';

export const NAMESPACE_RETENTION_DAYS = 30;

export const TRADING_QUEUE = 'trading';
export const MAINTENANCE_QUEUE = 'maintenance';
/**
 * Of every workflow that somebody waits for. A worker that dies, or leaves, in the middle of a task delays the next task by as much;
 * a replay of the longest history on a busy machine must fit in. Temporal's default is 10 s.
 */
export const WORKFLOW_TASK_TIMEOUT_MS = 5_000;
/** Every worker process polls its own queue, so that a workflow can ask exactly that process to leave. */
export function controlQueue(service: string, instance: string): string {
  return `control-${service}-${instance}`;
}

export const BOT_WORKFLOW_TYPE = 'tradingBot';
export const TRADE_WORKFLOW_TYPE = 'trade';
export const FEED_WORKFLOW_TYPE = 'feedLease';
export const BOT_WORKFLOW_ID = 'trading-bot';
export const FEED_WORKFLOW_ID = 'feed-lease';
/** closes a position that no trade of ours holds */
export const CLOSING_WORKFLOW_TYPE = 'closePosition';
export const EMERGENCY_WORKFLOW_TYPE = 'emergencyShutdown';
/** of the runbook emergencyShutdown: there is one account */
export const EMERGENCY_WORKFLOW_ID = 'emergencyShutdown-account';
export function tradeWorkflowId(tradeId: string): string {
  return `trade-${tradeId}`;
}

/** Custom search attributes, all of type Keyword. */
export const SEARCH_ATTRIBUTES = { symbol: 'BotSymbol', strategy: 'BotStrategy', side: 'BotSide', state: 'BotState' } as const;

/** starting: has not yet agreed with the exchange · running · paused: no new entries, exits go on · stopped: no decisions, exchange-side stops stay */
export type Lifecycle = 'starting' | 'running' | 'paused' | 'stopped';

export interface CommandRequest {
  /** unique per request; the same id twice is one command */
  requestId: string;
  reason: string;
  /** who asked, for the audit trail */
  actor: string;
}

/** What an operator may order besides pause, resume and stop. */
export type BotOrder =
  /** a new loss budget from the present equity */
  | { verb: 'reset_daily_limits' }
  /** empty: all. Their candles are read anew and they are evaluated at the next boundary */
  | { verb: 'restart_strategies'; strategies: string[] }
  /** disabled: no entries, exits go on */
  | { verb: 'enable_strategy' | 'disable_strategy'; strategy: string }
  /** base coin; null: the whole position */
  | { verb: 'close_position'; symbol: string; qty: DecimalString | null }
  | { verb: 'close_all' }
  /** the emergency latch is set: lifecycle `stopped`, and no entry passes until released */
  | { verb: 'halt'; haltId: string }
  /** refused unless the bot agrees with the exchange; then lifecycle `paused` */
  | { verb: 'release'; haltId: string }
  /** from the next decision on, decide with this version of the configuration */
  | { verb: 'reconfigure'; configurationHash: string }
  /** take up a saved state; loosens nothing */
  | { verb: 'recall'; state: RestorableState };

export type BotCommand = BotOrder & CommandRequest;

export interface CommandResult {
  lifecycle: Lifecycle;
  /** false when what was asked for was so already */
  changed: boolean;
  /** plain words: what was done, with the numbers */
  detail: string;
  /** the workflows that do what takes longer than a moment */
  workflowIds: string[];
}

export interface BotStatus {
  lifecycle: Lifecycle;
  /** true when new entries may be made: running and in agreement with the exchange */
  tradingActive: boolean;
  /** the reason given with the last change of lifecycle */
  reason: string;
  /** ms, workflow time, of the last change of lifecycle */
  sinceMs: number;
  /** exchange ms: every candle up to this close has been dealt with; 0 before the first */
  decidedThroughMs: number;
  openTrades: { tradeId: string; strategy: string; symbol: string; side: Side; state: 'opening' | 'open' | 'closing' }[];
  /** plain words, present while the bot may not trade although it is running */
  blockedBecause: string | undefined;
  lastEquity: DecimalString | undefined;
  /** host ms of the last completed decision */
  lastDecisionAtMs: number;
  runs: number;
}

export interface RiskView {
  equity: DecimalString | undefined;
  dayStartMs: number;
  dayStartEquity: DecimalString | undefined;
  /** USDT, negative is a loss, since the start of the UTC day of trading time */
  dayPnl: DecimalString | undefined;
  openPositions: number;
  maxPositions: number;
  cooldownUntilMs: Record<string, number>;
  dailyLossLimitHit: boolean;
  /** exchange ms of the wallet that the figures are of; 0 before the first */
  asOfMs: number;
  limits: RiskLimits;
  /** equity from which today's losses are counted: the day's start, or that of the last reset */
  budgetStartEquity: DecimalString | undefined;
  /** USDT that may still be lost today; zero or less means that the limit is reached */
  dayLossBudget: DecimalString | undefined;
  /** end of the UTC day of trading time, ms; 0 before the first wallet */
  resetsAtMs: number;
  exposures: Exposure[];
  /** USDT: sum of the exposures' notionals */
  totalExposure: DecimalString;
  /** USDT */
  exposureCap: DecimalString | undefined;
  /** highest equity since the first start, or since the last acknowledged drawdown, USDT */
  peakEquity: DecimalString | undefined;
  drawdownPercent: DecimalString | undefined;
  maxDrawdownHit: boolean;
  halt: Halt | null;
  strategies: StrategyGates[];
}

/** The emergency latch as the bot obeys it. */
export interface Halt {
  haltId: string;
  /** workflow time, ms */
  atMs: number;
  reason: string;
}

export interface StrategyView {
  name: string;
  enabled: boolean;
  enabledBy: 'configuration' | 'operator';
  /** why it could not be evaluated at its last boundary */
  problem: { code: ErrorCode; message: string } | null;
  symbol: string;
  interval: string;
  lastEvaluatedMs: number;
  lastSignal: string;
  verdict: string;
  conditions: { name: string; value: string; wanted: string; met: boolean }[];
}

/** The feed's word: candles up to this close are available. Coalesced: one per boundary and batch of symbols. */
export interface CandlesClosed {
  closeMs: number;
  symbols: string[];
  /** host ms at which the feed received the last of them, for latency measurement */
  receivedAtMs: number;
}

/** The feed's word: something happened to the account on these symbols; ask the exchange. */
export interface AccountChanged {
  symbols: string[];
}

/** A trade's word to the bot: its entry is settled (open, or failed) or it is over. */
export interface TradeReport {
  tradeId: string;
  state: 'open' | 'closed' | 'failed';
  /** base coin: what the entry filled; what was asked for when it failed */
  qty: DecimalString;
  exitReason: ExitReason | undefined;
  /** exchange ms of the last exit fill */
  closedMs: number | undefined;
  realisedPnl: DecimalString | undefined;
  message: string;
}

export interface ExitRequest {
  requestId: string;
  reason: ExitReason;
  /** base coin: close this much and stay open with the rest; absent: the whole position */
  qty?: DecimalString;
}

export const pauseSignal = defineSignal<[CommandRequest?]>('pause');
export const resumeSignal = defineSignal<[CommandRequest?]>('resume');
export const stopSignal = defineSignal<[CommandRequest?]>('stop');
export const commandSignal = defineSignal<[BotCommand]>('command');
export const candlesClosedSignal = defineSignal<[CandlesClosed]>('candleClosed');
export const accountChangedSignal = defineSignal<[AccountChanged]>('accountChanged');
export const tradeClosedSignal = defineSignal<[TradeReport]>('tradeClosed');

export const pauseUpdate = defineUpdate<CommandResult, [CommandRequest]>('pause');
export const resumeUpdate = defineUpdate<CommandResult, [CommandRequest]>('resume');
export const stopUpdate = defineUpdate<CommandResult, [CommandRequest]>('stop');
/** Rejected with an ApplicationFailure of type `BotError` whose details are { code, message, fix }. */
export const commandUpdate = defineUpdate<CommandResult, [BotCommand]>('command');

export const statusQuery = defineQuery<BotStatus>('status');
export const riskQuery = defineQuery<RiskView>('risk');
export const strategiesQuery = defineQuery<StrategyView[]>('strategies');
export const internalStateQuery = defineQuery<Record<string, unknown>>('internalState');

/** All of the above, of one instant: the server holds only one query per workflow while that is busy, and four would wait for each other. */
export interface BotOverview {
  status: BotStatus;
  risk: RiskView;
  strategies: StrategyView[];
  internalState: Record<string, unknown>;
}

export const overviewQuery = defineQuery<BotOverview>('overview');

export const exitTradeSignal = defineSignal<[ExitRequest]>('exit');
/** A nudge: ask the exchange about this trade now. */
export const inspectTradeSignal = defineSignal('inspect');
export const tradeStateQuery = defineQuery<Record<string, unknown>>('tradeState');

/** What every runbook answers to the query `progress`. */
export interface RunbookProgress {
  steps: RunbookStep[];
  /** null while it runs */
  outcome: string | null;
}

export const progressQuery = defineQuery<RunbookProgress>('progress');
