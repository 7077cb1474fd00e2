/** What is asked of risk about an entry, and what it answers. Plain JSON on both sides. */
import type { ErrorCode } from '../errors/catalogue.js';
import type { Instrument } from '../market/instrument.js';
import type { DecimalString } from '../money/decimal.js';
import type { ApprovedEntry } from '../orders/approved-order.js';
import type { Position, Wallet } from '../orders/order.js';
import type { Ticker } from '../ports/exchange.js';
import type { Agreement } from '../reconciliation/agreement.js';
import type { Signal } from '../strategies/strategy.js';
import type { RiskLimits } from './risk-limits.js';
import type { Exposure, RiskState } from './risk-state.js';

export interface EntryInput {
  strategy: string;
  symbol: string;
  signal: Extract<Signal, { kind: 'enter' }>;
  /** close of the candle that the signal was decided on, exchange ms */
  decidedMs: number;
  /** exchange time, ms */
  nowMs: number;
  lifecycle: 'starting' | 'running' | 'paused' | 'stopped';
  agreement: Agreement;
  state: RiskState;
  limits: RiskLimits;
  /** undefined when the exchange does not list the symbol */
  instrument: Instrument | undefined;
  ticker: Pick<Ticker, 'lastPrice' | 'markPrice'>;
  wallet: Pick<Wallet, 'equity' | 'available' | 'asOfMs'>;
  /** all open positions of the account */
  positions: readonly Pick<Position, 'symbol' | 'size' | 'positionValue'>[];
}

/** The rules in the order in which they are asked; the first that refuses gives the answer. */
export type EntryRule =
  | 'lifecycle' | 'agreement' | 'fresh_data' | 'instrument' | 'daily_loss_limit' | 'max_drawdown' | 'cooldown'
  | 'one_position_per_symbol' | 'max_positions' | 'price_sanity' | 'stop_required' | 'take_profit' | 'order_size' | 'leverage'
  | 'max_symbol_exposure' | 'max_total_exposure' | 'daily_loss_budget' | 'margin';

export interface Refusal {
  kind: 'refused';
  code: ErrorCode;
  rule: EntryRule;
  /** plain words with the numbers that were compared */
  message: string;
}

export interface Approval {
  kind: 'approved';
  order: ApprovedEntry;
  exposure: Exposure;
  /** USDT at the worst entry price allowed */
  notional: DecimalString;
  /** USDT lost when the stop is hit */
  riskAtStop: DecimalString;
}

/** `state` is the risk state to go on with: the day rolled, and, when approved, the room reserved. */
export type EntryVerdict = (Refusal | Approval) & { state: RiskState };
