/** Orders, from REST (`order/realtime`, `order/history`) and from the account stream (topic `order`): one shape. */
import { z } from 'zod';
import type { Order } from '../../../core/orders/order.js';
import { decimalOrZero, decimal, milliseconds, side, textOrEmpty } from './fields.js';

const orderStatus = z.enum(['New', 'PartiallyFilled', 'Untriggered', 'Triggered', 'Filled', 'Cancelled', 'Rejected', 'Deactivated']);

export const orderRow = z.object({
  orderId: z.string().min(1),
  orderLinkId: textOrEmpty,
  parentOrderLinkId: textOrEmpty,
  symbol: z.string().min(1),
  side,
  orderType: z.enum(['Market', 'Limit']),
  orderStatus,
  stopOrderType: textOrEmpty,
  createType: textOrEmpty,
  cancelType: textOrEmpty,
  rejectReason: textOrEmpty,
  qty: decimal,
  price: decimalOrZero,
  triggerPrice: decimalOrZero,
  stopLoss: decimalOrZero,
  takeProfit: decimalOrZero,
  cumExecQty: decimalOrZero,
  cumExecValue: decimalOrZero,
  cumExecFee: decimalOrZero,
  /** the place of the fee on linear contracts since `cumExecFee` is deprecated there */
  cumFeeDetail: z.record(z.string(), decimal).optional().catch(undefined),
  avgPrice: decimalOrZero,
  reduceOnly: z.boolean().default(false),
  createdTime: milliseconds,
  updatedTime: milliseconds,
}).transform(({ orderStatus: status, createdTime: createdMs, updatedTime: updatedMs, cumFeeDetail, ...row }): Order => ({
  ...row,
  status,
  createdMs,
  updatedMs,
  cumExecFee: cumFeeDetail?.['USDT'] ?? row.cumExecFee,
}));

export const acknowledgement = z.object({ orderId: z.string().min(1), orderLinkId: z.string() });
export const cancelledOrders = z.object({ list: z.array(z.object({ orderId: z.string() })) });
