/**
 * What recovering and reconciling ask of the ledger beyond its daily work: what stands there of a span, and inserting
 * what does not. Types only; `adapters/postgres` implements it.
 *
 * Contract: nothing here overwrites a fact. Rows are inserted where they are missing; a trade is corrected only when it
 * still is what was read.
 */
import type { Interval } from '../market/interval.js';
import type { DecimalString } from '../money/decimal.js';
import type { Execution, Order, OrderStatus, Side } from '../orders/order.js';
import type { TradeRow } from './trade-row.js';

export interface RecordedExecution extends Execution {
  /** null: attributed to no trade */
  tradeId: string | null;
}

/** What the ledger last heard of an order. */
export interface RecordedOrder {
  orderId: string;
  orderLinkId: string;
  symbol: string;
  status: OrderStatus;
  cumExecQty: DecimalString;
  createdMs: number;
  updatedMs: number;
}

export interface RecordedIntent {
  orderLinkId: string;
  tradeId: string;
  kind: 'entry' | 'exit';
  purpose: string;
  symbol: string;
  side: Side;
  qty: DecimalString;
  /** null for exits, as takeProfit and leverage are */
  stopLoss: DecimalString | null;
  takeProfit: DecimalString | null;
  leverage: DecimalString | null;
  decidedMs: number;
}

/** Both ends inclusive, exchange ms. */
export interface MsRange {
  fromMs: number;
  toMs: number;
}

export interface HistoryLedger {
  /** of these, the ids that stand in `executions`, and those that stand in `funding` */
  knownExecutions(execIds: readonly string[]): Promise<{ executions: string[]; funding: string[] }>;
  /** ascending by time, sequence and id */
  executionsBetween(query: MsRange & { symbol?: string }): Promise<RecordedExecution[]>;
  /** symbols that have executions in the span */
  symbolsTraded(range: MsRange): Promise<string[]>;
  /** ms of the execution that opened what the symbol held right before the instant, by the ledger's own fills; null: it held nothing */
  heldSinceMs(symbol: string, atMs: number): Promise<number | null>;
  recordedOrders(orderIds: readonly string[]): Promise<RecordedOrder[]>;
  /** orders that the ledger believes to be open */
  ordersBelievedOpen(): Promise<RecordedOrder[]>;
  /** Says of an order that the exchange knows no more that it is gone. Nothing happens when the ledger has heard of it since. */
  markOrderGone(order: RecordedOrder, atMs: number): Promise<boolean>;
  ordersByLinkId(orderLinkIds: readonly string[]): Promise<Order[]>;
  /** orders with a link id, created in the span, that no intent announced */
  ordersWithoutIntent(range: MsRange): Promise<Order[]>;
  intentsOfTrades(tradeIds: readonly string[]): Promise<RecordedIntent[]>;
  /** inserts those that are missing; returns how many */
  recoverIntents(intents: readonly RecordedIntent[]): Promise<number>;
  candleStarts(query: MsRange & { symbol: string; interval: Interval }): Promise<number[]>;
  /** of the candles that stand in the ledger */
  candleIntervals(symbol: string): Promise<Interval[]>;
  tradesById(tradeIds: readonly string[]): Promise<TradeRow[]>;
  /** names that strategies have or had */
  strategyNamesEver(): Promise<string[]>;
  /** `expected` null: inserts where there is none. Else replaces the row while it still is `expected`. Returns whether it did. */
  correctTrade(expected: TradeRow | null, corrected: TradeRow): Promise<boolean>;
}
