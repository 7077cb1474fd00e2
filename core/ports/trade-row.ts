/** A trade as its row in the ledger holds it: plain JSON, the whole of it written at once. Types only. */
import type { ErrorCode } from '../errors/catalogue.js';
import type { DecimalString } from '../money/decimal.js';
import type { Side } from '../orders/order.js';

/** intended: recorded, nothing known of the exchange yet · open: filled and protected · failed: never opened a position */
export type TradeState = 'intended' | 'open' | 'closing' | 'closed' | 'failed';
export type ExitReason = 'stop_loss' | 'take_profit' | 'signal' | 'operator' | 'emergency' | 'liquidation' | 'unprotected' | 'external';

export interface TradeRow {
  tradeId: string;
  strategy: string;
  symbol: string;
  side: Side;
  state: TradeState;
  /** close of the candle the entry was decided on, exchange ms */
  decidedMs: number;
  referencePrice: DecimalString;
  /** base coin: asked for while intended, still open while open or closing, filled by the entry once it is over */
  qty: DecimalString;
  leverage: DecimalString;
  stopLoss: DecimalString;
  takeProfit: DecimalString | null;
  entryPrice: DecimalString | null;
  exitPrice: DecimalString | null;
  openedMs: number | null;
  closedMs: number | null;
  exitReason: ExitReason | null;
  /** USDT before fees and funding */
  grossPnl: DecimalString | null;
  fees: DecimalString | null;
  /** USDT, positive is a cost */
  funding: DecimalString | null;
  /** grossPnl − fees − funding */
  realisedPnl: DecimalString | null;
  /** catalogue code of a failed trade */
  errorCode: ErrorCode | null;
  errorMessage: string | null;
  workflowId: string;
  /** null for trades of versions that did not measure them */
  timings: TradeTimings | null;
}

/** How an entry came about, host ms but for the candle's close. null: not there yet, or lost with the worker that saw it. */
export interface TradeTimings {
  /** exchange ms */
  candleCloseMs: number;
  /** the feed had the last candle of the boundary */
  receivedAtMs: number;
  decidedAtMs: number;
  sentAtMs: number | null;
  acknowledgedAtMs: number | null;
  /** the order was seen filled */
  filledAtMs: number | null;
}
