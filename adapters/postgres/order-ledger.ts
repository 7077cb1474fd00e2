/**
 * Intents (what the bot was about to ask) and orders (what the exchange says became of it).
 *
 * Invariants
 * 1. An intent is written once and never changed.
 * 2. The exchange's newest word on an order wins, by its update time. Within one ms a terminal state wins over an open
 *    one, then the larger filled quantity: an order never goes back.
 */
import { sql, type Insertable, type Selectable } from 'kysely';
import { dec, toDecimalString } from '../../core/money/decimal.js';
import { isTerminal, type Order } from '../../core/orders/order.js';
import type { Ledger, OrderIntent } from '../../core/ports/ledger.js';
import { insertBatch, KEEP_THE_FIRST, replaceWhen } from './batch-insert.js';
import { toTimestamp } from './instants.js';
import type { LedgerDatabase } from './ledger-database.js';
import type { OrderIntentsTable, OrdersTable } from './tables.js';

type OrderLedger = Pick<Ledger, 'saveOrders' | 'saveIntent'>;

const WHEN_FURTHER = sql`${progressOf('orders')} < ${progressOf('excluded')}`;

export function orderLedger(database: LedgerDatabase): OrderLedger {
  return {
    saveOrders: async (orders) => {
      if (orders.length === 0) return;
      const rows = [...orders].sort(byProgress).map(toRow);
      const columns = Object.keys(rows[0] ?? {}).filter((column) => column !== 'order_id');
      await database.transact(`save ${orders.length} orders`, (queries) =>
        insertBatch(queries, { table: 'orders', rows, key: ['order_id'], onConflict: replaceWhen(columns, WHEN_FURTHER) }),
      );
    },
    saveIntent: async (intent) => {
      await database.write(`save the intent ${intent.order.orderLinkId}`, (queries) =>
        insertBatch(queries, { table: 'order_intents', rows: [toIntentRow(intent)], key: ['order_link_id'], onConflict: KEEP_THE_FIRST }),
      );
    },
  };
}

function progressOf(source: string) {
  const column = (name: string) => sql.ref(`${source}.${name}`);
  return sql`(${column('updated_at')}, ${column('status')} in ('Filled', 'Cancelled', 'Rejected', 'Deactivated'), ${column('cum_exec_qty')})`;
}

/** The same order as `WHEN_FURTHER`, for several words on one order within one batch. */
function byProgress(a: Order, b: Order): number {
  const terminal = Number(isTerminal(a.status)) - Number(isTerminal(b.status));
  return a.updatedMs - b.updatedMs || terminal || dec(a.cumExecQty).comparedTo(dec(b.cumExecQty));
}

function toRow(order: Order): Insertable<OrdersTable> {
  return {
    order_id: order.orderId,
    order_link_id: order.orderLinkId,
    parent_order_link_id: order.parentOrderLinkId,
    symbol: order.symbol,
    side: order.side,
    order_type: order.orderType,
    status: order.status,
    stop_order_type: order.stopOrderType,
    create_type: order.createType,
    cancel_type: order.cancelType,
    reject_reason: order.rejectReason,
    qty: order.qty,
    price: order.price,
    trigger_price: order.triggerPrice,
    stop_loss: order.stopLoss,
    take_profit: order.takeProfit,
    cum_exec_qty: order.cumExecQty,
    cum_exec_value: order.cumExecValue,
    cum_exec_fee: order.cumExecFee,
    avg_price: order.avgPrice,
    reduce_only: order.reduceOnly,
    created_at: toTimestamp(order.createdMs),
    updated_at: toTimestamp(order.updatedMs),
  };
}

export function fromOrderRow(row: Selectable<OrdersTable>): Order {
  return {
    orderId: row.order_id, orderLinkId: row.order_link_id, parentOrderLinkId: row.parent_order_link_id, symbol: row.symbol, side: row.side,
    orderType: row.order_type, status: row.status, stopOrderType: row.stop_order_type, createType: row.create_type, cancelType: row.cancel_type,
    rejectReason: row.reject_reason, qty: toDecimalString(row.qty), price: toDecimalString(row.price), triggerPrice: toDecimalString(row.trigger_price),
    stopLoss: toDecimalString(row.stop_loss), takeProfit: toDecimalString(row.take_profit), cumExecQty: toDecimalString(row.cum_exec_qty),
    cumExecValue: toDecimalString(row.cum_exec_value), cumExecFee: toDecimalString(row.cum_exec_fee), avgPrice: toDecimalString(row.avg_price),
    reduceOnly: row.reduce_only, createdMs: row.created_at.getTime(), updatedMs: row.updated_at.getTime(),
  };
}

function toIntentRow({ order, purpose, decidedMs }: OrderIntent): Insertable<OrderIntentsTable> {
  const entry = order.kind === 'entry' ? order : undefined;
  return {
    order_link_id: order.orderLinkId,
    trade_id: order.tradeId,
    kind: order.kind,
    purpose,
    symbol: order.symbol,
    side: order.side,
    qty: order.qty,
    stop_loss: entry?.stopLoss ?? null,
    take_profit: entry?.takeProfit ?? null,
    leverage: entry?.leverage ?? null,
    decided_at: toTimestamp(decidedMs),
  };
}
