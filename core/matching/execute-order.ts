/**
 * An active order meets the book: on arrival (or after its trigger) as taker, later at rest as maker.
 *
 * Invariants
 * 1. No fill is worse than the order's limit. A market order's limit is the edge of the price band (or its slippage
 *    tolerance); attached stops have none, so a triggered stop always fills.
 * 2. Reduce-only is judged again at the moment of the fill, not only on arrival.
 * 3. A resting order fills at its own price when the last price touches it, at most one part per price step.
 */
import { Decimal, ZERO, ceilToTick, dec, floorToTick, toDecimalString } from '../money/decimal.js';
import { isTerminal, type Side } from '../orders/order.js';
import type { OrderRow } from './contract.js';
import { orderOf, pricesOf, symbolOf, type SymbolState } from './exchange-state.js';
import { fillOrder } from './fill.js';
import { availableQty, takerPrice, touchPrice, type TakerRequest } from './liquidity.js';
import { cancelOrderRow, updateOrder } from './order-store.js';
import { nextRestingPart, splitQty } from './partial-fills.js';
import { bandLimit, isBeyond } from './price-band.js';
import { isProtection, positionSide, positionSize } from './protection.js';
import type { Turn } from './turn.js';

/** The worst price of a market order: the band, or nearer by its slippage tolerance (ticks or percent of the touch). */
export function marketLimit(
  turn: Turn, symbol: SymbolState,
  order: { side: Side } & Pick<OrderRow, 'slippageToleranceType' | 'slippageTolerance'>,
): Decimal {
  const band = bandLimit(symbol, order.side);
  if (order.slippageToleranceType === 'UNKNOWN') return band;
  const tick = dec(symbol.instrument.tickSize);
  const touch = touchPrice(symbol, order.side, turn.state.options.slippage);
  const width = order.slippageToleranceType === 'TickSize'
    ? tick.times(order.slippageTolerance)
    : touch.times(order.slippageTolerance).div(100);
  if (order.side === 'Buy') return Decimal.min(band, floorToTick(touch.plus(width), tick));
  return Decimal.max(band, ceilToTick(touch.minus(width), tick));
}

/** An order with status New on its arrival: fills, rests or ends according to its time in force. */
export function executeArrival(turn: Turn, orderId: string): void {
  const order = clipReduceOnly(turn, orderId);
  if (isTerminal(order.status)) return;
  const symbol = symbolOf(turn.state, order.symbol);
  const request = takerRequest(order);
  const available = availableQty(symbol, request, turn.state.options.slippage);
  if (order.timeInForce === 'PostOnly') {
    if (available.gt(0)) endOrder(turn, order, 'EC_PostOnlyWillTakeLiquidity');
    return;
  }
  if (order.timeInForce === 'FOK' && available.lt(request.qty)) {
    endOrder(turn, order, 'EC_NoEnoughQtyToFill');
    return;
  }
  fillAsTaker(turn, { order, symbol, available });
  const after = orderOf(turn.state, orderId);
  const immediate = after.orderType === 'Market' || after.timeInForce === 'IOC';
  if (immediate && !isTerminal(after.status)) endOrder(turn, after, after.fillCount === 0 ? 'EC_NoImmediateQtyToFill' : 'EC_CancelForNoFullFill');
}

/** Whether the last price has reached a resting limit order. */
export function isTouched(order: OrderRow, lastPrice: Decimal): boolean {
  return order.side === 'Buy' ? lastPrice.lte(order.price) : lastPrice.gte(order.price);
}

/** A resting order that the market has touched gets its part, as maker. */
export function executeTouched(turn: Turn, orderId: string): void {
  turn.matched.add(orderId);
  const order = clipReduceOnly(turn, orderId);
  if (isTerminal(order.status)) return;
  const { instrument } = symbolOf(turn.state, order.symbol);
  fillOrder(turn, orderId, { price: dec(order.price), qty: nextRestingPart(order, instrument.qtyStep), isMaker: true, execType: 'Trade' });
}

function fillAsTaker(turn: Turn, taking: { order: OrderRow; symbol: SymbolState; available: Decimal }): void {
  const { order, symbol, available } = taking;
  if (available.lte(0)) return;
  const parts = splitQty(available, symbol.instrument.qtyStep, { orderId: order.orderId, plan: order.partialFills });
  let taken = ZERO;
  for (const part of withoutRemainder(order, parts)) {
    taken = taken.plus(part);
    const price = takerPrice(symbol, { side: order.side, qty: taken }, turn.state.options.slippage);
    fillOrder(turn, order.orderId, { price, qty: part, isMaker: false, execType: 'Trade' });
  }
}

/** The fault plan may keep the last part from an immediate order; protection always gets everything. */
function withoutRemainder(order: OrderRow, parts: Decimal[]): Decimal[] {
  const immediate = order.orderType === 'Market' || order.timeInForce === 'IOC';
  const withheld = order.partialFills?.cancelRemainder === true && immediate && !isProtection(order) && parts.length > 1;
  return withheld ? parts.slice(0, -1) : parts;
}

function takerRequest(order: OrderRow): TakerRequest {
  const request = { side: order.side, qty: dec(order.leavesQty) };
  return isProtection(order) ? request : { ...request, limit: dec(order.price) };
}

function clipReduceOnly(turn: Turn, orderId: string): OrderRow {
  const order = orderOf(turn.state, orderId);
  if (!order.reduceOnly) return order;
  const symbol = symbolOf(turn.state, order.symbol);
  const side = positionSide(symbol);
  if (side === 'None' || side === order.side) return cancelOrderRow(turn, order, { cancelType: 'CancelByReduceOnly' });
  const size = positionSize(symbol);
  const wanted = order.qty === '0' ? size : dec(order.leavesQty);
  if (order.qty !== '0' && wanted.lte(size)) return order;
  return updateOrder(turn, orderId, { qty: toDecimalString(dec(order.cumExecQty).plus(Decimal.min(wanted, size))) });
}

function endOrder(turn: Turn, order: OrderRow, rejectReason: string): void {
  cancelOrderRow(turn, order, { cancelType: 'UNKNOWN', rejectReason });
}

/** Whether a price would trade at once: a buyer at or above the ask, a seller at or below the bid. */
export function isMarketable(turn: Turn, order: Pick<OrderRow, 'symbol' | 'side'> & { price: Decimal }): boolean {
  const symbol = symbolOf(turn.state, order.symbol);
  pricesOf(symbol);
  return !isBeyond(touchPrice(symbol, order.side, turn.state.options.slippage), order.price, order.side);
}
