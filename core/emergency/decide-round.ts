/**
 * What an emergency does next, from what the exchange shows. The one decision of both paths: the workflow's, and the direct one
 * that works without Temporal.
 *
 * Invariants
 * 1. Protection stays as long as there is something to protect: stops, take-profits and every other reduce-only order are
 *    cancelled only when no position is open and everything is to be gone.
 * 2. It is settled only when the exchange shows it: no order that can increase risk and, when positions are to be closed, no
 *    position and no order at all.
 */
import { Decimal, dec, toDecimalString, type DecimalString } from '../money/decimal.js';
import { increasesRisk } from '../orders/increases-risk.js';
import { isTerminal, type Order, type Position } from '../orders/order.js';

export interface ExchangeView {
  orders: readonly Order[];
  positions: readonly Position[];
}

/** all: one request takes these and nothing that is to stay · some: one request each */
export type Cancelling = { kind: 'nothing' } | { kind: 'all' | 'some'; orders: readonly Order[] };

export function ordersToCancel({ orders, positions }: ExchangeView, { closePositions }: { closePositions: boolean }): Cancelling {
  const open = orders.filter(({ status }) => !isTerminal(status));
  const flat = openPositions(positions).length === 0;
  const wanted = closePositions && flat ? open : open.filter(increasesRisk);
  if (wanted.length === 0) return { kind: 'nothing' };
  const takesTooMuch = open.some((order) => isPlainReduction(order) && !wanted.includes(order));
  return { kind: takesTooMuch ? 'some' : 'all', orders: wanted };
}

/** A reduce-only order that is not attached to a position: cancelling all would take it along. */
function isPlainReduction(order: Order): boolean {
  return order.reduceOnly && (order.stopOrderType === '' || order.stopOrderType === 'Stop');
}

export function openPositions(positions: readonly Position[]): (Position & { side: 'Buy' | 'Sell' })[] {
  return positions.flatMap((position) => (position.side === 'None' || dec(position.size).isZero() ? [] : [{ ...position, side: position.side }]));
}

export function isSettled(view: ExchangeView, wish: { closePositions: boolean }): boolean {
  const quiet = ordersToCancel(view, wish).kind === 'nothing';
  return quiet && (!wish.closePositions || openPositions(view.positions).length === 0);
}

/** Base coin: what one market order may close. A position is a whole number of lots by itself. */
export function closableAtOnce(size: DecimalString, maxMarketOrderQty: DecimalString | undefined): DecimalString {
  if (maxMarketOrderQty === undefined || dec(maxMarketOrderQty).lte(0)) return size;
  return toDecimalString(Decimal.min(dec(size), dec(maxMarketOrderQty)));
}
