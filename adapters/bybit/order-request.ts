/**
 * An approved order in Bybit's words (docs, `order/create`). Pure.
 *
 * Invariants
 * 1. An entry carries its stop in the same request: there is no instant in which the exchange holds one without the other.
 * 2. An exit is reduce-only, so the exchange itself refuses to let it open a position. Stops may not be attached to it.
 */
import type { OrderParamsV5 } from 'bybit-api';
import type { ApprovedEntry, ApprovedExit, ApprovedOrder } from '../../core/orders/approved-order.js';
import type { StopTrigger } from './options.js';

export function orderRequest(order: ApprovedOrder, stopTrigger: StopTrigger): OrderParamsV5 {
  switch (order.kind) {
    case 'entry': return entryRequest(order, stopTrigger);
    case 'exit': return exitRequest(order);
  }
}

function entryRequest(order: ApprovedEntry, stopTrigger: StopTrigger): OrderParamsV5 {
  return {
    ...marketOrder(order),
    tpslMode: 'Full',
    stopLoss: order.stopLoss,
    slTriggerBy: stopTrigger,
    slOrderType: 'Market',
    ...(order.takeProfit === undefined ? {} : { takeProfit: order.takeProfit, tpTriggerBy: stopTrigger, tpOrderType: 'Market' as const }),
  };
}

function exitRequest(order: ApprovedExit): OrderParamsV5 {
  return { ...marketOrder(order), reduceOnly: true };
}

const ONE_WAY_POSITION = 0;

function marketOrder(order: ApprovedOrder) {
  return {
    category: 'linear',
    symbol: order.symbol,
    side: order.side,
    orderType: 'Market',
    qty: order.qty,
    positionIdx: ONE_WAY_POSITION,
    orderLinkId: order.orderLinkId,
  } as const;
}
