/**
 * One fill: the only place where a position and the wallet change by trading. It books the position, the wallet, the
 * order, the execution, the closed profit and the transaction, in the order of Bybit's private stream, and then lets
 * the protection follow the new size.
 */
import { type Decimal, ZERO, dec, toDecimalString, type DecimalString } from '../money/decimal.js';
import { applyFill, walletChange, type FillEffect } from '../portfolio/position.js';
import type { ExecutionRow, OrderRow } from './contract.js';
import { bookClosedPnl } from './closed-pnl.js';
import { orderOf, pricesOf, symbolOf, type SymbolState } from './exchange-state.js';
import { executionIdOf } from './ids.js';
import { updateOrder } from './order-store.js';
import { followPosition } from './protection.js';
import { bookTransaction } from './transaction-log.js';
import type { Turn } from './turn.js';

export interface Fill {
  price: Decimal;
  qty: Decimal;
  isMaker: boolean;
  execType: 'Trade' | 'BustTrade';
}

const AVERAGE_DECIMALS = 10;

export function fillOrder(turn: Turn, orderId: string, fill: Fill): OrderRow {
  const before = orderOf(turn.state, orderId);
  const symbol = symbolOf(turn.state, before.symbol);
  const feeRate = fill.isMaker ? turn.state.options.makerFeeRate : turn.state.options.takerFeeRate;
  const booked = { side: before.side, price: toDecimalString(fill.price), qty: toDecimalString(fill.qty), feeRate };
  const { book, effect } = applyFill(symbol.position, booked);
  beginPositionCycle(turn, symbol, { effect, changeAfter: walletChange(book) });
  symbol.position = book;
  symbol.seq += 1;
  symbol.updatedMs = turn.atMs;
  turn.state.walletBalance = toDecimalString(dec(turn.state.walletBalance).plus(effect.realisedPnl).minus(effect.fee));
  turn.walletTouched = true;
  const order = updateOrder(turn, orderId, grownOrder(before, effect));
  const execution = executionOf(turn, symbol, { order, fill, effect, feeRate });
  turn.state.executions.push(execution);
  turn.events.push({ kind: 'execution', execution });
  bookClosedPnl(turn, { order, execution, effect });
  bookTransaction(turn, tradeTransaction(symbol, execution));
  followPosition(turn, symbol, { filledBy: order, opened: dec(effect.openedQty).gt(0) });
  return orderOf(turn.state, orderId);
}

/** Remembers what the position starts with, so its own realised profit can be told from the symbol's. */
function beginPositionCycle(turn: Turn, symbol: SymbolState, cycle: { effect: FillEffect; changeAfter: Decimal }): void {
  const { effect, changeAfter } = cycle;
  if (symbol.createdMs === 0) symbol.createdMs = turn.atMs;
  const closesAll = effect.closedQty === toDecimalString(dec(symbol.position.signedSize).abs());
  if (!closesAll) return;
  const opens = effect.openedQty !== '0';
  symbol.openMs = opens ? turn.atMs : 0;
  if (!opens) return;
  symbol.positionStatus = 'Normal';
  symbol.walletChangeAtOpen = toDecimalString(changeAfter.plus(effect.fee).minus(effect.closeFee));
}

function grownOrder(order: OrderRow, effect: FillEffect): Partial<OrderRow> {
  const cumExecQty = dec(order.cumExecQty).plus(effect.closedQty).plus(effect.openedQty);
  const cumExecValue = dec(order.cumExecValue).plus(effect.value);
  return {
    status: cumExecQty.eq(order.qty) ? 'Filled' : 'PartiallyFilled',
    cumExecQty: toDecimalString(cumExecQty),
    cumExecValue: toDecimalString(cumExecValue),
    cumExecFee: toDecimalString(dec(order.cumExecFee).plus(effect.fee)),
    avgPrice: toDecimalString(cumExecValue.div(cumExecQty).toDecimalPlaces(AVERAGE_DECIMALS)),
    closedPnl: toDecimalString(dec(order.closedPnl).plus(effect.realisedPnl)),
    openedQty: toDecimalString(dec(order.openedQty).plus(effect.openedQty)),
    fillCount: order.fillCount + 1,
  };
}

function executionOf(
  turn: Turn, symbol: SymbolState, trade: { order: OrderRow; fill: Fill; effect: FillEffect; feeRate: DecimalString },
): ExecutionRow {
  const { order, fill, effect, feeRate } = trade;
  return {
    execId: executionIdOf(order.orderId, order.fillCount),
    execType: fill.execType,
    orderId: order.orderId,
    orderLinkId: order.orderLinkId,
    symbol: order.symbol,
    side: order.side,
    stopOrderType: order.stopOrderType,
    createType: order.createType,
    price: toDecimalString(fill.price),
    qty: toDecimalString(fill.qty),
    value: effect.value,
    fee: effect.fee,
    feeRate,
    isMaker: fill.isMaker,
    closedSize: effect.closedQty,
    markPrice: pricesOf(symbol).markPrice,
    execMs: turn.atMs,
    seq: symbol.seq,
    orderPrice: order.price,
    orderQty: order.qty,
    leavesQty: order.leavesQty,
    orderType: order.orderType,
    indexPrice: pricesOf(symbol).indexPrice,
    execPnl: effect.realisedPnl,
  };
}

function tradeTransaction(symbol: SymbolState, execution: ExecutionRow): Parameters<typeof bookTransaction>[1] {
  return {
    id: execution.execId,
    symbol: execution.symbol,
    side: execution.side,
    type: execution.execType === 'BustTrade' ? 'LIQUIDATION' : 'TRADE',
    qty: execution.qty,
    size: symbol.position.signedSize,
    tradePrice: execution.price,
    funding: toDecimalString(ZERO),
    fee: execution.fee,
    cashFlow: execution.execPnl,
    feeRate: execution.feeRate,
    tradeId: execution.execId,
    orderId: execution.orderId,
    orderLinkId: execution.orderLinkId,
  };
}
