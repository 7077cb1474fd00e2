/**
 * What the bot needs of an exchange. Types only; `adapters/bybit` implements it for every mode.
 *
 * Contract
 * 1. Every method has its own time-out and rejects only with `BotError`; nothing of the foreign client's errors passes.
 * 2. `BotError.outcome === 'unknown'` on submitOrder means: the order may exist, look it up by its order link id.
 * 3. Lists are complete (all pages) and ascending by time unless said otherwise.
 */
import type { DecimalString } from '../money/decimal.js';
import type { Candle } from '../market/candle.js';
import type { Instrument } from '../market/instrument.js';
import type { Interval } from '../market/interval.js';
import type { ApprovedOrder } from '../orders/approved-order.js';
import type { Execution, Order, Position, Wallet } from '../orders/order.js';

export interface Ticker {
  symbol: string;
  lastPrice: DecimalString;
  markPrice: DecimalString;
  indexPrice: DecimalString;
  fundingRate: DecimalString;
  nextFundingMs: number;
  /** exchange's reply time, ms */
  asOfMs: number;
}

export interface CandleRange {
  symbol: string;
  interval: Interval;
  /** first candle start, inclusive, ms; absent: the newest `limit` candles */
  fromMs?: number;
  /** last candle start, inclusive, ms */
  toMs?: number;
  /** at most this many candles in all, newest kept */
  limit: number;
}

export interface ExecutionRange {
  symbol?: string;
  orderLinkId?: string;
  /** inclusive, ms; spans longer than Bybit's 7 days are split by the adapter */
  fromMs: number;
  toMs?: number;
}

export interface TransactionLogEntry {
  id: string;
  symbol: string;
  type: string;
  /** change of the wallet in USDT: cash flow + funding − fee */
  change: DecimalString;
  cashFlow: DecimalString;
  funding: DecimalString;
  fee: DecimalString;
  cashBalance: DecimalString;
  tradeId: string;
  orderLinkId: string;
  atMs: number;
}

/** What one closing order came to, as the exchange books it. */
export interface ClosedPnl {
  symbol: string;
  /** of the closing order */
  orderId: string;
  leverage: DecimalString;
  /** USDT, after the fees of opening and closing, without funding */
  closedPnl: DecimalString;
  updatedMs: number;
}

export interface ApiKeyInfo {
  readOnly: boolean;
  /** for example { ContractTrade: ['Order', 'Position'], Wallet: [] } */
  permissions: Record<string, string[]>;
  boundIps: string[];
  /** ms, undefined when the key does not expire */
  expiresMs: number | undefined;
}

export interface MarketData {
  /** the exchange's clock, ms */
  serverTime(): Promise<number>;
  instruments(symbols: readonly string[]): Promise<Instrument[]>;
  tickers(symbols: readonly string[]): Promise<Ticker[]>;
  /** closed candles only (the forming one is dropped), ascending */
  closedCandles(range: CandleRange): Promise<Candle[]>;
}

export interface Account {
  wallet(): Promise<Wallet>;
  /** open positions of all USDT symbols; flat symbols are absent */
  positions(): Promise<Position[]>;
  openOrders(): Promise<Order[]>;
  /** by link id, in open, recent and historic orders; null when the exchange does not know it (which is no proof within recv_window of sending) */
  findOrder(query: { symbol: string; orderLinkId: string }): Promise<Order | null>;
  /** orders closed in the span, including those the exchange made itself */
  orderHistory(range: { symbol?: string; fromMs: number; toMs?: number }): Promise<Order[]>;
  executions(range: ExecutionRange): Promise<Execution[]>;
  transactions(range: { fromMs: number; toMs?: number }): Promise<TransactionLogEntry[]>;
  /** one row per closing order, of orders that closed in the span */
  closedPnl(range: { symbol?: string; fromMs: number; toMs?: number }): Promise<ClosedPnl[]>;
  apiKey(): Promise<ApiKeyInfo>;
}

export interface Acknowledgement {
  orderId: string;
  orderLinkId: string;
  /** true when the exchange refused a duplicate of our own earlier request (110072): the first one landed */
  alreadyKnown: boolean;
}

export interface Trading {
  /** an acknowledgement is not a fill: the outcome comes on the account stream and by findOrder */
  submitOrder(order: ApprovedOrder): Promise<Acknowledgement>;
  /** done also when the order is gone already; by the exchange's own id for orders that carry no link id */
  cancelOrder(query: { symbol: string; orderLinkId: string } | { symbol: string; orderId: string }): Promise<void>;
  cancelAllOrders(query?: { symbol: string }): Promise<number>;
  /** absolute prices for the whole position; done also when unchanged (34040) */
  setProtection(protection: { symbol: string; stopLoss: DecimalString; takeProfit?: DecimalString }): Promise<void>;
  /** done also when unchanged (110043) */
  setLeverage(symbol: string, leverage: DecimalString): Promise<void>;
  /** done also when unchanged (110025) */
  ensureOneWayMode(symbol: string): Promise<void>;
}

export type StreamState = 'connecting' | 'connected' | 'reconnecting' | 'closed';

export interface MarketStreamHandlers {
  candleClosed(candle: Candle): void;
  state(state: StreamState, reason: string): void;
  failed(error: Error): void;
}

export interface AccountStreamHandlers {
  executions(executions: Execution[]): void;
  orders(orders: Order[]): void;
  positions(positions: Position[]): void;
  wallet(wallet: Wallet): void;
  /** `connected` after `reconnecting` means: nothing was replayed, resync by REST */
  state(state: StreamState, reason: string): void;
  failed(error: Error): void;
}

export interface Stream {
  /** ms (host clock) of the last inbound frame of any kind, 0 before the first */
  lastMessageAtMs(): number;
  close(): Promise<void>;
}

export interface Streams {
  openMarketStream(topics: { symbol: string; interval: Interval }[], handlers: MarketStreamHandlers): Stream;
  openAccountStream(handlers: AccountStreamHandlers): Stream;
}

export interface Exchange extends MarketData, Account, Trading, Streams {
  /** releases sockets and agents */
  close(): Promise<void>;
}
