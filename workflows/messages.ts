/**
 * Everything that callers and workflows share: ids, task queues, signals, queries, updates and the plain-JSON shapes
 * they carry. The API and the CLI import this file and nothing else of `workflows/`.
 */
import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { DecimalString } from '../core/money/decimal.js';
import type { ExitReason } from '../core/ports/ledger.js';
import type { Side } from '../core/orders/order.js';

export const NAMESPACE_RETENTION_DAYS = 30;

export const TRADING_QUEUE = 'trading';
export const MAINTENANCE_QUEUE = 'maintenance';
/** Every worker process polls its own queue, so that a workflow can ask exactly that process to leave. */
export function controlQueue(service: string, instance: string): string {
  return `control-${service}-${instance}`;
}

export const BOT_WORKFLOW_TYPE = 'tradingBot';
export const TRADE_WORKFLOW_TYPE = 'trade';
export const FEED_WORKFLOW_TYPE = 'feedLease';
export const BOT_WORKFLOW_ID = 'trading-bot';
export const FEED_WORKFLOW_ID = 'feed-lease';
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

export interface CommandResult {
  lifecycle: Lifecycle;
  /** false when the bot was in that state already */
  changed: boolean;
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
}

export interface StrategyView {
  name: string;
  enabled: boolean;
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
}

export const pauseSignal = defineSignal<[CommandRequest?]>('pause');
export const resumeSignal = defineSignal<[CommandRequest?]>('resume');
export const stopSignal = defineSignal<[CommandRequest?]>('stop');
export const candlesClosedSignal = defineSignal<[CandlesClosed]>('candleClosed');
export const accountChangedSignal = defineSignal<[AccountChanged]>('accountChanged');
export const tradeClosedSignal = defineSignal<[TradeReport]>('tradeClosed');

export const pauseUpdate = defineUpdate<CommandResult, [CommandRequest]>('pause');
export const resumeUpdate = defineUpdate<CommandResult, [CommandRequest]>('resume');
export const stopUpdate = defineUpdate<CommandResult, [CommandRequest]>('stop');

export const statusQuery = defineQuery<BotStatus>('status');
export const riskQuery = defineQuery<RiskView>('risk');
export const strategiesQuery = defineQuery<StrategyView[]>('strategies');
export const internalStateQuery = defineQuery<Record<string, unknown>>('internalState');

export const exitTradeSignal = defineSignal<[ExitRequest]>('exit');
/** A nudge: ask the exchange about this trade now. */
export const inspectTradeSignal = defineSignal('inspect');
export const tradeStateQuery = defineQuery<Record<string, unknown>>('tradeState');
