/** Rows of Bybit's `account/transaction-log` and `position/closed-pnl`. */
import type { ClosedPnlRow, TransactionRow } from '../../core/matching/contract.js';

export function restTransaction(row: TransactionRow): Record<string, unknown> {
  return {
    id: row.id, symbol: row.symbol, category: row.symbol === '' ? '' : 'linear', side: row.side, transactionTime: String(row.atMs), type: row.type,
    transSubType: '', qty: row.qty, size: row.size, currency: 'USDT', tradePrice: row.tradePrice, funding: row.funding, fee: row.fee,
    cashFlow: row.cashFlow, change: row.change, cashBalance: row.cashBalance, feeRate: row.feeRate, bonusChange: '', tradeId: row.tradeId,
    orderId: row.orderId, orderLinkId: row.orderLinkId, extraFees: '',
  };
}

export function restClosedPnl(row: ClosedPnlRow): Record<string, unknown> {
  return {
    symbol: row.symbol, orderId: row.orderId, side: row.side, qty: row.qty, orderPrice: row.orderPrice, orderType: row.orderType,
    execType: row.execType, closedSize: row.closedSize, cumEntryValue: row.cumEntryValue, avgEntryPrice: row.avgEntryPrice,
    cumExitValue: row.cumExitValue, avgExitPrice: row.avgExitPrice, closedPnl: row.closedPnl, fillCount: String(row.fillCount),
    leverage: row.leverage, openFee: row.openFee, closeFee: row.closeFee, createdTime: String(row.createdMs), updatedTime: String(row.updatedMs),
  };
}
