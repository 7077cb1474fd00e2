/** Cancelling one order or all of a scope. */
import type { CancelAllCommand, CancelOrderCommand, OrderRef, OrderRow } from './contract.js';
import { findOrderRow, findSymbol, openOrdersOf, type ExchangeState } from './exchange-state.js';
import { orderIdForLink } from './ids.js';
import { cancelOrderRow } from './order-store.js';
import { isProtection } from './protection.js';
import { REFUSALS, refuseParameter } from './refusals.js';
import { isTerminal } from '../orders/order.js';
import type { Turn } from './turn.js';

/** Bybit cancels at most this many orders a call. */
export const CANCEL_ALL_MAX = 500;

export function cancelOrder(turn: Turn, command: CancelOrderCommand): OrderRef {
  const order = openOrderFor(turn.state, command);
  if (order === undefined) return REFUSALS.orderGone('cancel');
  cancelByUser(turn, order);
  return { orderId: order.orderId, orderLinkId: order.orderLinkId };
}

export function cancelAll(turn: Turn, command: CancelAllCommand): { list: OrderRef[]; success: '1' } {
  const orders = scopeOf(turn.state, command).filter((order) => passesFilter(order, command)).slice(0, CANCEL_ALL_MAX);
  for (const order of orders) cancelByUser(turn, order);
  return { list: orders.map(({ orderId, orderLinkId }) => ({ orderId, orderLinkId })), success: '1' };
}

/** The order that a request names (orderId wins), while it can still act. */
export function openOrderFor(
  state: ExchangeState, named: { symbol: string; orderId?: string; orderLinkId?: string },
): OrderRow | undefined {
  if (findSymbol(state, named.symbol) === undefined) return REFUSALS.symbolInvalid();
  const linkId = named.orderLinkId ?? '';
  const orderId = named.orderId ?? '';
  if (orderId === '' && linkId === '') return refuseParameter('orderId or orderLinkId is required');
  const order = findOrderRow(state, orderId === '' ? orderIdForLink(state.options.account, linkId) : orderId);
  return order === undefined || order.symbol !== named.symbol || isTerminal(order.status) ? undefined : order;
}

function cancelByUser(turn: Turn, order: OrderRow): void {
  cancelOrderRow(turn, order, { cancelType: 'CancelByUser', rejectReason: 'EC_PerCancelRequest' });
}

function scopeOf(state: ExchangeState, { symbol, baseCoin, settleCoin }: CancelAllCommand): OrderRow[] {
  if (symbol !== undefined) {
    const found = findSymbol(state, symbol);
    return found === undefined ? REFUSALS.symbolInvalid() : openOrdersOf(state, found);
  }
  if (baseCoin === undefined && settleCoin === undefined) return refuseParameter('symbol, baseCoin or settleCoin is required');
  const inScope = Object.values(state.symbols).filter(({ instrument }) =>
    baseCoin === undefined ? instrument.quoteCoin === settleCoin : instrument.baseCoin === baseCoin);
  return inScope.flatMap((each) => openOrdersOf(state, each));
}

/** Order: active ones · StopOrder: everything waiting · tpslOrder: attached protection · OpenOrder or none: all. */
function passesFilter(order: OrderRow, { orderFilter = 'OpenOrder', stopOrderType = '' }: CancelAllCommand): boolean {
  if (stopOrderType !== '') return order.stopOrderType === stopOrderType;
  switch (orderFilter) {
    case 'Order': return order.status !== 'Untriggered';
    case 'StopOrder': return order.status === 'Untriggered';
    case 'tpslOrder': return isProtection(order);
    case 'OpenOrder': return true;
  }
}
