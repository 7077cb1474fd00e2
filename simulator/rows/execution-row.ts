/** An execution as Bybit's `execution/list` and `execution` topic show it. */
import type { ExecutionRow } from '../../core/matching/contract.js';

export function restExecution(execution: ExecutionRow): Record<string, unknown> {
  return {
    symbol: execution.symbol, orderId: execution.orderId, orderLinkId: execution.orderLinkId, side: execution.side,
    orderPrice: execution.orderPrice, orderQty: execution.orderQty, leavesQty: execution.leavesQty, createType: execution.createType,
    orderType: execution.orderType, stopOrderType: execution.stopOrderType === '' ? 'UNKNOWN' : execution.stopOrderType,
    execFee: execution.fee, execFeeV2: '', execId: execution.execId, execPrice: execution.price, execQty: execution.qty,
    execType: execution.execType, execValue: execution.value, execTime: String(execution.execMs), feeCurrency: '',
    isMaker: execution.isMaker, feeRate: execution.feeRate, tradeIv: '', markIv: '', markPrice: execution.markPrice,
    indexPrice: execution.indexPrice, underlyingPrice: '', blockTradeId: '', closedSize: execution.closedSize, seq: execution.seq, extraFees: '',
  };
}

export function streamExecution(execution: ExecutionRow): Record<string, unknown> {
  return { category: 'linear', ...restExecution(execution), execPnl: execution.execPnl, isLeverage: '0', marketUnit: '' };
}
