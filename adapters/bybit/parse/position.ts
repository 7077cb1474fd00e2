/** Positions, from REST (`position/list`, field avgPrice) and from the account stream (topic `position`, field entryPrice). */
import { z } from 'zod';
import type { Position } from '../../../core/orders/order.js';
import { decimal, decimalOrZero, millisecondsOrZero, sideOrNone } from './fields.js';

export const positionRow = z.object({
  symbol: z.string().min(1),
  side: sideOrNone,
  size: decimal,
  avgPrice: decimalOrZero,
  entryPrice: decimalOrZero,
  markPrice: decimalOrZero,
  leverage: decimalOrZero,
  liqPrice: decimalOrZero,
  stopLoss: decimalOrZero,
  takeProfit: decimalOrZero,
  unrealisedPnl: decimalOrZero,
  positionValue: decimalOrZero,
  updatedTime: millisecondsOrZero,
}).transform(({ entryPrice, liqPrice, updatedTime, ...row }): Position => ({
  ...row,
  side: row.size === '0' ? 'None' : row.side,
  avgPrice: row.avgPrice === '0' ? entryPrice : row.avgPrice,
  liquidationPrice: liqPrice,
  updatedMs: updatedTime,
}));
