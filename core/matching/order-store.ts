/** Creating, updating and closing order rows: the only writers of `orders` and `openOrderIds`. */
import { dec, toDecimalString, ZERO, type DecimalString } from '../money/decimal.js';
import { isTerminal, type OrderType, type Side } from '../orders/order.js';
import type { OrderRow } from './contract.js';
import { orderOf, pricesOf, symbolOf, type SymbolState } from './exchange-state.js';
import { orderIdForArrival, orderIdForLink } from './ids.js';
import type { Turn } from './turn.js';

const NONE = toDecimalString(ZERO);

/** What makes an order; everything else has a neutral default. */
export type OrderDraft = { symbol: string; side: Side; orderType: OrderType; qty: DecimalString } & Partial<OrderRow>;

export function addOrder(turn: Turn, draft: OrderDraft): OrderRow {
  const symbol = symbolOf(turn.state, draft.symbol);
  symbol.arrivals += 1;
  const order = withLeaves({ ...neutralOrder(turn, symbol), ...draft, orderId: idForDraft(turn, symbol, draft), arrival: symbol.arrivals });
  turn.state.orders[order.orderId] = order;
  symbol.openOrderIds.push(order.orderId);
  announce(turn, order);
  return order;
}

/** Replaces the row and announces it; a terminal status takes it off the open ones. */
export function updateOrder(turn: Turn, orderId: string, change: Partial<OrderRow>): OrderRow {
  const order = withLeaves({ ...orderOf(turn.state, orderId), ...change, updatedMs: turn.atMs });
  turn.state.orders[orderId] = order;
  if (isTerminal(order.status)) {
    const symbol = symbolOf(turn.state, order.symbol);
    symbol.openOrderIds = symbol.openOrderIds.filter((openId) => openId !== orderId);
  }
  announce(turn, order);
  return order;
}

/** Ends an order unfilled (or with what it has). A conditional order that never triggered ends Deactivated (Bybit V5 enum orderStatus). */
export function cancelOrderRow(turn: Turn, order: OrderRow, reason: { cancelType: string; rejectReason?: string }): OrderRow {
  return updateOrder(turn, order.orderId, {
    status: order.status === 'Untriggered' ? 'Deactivated' : 'Cancelled',
    cancelType: reason.cancelType,
    rejectReason: reason.rejectReason ?? 'EC_NoError',
  });
}

function announce(turn: Turn, order: OrderRow): void {
  turn.events.push({ kind: 'orderUpdated', order });
  turn.touched.add(order.symbol);
}

function idForDraft(turn: Turn, symbol: SymbolState, draft: OrderDraft): string {
  const { account } = turn.state.options;
  if (draft.orderLinkId !== undefined && draft.orderLinkId !== '') return orderIdForLink(account, draft.orderLinkId);
  return orderIdForArrival({ account, symbol: draft.symbol, arrival: symbol.arrivals });
}

function withLeaves(order: OrderRow): OrderRow {
  const leaves = isTerminal(order.status) ? ZERO : dec(order.qty).minus(order.cumExecQty);
  return { ...order, leavesQty: toDecimalString(leaves), leavesValue: toDecimalString(leaves.times(order.price)) };
}

function neutralOrder(turn: Turn, symbol: SymbolState): Omit<OrderRow, 'symbol' | 'side' | 'orderType' | 'qty' | 'orderId' | 'arrival'> {
  return {
    orderLinkId: '', parentOrderLinkId: '', status: 'New', stopOrderType: '', createType: 'CreateByUser', cancelType: 'UNKNOWN',
    rejectReason: 'EC_NoError', price: NONE, triggerPrice: NONE, stopLoss: NONE, takeProfit: NONE, cumExecQty: NONE, cumExecValue: NONE,
    cumExecFee: NONE, avgPrice: NONE, reduceOnly: false, createdMs: turn.atMs, updatedMs: turn.atMs, leavesQty: NONE, leavesValue: NONE,
    timeInForce: 'GTC', triggerDirection: 0, triggerBy: '', tpTriggerBy: '', slTriggerBy: '', tpslMode: '', closeOnTrigger: false,
    lastPriceOnCreated: pricesOf(symbol).lastPrice, slippageToleranceType: 'UNKNOWN', slippageTolerance: NONE, closedPnl: NONE,
    fillCount: 0, openedQty: NONE, partialFills: turn.state.options.partialFills,
  };
}
