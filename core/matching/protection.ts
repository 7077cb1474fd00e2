/**
 * Attached protection: the StopLoss and TakeProfit orders of a position and the resting reduce-only orders around it.
 *
 * Invariants
 * 1. A position has at most one Full StopLoss and one Full TakeProfit; their quantity is the position's size.
 * 2. No position, no protection: when it is flat or has turned, they are deactivated (CancelByTpSlTsClear).
 * 3. The first opening fill of an order with protection sets it (replacing what was set before); later fills only resize,
 *    so a stop that was moved in between stays where it was put.
 * 4. A resting reduce-only order never exceeds the position: it shrinks with it and is cancelled without it.
 */
import { dec, toDecimalString, type Decimal, type DecimalString } from '../money/decimal.js';
import { oppositeSide, type Side } from '../orders/order.js';
import type { OrderRow, TriggerBy } from './contract.js';
import { openOrdersOf, pricesOf, type ExchangeState, type SymbolState } from './exchange-state.js';
import { addOrder, cancelOrderRow, updateOrder } from './order-store.js';
import { bandLimit } from './price-band.js';
import type { Turn } from './turn.js';

export type ProtectionKind = 'StopLoss' | 'TakeProfit';

export interface ProtectionRequest {
  kind: ProtectionKind;
  triggerPrice: DecimalString;
  triggerBy: TriggerBy;
  parentOrderLinkId: string;
}

export function positionSide(symbol: SymbolState): Side | 'None' {
  const size = dec(symbol.position.signedSize);
  if (size.isZero()) return 'None';
  return size.isNegative() ? 'Sell' : 'Buy';
}

export function positionSize(symbol: SymbolState): Decimal {
  return dec(symbol.position.signedSize).abs();
}

/** Orders made by take-profit or stop-loss, Full or Partial. */
export function isProtection(order: OrderRow): boolean {
  return order.stopOrderType.endsWith('StopLoss') || order.stopOrderType.endsWith('TakeProfit');
}

/** The Full-mode order of that kind, when the position has one. */
export function fullProtection(state: ExchangeState, symbol: SymbolState, kind: ProtectionKind): OrderRow | undefined {
  return openOrdersOf(state, symbol).find((order) => order.stopOrderType === kind);
}

/** Sets or moves the Full-mode order of that kind. */
export function setFullProtection(turn: Turn, symbol: SymbolState, request: ProtectionRequest): void {
  const existing = fullProtection(turn.state, symbol, request.kind);
  if (existing === undefined) {
    addProtection(turn, symbol, { ...request, stopOrderType: request.kind, qty: positionSize(symbol) });
    return;
  }
  const { triggerPrice, triggerBy, parentOrderLinkId } = request;
  updateOrder(turn, existing.orderId, {
    triggerPrice, triggerBy, ...(parentOrderLinkId === '' ? {} : { parentOrderLinkId }), qty: toDecimalString(positionSize(symbol)),
  });
}

export function addProtection(
  turn: Turn, symbol: SymbolState,
  request: ProtectionRequest & { stopOrderType: string; qty: Decimal },
): OrderRow {
  const side = positionSide(symbol) === 'Buy' ? 'Sell' : 'Buy';
  const fallsToTrigger = (request.kind === 'StopLoss') === (side === 'Sell');
  return addOrder(turn, {
    symbol: symbol.instrument.symbol, side, orderType: 'Market', qty: toDecimalString(request.qty),
    status: 'Untriggered', stopOrderType: request.stopOrderType, createType: `CreateBy${request.stopOrderType}`,
    parentOrderLinkId: request.parentOrderLinkId, triggerPrice: request.triggerPrice, triggerBy: request.triggerBy,
    triggerDirection: fallsToTrigger ? 2 : 1, price: toDecimalString(bandLimit(symbol, side)), timeInForce: 'IOC',
    reduceOnly: true, closeOnTrigger: true, tpslMode: request.stopOrderType === request.kind ? 'Full' : 'Partial',
    lastPriceOnCreated: pricesOf(symbol).lastPrice,
  });
}

/** After every change of a position. */
export function followPosition(turn: Turn, symbol: SymbolState, change: { filledBy: OrderRow; opened: boolean }): void {
  clearForeignProtection(turn, symbol);
  trimReduceOnly(turn, symbol);
  const { filledBy, opened } = change;
  const firstOpening = opened && dec(filledBy.openedQty).gt(0) && !wasOpenedBefore(turn, filledBy);
  if (firstOpening) attachFrom(turn, symbol, filledBy);
  resizeFullProtection(turn, symbol);
}

/** Whether an earlier fill of this order opened something: the latest execution is the one being followed. */
function wasOpenedBefore(turn: Turn, order: OrderRow): boolean {
  const latest = turn.state.executions.at(-1);
  if (latest === undefined) return false;
  return dec(order.openedQty).gt(dec(latest.qty).minus(latest.closedSize));
}

function attachFrom(turn: Turn, symbol: SymbolState, order: OrderRow): void {
  const parentOrderLinkId = order.orderLinkId;
  if (order.stopLoss !== '0') {
    setFullProtection(turn, symbol, { kind: 'StopLoss', triggerPrice: order.stopLoss, triggerBy: order.slTriggerBy || 'LastPrice', parentOrderLinkId });
  }
  if (order.takeProfit !== '0') {
    setFullProtection(turn, symbol, { kind: 'TakeProfit', triggerPrice: order.takeProfit, triggerBy: order.tpTriggerBy || 'LastPrice', parentOrderLinkId });
  }
}

function clearForeignProtection(turn: Turn, symbol: SymbolState): void {
  const side = positionSide(symbol);
  for (const order of openOrdersOf(turn.state, symbol)) {
    const belongs = side !== 'None' && order.side === oppositeSide(side);
    if (order.status === 'Untriggered' && isProtection(order) && !belongs) cancelOrderRow(turn, order, { cancelType: 'CancelByTpSlTsClear' });
  }
}

function resizeFullProtection(turn: Turn, symbol: SymbolState): void {
  const qty = toDecimalString(positionSize(symbol));
  for (const kind of ['StopLoss', 'TakeProfit'] as const) {
    const order = fullProtection(turn.state, symbol, kind);
    if (order?.status === 'Untriggered' && order.qty !== qty) updateOrder(turn, order.orderId, { qty });
  }
}

function trimReduceOnly(turn: Turn, symbol: SymbolState): void {
  const side = positionSide(symbol);
  const size = positionSize(symbol);
  for (const order of openOrdersOf(turn.state, symbol)) {
    if (!order.reduceOnly || isProtection(order) || (order.status !== 'New' && order.status !== 'PartiallyFilled')) continue;
    if (side === 'None' || order.side === side) cancelOrderRow(turn, order, { cancelType: 'CancelByReduceOnly' });
    else if (dec(order.leavesQty).gt(size)) updateOrder(turn, order.orderId, { qty: toDecimalString(dec(order.cumExecQty).plus(size)) });
  }
}
