/**
 * What the bot needs of its ledger. Types only; `adapters/postgres` implements it.
 *
 * Contract
 * 1. Every write is idempotent by the natural id of what it writes: repeating it changes nothing.
 * 2. Rejects only with `BotError`: 10003 when the database cannot be reached, 40008 when a write failed.
 * 3. Facts of the exchange (executions, funding, orders) are inserted once and never overwritten by older facts.
 */
import type { Candle } from '../market/candle.js';
import type { Interval } from '../market/interval.js';
import type { ApprovedOrder } from '../orders/approved-order.js';
import type { Execution, Order, Position, Wallet } from '../orders/order.js';
import type { ErrorCode, Severity } from '../errors/catalogue.js';
import type { AnalyticsLedger } from './analytics-ledger.js';
import type { ProcessReport } from './process-report.js';
import type { DatabaseWatch } from './database-watch.js';
import type { ErrorLedger } from './error-ledger.js';
import type { HistoryLedger } from './history-ledger.js';
import type { RunbookLedger } from './runbook-ledger.js';
import type { TradeRow } from './trade-row.js';

export type { ExitReason, TradeRow, TradeState, TradeTimings } from './trade-row.js';

export interface OrderIntent {
  order: ApprovedOrder;
  /** why this order: entry, signal, stop_loss … */
  purpose: string;
  /** exchange ms of the decision */
  decidedMs: number;
}

export interface EventRow {
  /** natural id: writing the same event twice keeps one row */
  eventId: string;
  /** ms; exchange time where there is one */
  atMs: number;
  code: ErrorCode | null;
  severity: Severity;
  source: string;
  message: string;
  context: Record<string, unknown>;
}

export interface AuditRow {
  auditId: string;
  atMs: number;
  who: string;
  fromAddress: string;
  what: string;
  reason: string;
  outcome: string;
  detail: Record<string, unknown>;
}

export interface StrategyRow {
  name: string;
  enabled: boolean;
  symbol: string;
  interval: Interval;
  parameters: Record<string, unknown>;
}

/** One decision of the bot: everything up to this candle close has been dealt with. */
export interface DecisionRow {
  decidedThroughMs: number;
  lifecycle: string;
  /** one entry per strategy: signal, conditions, risk verdict */
  evaluations: Record<string, unknown>[];
  wallet: Wallet | null;
}

export interface LedgerWriter {
  saveCandles(candles: readonly Candle[]): Promise<void>;
  /** inserts unknown executions (funding payments also into `funding`) and attributes them to a trade when one is named; returns how many were new */
  saveExecutions(executions: readonly Execution[], tradeId?: string): Promise<number>;
  /** the exchange's newest word on each order wins, by update time */
  saveOrders(orders: readonly Order[]): Promise<void>;
  savePositions(positions: readonly Position[], options: { asOfMs: number; complete: boolean }): Promise<void>;
  /** a point of the equity curve, at an instant of trading time */
  saveEquity(wallet: Wallet, source: string): Promise<void>;
  /** the newest reading of the wallet, by the exchange's reply time; replaces the one before */
  saveWallet(wallet: Wallet): Promise<void>;
  saveIntent(intent: OrderIntent): Promise<void>;
  /** whole row by trade id; a closed or failed trade is never reopened */
  saveTrade(trade: TradeRow): Promise<void>;
  saveStrategies(strategies: readonly StrategyRow[]): Promise<void>;
  /** records the decision and, in the same transaction, notifies channel `decided` with the ms as payload */
  saveDecision(decision: DecisionRow): Promise<void>;
  /** small JSON documents by name: lifecycle and risk state that must survive a lost Temporal file */
  saveState(name: string, state: Record<string, unknown>): Promise<void>;
  /** deletes documents of that prefix: those last changed before the instant (host ms), and the oldest beyond the newest `keep` */
  forgetStates(which: { prefix: string; beforeMs: number; keep: number }): Promise<void>;
  saveEvent(event: EventRow): Promise<void>;
  saveAudit(audit: AuditRow): Promise<void>;
}

export interface LedgerReader {
  candles(query: { symbol: string; interval: Interval; untilMs: number; limit: number }): Promise<Candle[]>;
  latestCandle(symbol: string, interval: Interval): Promise<Candle | null>;
  /** ms of the newest execution, 0 when there is none */
  newestExecutionMs(): Promise<number>;
  executionsOf(query: { symbol?: string; tradeId?: string; fromMs: number }): Promise<Execution[]>;
  trade(tradeId: string): Promise<TradeRow | null>;
  openTrades(): Promise<TradeRow[]>;
  /** newest first */
  tradesSince(sinceMs: number, limit: number): Promise<TradeRow[]>;
  lastTradeMs(): Promise<number | null>;
  positions(): Promise<{ position: Position; asOfMs: number }[]>;
  latestWallet(): Promise<Wallet | null>;
  latestEquity(): Promise<{ wallet: Wallet; source: string } | null>;
  /** first equity row at or after the instant: the start equity of a UTC day */
  equityAtOrAfter(atMs: number): Promise<Wallet | null>;
  decidedThroughMs(): Promise<number>;
  latestDecision(): Promise<DecisionRow | null>;
  state(name: string): Promise<Record<string, unknown> | null>;
  /** what each process last said of itself, the newest first; those of processes that are gone included */
  processReports(): Promise<ProcessReport[]>;
  /** rejects with 10003 when the database does not answer */
  ping(): Promise<{ latencyMs: number; serverVersion: string }>;
}

export interface Ledger extends LedgerReader, LedgerWriter, ErrorLedger, AnalyticsLedger, RunbookLedger, HistoryLedger, DatabaseWatch {
  close(): Promise<void>;
}
