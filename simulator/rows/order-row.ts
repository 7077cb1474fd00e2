/** An order as Bybit's REST lists and `order` topic show it. */
import type { OrderRow } from '../../core/matching/contract.js';

const orEmpty = (amount: string): string => (amount === '0' ? '' : amount);

export function restOrder(order: OrderRow): Record<string, unknown> {
  return {
    orderId: order.orderId, orderLinkId: order.orderLinkId, parentOrderLinkId: order.parentOrderLinkId, blockTradeId: '',
    symbol: order.symbol, price: order.price, qty: order.qty, side: order.side, isLeverage: '', positionIdx: 0,
    orderStatus: order.status, createType: order.createType, cancelType: order.cancelType === '' ? 'UNKNOWN' : order.cancelType,
    rejectReason: order.rejectReason === '' ? 'EC_NoError' : order.rejectReason,
    avgPrice: orEmpty(order.avgPrice), leavesQty: order.leavesQty, leavesValue: order.leavesValue,
    cumExecQty: order.cumExecQty, cumExecValue: order.cumExecValue, cumExecFee: order.cumExecFee, cumFeeDetail: { USDT: order.cumExecFee },
    timeInForce: order.timeInForce, orderType: order.orderType, stopOrderType: order.stopOrderType, orderIv: '', marketUnit: '',
    slippageToleranceType: order.slippageToleranceType, slippageTolerance: order.slippageTolerance,
    triggerPrice: orEmpty(order.triggerPrice), takeProfit: orEmpty(order.takeProfit), stopLoss: orEmpty(order.stopLoss),
    tpslMode: order.tpslMode, tpLimitPrice: '', slLimitPrice: '', tpTriggerBy: order.tpTriggerBy, slTriggerBy: order.slTriggerBy,
    triggerDirection: order.triggerDirection, triggerBy: order.triggerBy, lastPriceOnCreated: order.lastPriceOnCreated,
    reduceOnly: order.reduceOnly, closeOnTrigger: order.closeOnTrigger, placeType: '', smpType: 'None', smpGroup: 0, smpOrderId: '',
    createdTime: String(order.createdMs), updatedTime: String(order.updatedMs),
  };
}

export function streamOrder(order: OrderRow): Record<string, unknown> {
  return { category: 'linear', ...restOrder(order), closedPnl: order.closedPnl, feeCurrency: 'USDT' };
}
