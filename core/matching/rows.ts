/** The rows that the simulated exchange keeps and shows, and the terms they are written in. Types only. */
import type { DecimalString } from '../money/decimal.js';
import type { Execution, Order, OrderType, Side } from '../orders/order.js';

export type TimeInForce = 'GTC' | 'IOC' | 'FOK' | 'PostOnly';
export type TriggerBy = 'LastPrice' | 'MarkPrice' | 'IndexPrice';
/** 0 none, 1 the price rises to the trigger, 2 it falls to it */
export type TriggerDirection = 0 | 1 | 2;
export type TpslMode = 'Full' | 'Partial';
/** 0 one-way, 3 hedge (accepted as a setting, but every order is refused while it is on) */
export type PositionMode = 0 | 3;
/** Splits fills into a deterministic number of parts (2..maxParts) with sizes drawn from the seed and the order id. */
export interface PartialFillPlan {
  seed: number;
  maxParts: number;
  /** an immediate (market, IOC) order does not get its last part: it ends Cancelled with a filled quantity */
  cancelRemainder?: boolean;
}

/** Everything of a Bybit order row that is not constant. '' where Bybit says '', '0' where it says "0". */
export interface OrderRow extends Order {
  /** position in the symbol's own order of arrival, from 1 */
  arrival: number;
  leavesQty: DecimalString;
  leavesValue: DecimalString;
  timeInForce: TimeInForce;
  triggerDirection: TriggerDirection;
  triggerBy: TriggerBy | '';
  tpTriggerBy: TriggerBy | '';
  slTriggerBy: TriggerBy | '';
  tpslMode: TpslMode | '';
  closeOnTrigger: boolean;
  lastPriceOnCreated: DecimalString;
  slippageToleranceType: 'TickSize' | 'Percent' | 'UNKNOWN';
  slippageTolerance: DecimalString;
  /** realised profit of this order's fills before fees, USDT */
  closedPnl: DecimalString;
  /** number of fills so far */
  fillCount: number;
  /** how much of the filled quantity opened a position; its first opening fill attaches the protection */
  openedQty: DecimalString;
  partialFills: PartialFillPlan | null;
}

export interface ExecutionRow extends Execution {
  orderPrice: DecimalString;
  orderQty: DecimalString;
  leavesQty: DecimalString;
  /** UNKNOWN for funding */
  orderType: OrderType | 'UNKNOWN';
  indexPrice: DecimalString;
  /** realised profit of this fill before fees, USDT */
  execPnl: DecimalString;
}

/** One row per closing order, grown by its fills: closedPnl = exit − entry value in the trade's direction − both fees. */
export interface ClosedPnlRow {
  symbol: string;
  orderId: string;
  /** of the closing order */
  side: Side;
  qty: DecimalString;
  orderPrice: DecimalString;
  orderType: OrderType;
  execType: 'Trade' | 'BustTrade';
  closedSize: DecimalString;
  cumEntryValue: DecimalString;
  avgEntryPrice: DecimalString;
  cumExitValue: DecimalString;
  avgExitPrice: DecimalString;
  closedPnl: DecimalString;
  fillCount: number;
  leverage: DecimalString;
  openFee: DecimalString;
  closeFee: DecimalString;
  createdMs: number;
  updatedMs: number;
}

export interface TransactionRow {
  id: string;
  symbol: string;
  side: Side | 'None';
  type: 'TRADE' | 'SETTLEMENT' | 'LIQUIDATION' | 'TRANSFER_IN' | 'TRANSFER_OUT';
  atMs: number;
  qty: DecimalString;
  /** signed size of the position afterwards */
  size: DecimalString;
  tradePrice: DecimalString;
  /** positive was received */
  funding: DecimalString;
  /** positive was paid */
  fee: DecimalString;
  /** realised profit before fees, or the transfer */
  cashFlow: DecimalString;
  /** cashFlow + funding − fee */
  change: DecimalString;
  /** wallet balance afterwards */
  cashBalance: DecimalString;
  feeRate: DecimalString;
  /** execution id */
  tradeId: string;
  orderId: string;
  orderLinkId: string;
}

/** Position with all its figures at the latest mark price. */
export interface PositionRow {
  symbol: string;
  side: Side | 'None';
  size: DecimalString;
  /** '0' when flat */
  avgPrice: DecimalString;
  positionValue: DecimalString;
  positionStatus: 'Normal' | 'Liq';
  leverage: DecimalString;
  markPrice: DecimalString;
  /** '' when there is none */
  liqPrice: string;
  bustPrice: string;
  breakEvenPrice: string;
  positionIM: DecimalString;
  positionMM: DecimalString;
  riskId: number;
  riskLimitValue: DecimalString;
  /** '0' when none */
  takeProfit: DecimalString;
  stopLoss: DecimalString;
  unrealisedPnl: DecimalString;
  /** of the current position and of all time; realised profit − fees − funding */
  curRealisedPnl: DecimalString;
  cumRealisedPnl: DecimalString;
  positionMode: PositionMode;
  seq: number;
  /** opening instant of the current position, 0 when flat */
  openMs: number;
  /** first touch of the symbol */
  createdMs: number;
  updatedMs: number;
}

/** Cross-margin account in USDT. */
export interface WalletRow {
  walletBalance: DecimalString;
  equity: DecimalString;
  marginBalance: DecimalString;
  available: DecimalString;
  unrealisedPnl: DecimalString;
  totalInitialMargin: DecimalString;
  totalOrderIM: DecimalString;
  totalPositionIM: DecimalString;
  totalMaintenanceMargin: DecimalString;
  /** fractions of the margin balance, 8 decimals */
  accountIMRate: DecimalString;
  accountMMRate: DecimalString;
  /** realised − fees − funding of all time */
  cumRealisedPnl: DecimalString;
  asOfMs: number;
}

/**
 * A span of market time in which a position had no live StopLoss order over its full size. Conditional orders of the
 * user are not counted: only stopOrderType StopLoss and PartialStopLoss protect. Judged at the end of each command.
 */
export interface UnprotectedSpan {
  symbol: string;
  startMs: number;
  /** null: still unprotected */
  endMs: number | null;
  /** at the start of the span */
  size: DecimalString;
  coveredQty: DecimalString;
}

export interface MarketPrices {
  lastPrice: DecimalString;
  markPrice: DecimalString;
  indexPrice: DecimalString;
  /** '0' when unknown */
  volume: DecimalString;
  atMs: number;
}
