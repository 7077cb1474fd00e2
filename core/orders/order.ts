/**
 * The facts of the order life as data: what the exchange says about orders, executions and positions.
 * All money is `DecimalString`, all instants are exchange time in ms since epoch.
 */
import type { DecimalString } from '../money/decimal.js';

export type Side = 'Buy' | 'Sell';
export type OrderType = 'Market' | 'Limit';
/** Open: New, PartiallyFilled, Untriggered, Triggered. Closed: Filled, Cancelled, Rejected, Deactivated. (Bybit V5 enum orderStatus) */
export type OrderStatus = 'New' | 'PartiallyFilled' | 'Untriggered' | 'Triggered' | 'Filled' | 'Cancelled' | 'Rejected' | 'Deactivated';

export interface Order {
  orderId: string;
  /** '' for orders the exchange made itself (attached stop, liquidation) and for manual ones */
  orderLinkId: string;
  parentOrderLinkId: string;
  symbol: string;
  side: Side;
  orderType: OrderType;
  status: OrderStatus;
  /** '' or StopLoss, TakeProfit, PartialStopLoss, Stop … (Bybit V5 enum stopOrderType) */
  stopOrderType: string;
  createType: string;
  cancelType: string;
  rejectReason: string;
  qty: DecimalString;
  price: DecimalString;
  triggerPrice: DecimalString;
  /** attached protection of an entry order; '0' when none */
  stopLoss: DecimalString;
  takeProfit: DecimalString;
  cumExecQty: DecimalString;
  cumExecValue: DecimalString;
  cumExecFee: DecimalString;
  avgPrice: DecimalString;
  reduceOnly: boolean;
  createdMs: number;
  updatedMs: number;
}

export type ExecutionType = 'Trade' | 'Funding' | 'BustTrade' | 'AdlTrade' | 'Settle' | 'Delivery';

export interface Execution {
  execId: string;
  execType: ExecutionType;
  orderId: string;
  orderLinkId: string;
  symbol: string;
  side: Side;
  stopOrderType: string;
  createType: string;
  price: DecimalString;
  qty: DecimalString;
  value: DecimalString;
  /** USDT; positive is a cost, also for funding */
  fee: DecimalString;
  feeRate: DecimalString;
  isMaker: boolean;
  /** how much of the fill reduced an existing position */
  closedSize: DecimalString;
  markPrice: DecimalString;
  execMs: number;
  seq: number;
}

export interface Position {
  symbol: string;
  /** 'None' when flat */
  side: Side | 'None';
  size: DecimalString;
  avgPrice: DecimalString;
  markPrice: DecimalString;
  leverage: DecimalString;
  liquidationPrice: DecimalString;
  /** '0' when the position carries none */
  stopLoss: DecimalString;
  takeProfit: DecimalString;
  unrealisedPnl: DecimalString;
  positionValue: DecimalString;
  updatedMs: number;
}

export interface Wallet {
  /** USDT: wallet balance plus unrealised profit */
  equity: DecimalString;
  walletBalance: DecimalString;
  available: DecimalString;
  unrealisedPnl: DecimalString;
  initialMargin: DecimalString;
  maintenanceMargin: DecimalString;
  /** exchange's reply time, ms */
  asOfMs: number;
}

const CLOSED: readonly OrderStatus[] = ['Filled', 'Cancelled', 'Rejected', 'Deactivated'];

/** A terminal order never fills again. */
export function isTerminal(status: OrderStatus): boolean {
  return CLOSED.includes(status);
}

export function oppositeSide(side: Side): Side {
  return side === 'Buy' ? 'Sell' : 'Buy';
}
