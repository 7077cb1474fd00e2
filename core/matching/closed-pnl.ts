/**
 * Closed profit: one row per closing order, grown by each of its fills. closedPnl = profit of the prices − the share of
 * the opening fees − the closing fee; funding is not in it (as Bybit's own sample adds up).
 */
import { dec, toDecimalString, ZERO } from '../money/decimal.js';
import type { FillEffect } from '../portfolio/position.js';
import type { ClosedPnlRow, ExecutionRow, OrderRow } from './contract.js';
import { symbolOf } from './exchange-state.js';
import type { Turn } from './turn.js';

const AVERAGE_DECIMALS = 10;

export function bookClosedPnl(turn: Turn, closing: { order: OrderRow; execution: ExecutionRow; effect: FillEffect }): void {
  if (closing.effect.closedQty === '0') return;
  const { closedPnl } = turn.state;
  const index = closedPnl.findLastIndex((row) => row.orderId === closing.order.orderId);
  const grown = grow(closedPnl[index] ?? emptyRow(turn, closing), closing, turn.atMs);
  if (index === -1) closedPnl.push(grown);
  else closedPnl[index] = grown;
}

function grow(row: ClosedPnlRow, { execution, effect }: { execution: ExecutionRow; effect: FillEffect }, atMs: number): ClosedPnlRow {
  const closedSize = dec(row.closedSize).plus(effect.closedQty);
  const entryValue = dec(row.cumEntryValue).plus(dec(effect.entryPrice).times(effect.closedQty));
  const exitValue = dec(row.cumExitValue).plus(dec(execution.price).times(effect.closedQty));
  const pnl = dec(effect.realisedPnl).minus(effect.openFeeShare).minus(effect.closeFee);
  return {
    ...row,
    closedSize: toDecimalString(closedSize),
    cumEntryValue: toDecimalString(entryValue),
    avgEntryPrice: toDecimalString(entryValue.div(closedSize).toDecimalPlaces(AVERAGE_DECIMALS)),
    cumExitValue: toDecimalString(exitValue),
    avgExitPrice: toDecimalString(exitValue.div(closedSize).toDecimalPlaces(AVERAGE_DECIMALS)),
    closedPnl: toDecimalString(dec(row.closedPnl).plus(pnl)),
    fillCount: row.fillCount + 1,
    openFee: toDecimalString(dec(row.openFee).plus(effect.openFeeShare)),
    closeFee: toDecimalString(dec(row.closeFee).plus(effect.closeFee)),
    updatedMs: atMs,
  };
}

function emptyRow(turn: Turn, { order, execution }: { order: OrderRow; execution: ExecutionRow }): ClosedPnlRow {
  const none = toDecimalString(ZERO);
  return {
    symbol: order.symbol, orderId: order.orderId, side: order.side, qty: order.qty, orderPrice: order.price, orderType: order.orderType,
    execType: execution.execType === 'BustTrade' ? 'BustTrade' : 'Trade', closedSize: none, cumEntryValue: none, avgEntryPrice: none,
    cumExitValue: none, avgExitPrice: none, closedPnl: none, fillCount: 0, leverage: symbolOf(turn.state, order.symbol).leverage,
    openFee: none, closeFee: none, createdMs: turn.atMs, updatedMs: turn.atMs,
  };
}
