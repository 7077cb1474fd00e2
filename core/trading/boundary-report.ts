/** What is known at one candle boundary: the account, the ledger's health, every strategy's signal. Plain JSON: it crosses workflow history. */
import type { ErrorCode } from '../errors/catalogue.js';
import type { Instrument } from '../market/instrument.js';
import type { Interval } from '../market/interval.js';
import type { Order, Position, Wallet } from '../orders/order.js';
import type { Latch } from '../ports/emergency-latch.js';
import type { Ticker } from '../ports/exchange.js';
import type { RiskLimits } from '../risk/risk-limits.js';
import type { Signal } from '../strategies/strategy.js';

export type StrategyFinding =
  | { kind: 'signal'; signal: Signal }
  /** disabled without an open trade, or this boundary is not a close of its interval */
  | { kind: 'not_due' }
  /** its candles could not be had, or it failed itself (10008) */
  | { kind: 'problem'; code: ErrorCode; message: string };

export interface StrategyReport {
  name: string;
  symbol: string;
  interval: Interval;
  enabled: boolean;
  /** operator: against the configuration */
  enabledBy: 'configuration' | 'operator';
  finding: StrategyFinding;
}

/** What an entry on a symbol is judged by. */
export interface SymbolReport {
  instrument: Instrument;
  ticker: Pick<Ticker, 'lastPrice' | 'markPrice'>;
  /** market time, ms; late by at most five minutes */
  nowMs: number;
}

export type LedgerHealth = { kind: 'level' } | { kind: 'behind'; message: string };

/** When candles are expected, as the newest configuration says. */
export interface BoundarySchedule {
  /** the finest interval of the enabled strategies, ms */
  lengthMs: number;
  /** a candle that was not announced so long after its close is asked for by REST (40006), host ms */
  overdueCheckMs: number;
}

export interface BoundaryReport {
  wallet: Wallet;
  positions: Position[];
  openOrders: Order[];
  ledger: LedgerHealth;
  limits: RiskLimits;
  schedule: BoundarySchedule;
  strategies: StrategyReport[];
  /** the emergency latch, null when it is not set or could not be read (whoever sends an order reads it again) */
  latch: Latch | null;
  /** by symbol, for the symbols with an entry signal */
  symbols: Record<string, SymbolReport>;
}
