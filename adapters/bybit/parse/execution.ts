/** Executions, from REST (`execution/list`) and from the account stream (topic `execution`): one shape. */
import { z } from 'zod';
import type { Execution } from '../../../core/orders/order.js';
import { decimal, decimalOrZero, milliseconds, side, textOrEmpty } from './fields.js';

export const executionRow = z.object({
  execId: z.string().min(1),
  execType: z.enum(['Trade', 'Funding', 'BustTrade', 'AdlTrade', 'Settle', 'Delivery']),
  orderId: textOrEmpty,
  orderLinkId: textOrEmpty,
  symbol: z.string().min(1),
  side,
  stopOrderType: textOrEmpty,
  createType: textOrEmpty,
  execPrice: decimal,
  execQty: decimal,
  execValue: decimalOrZero,
  execFee: decimalOrZero,
  feeRate: decimalOrZero,
  isMaker: z.boolean().default(false),
  closedSize: decimalOrZero,
  markPrice: decimalOrZero,
  execTime: milliseconds,
  seq: z.number().int().default(0),
}).transform((row): Execution => ({
  execId: row.execId,
  execType: row.execType,
  orderId: row.orderId,
  orderLinkId: row.orderLinkId,
  symbol: row.symbol,
  side: row.side,
  stopOrderType: row.stopOrderType,
  createType: row.createType,
  price: row.execPrice,
  qty: row.execQty,
  value: row.execValue,
  fee: row.execFee,
  feeRate: row.feeRate,
  isMaker: row.isMaker,
  closedSize: row.closedSize,
  markPrice: row.markPrice,
  execMs: row.execTime,
  seq: row.seq,
}));

/** Ascending by time; the exchange's sequence, then the id, decide between executions of one millisecond. */
export function compareExecutions(one: Execution, other: Execution): number {
  return one.execMs - other.execMs || one.seq - other.seq || (one.execId < other.execId ? -1 : 1);
}
