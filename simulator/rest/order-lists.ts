/** Lists of orders and executions. By id an order is visible at once; the history may lag, as Bybit's does. */
import { z } from 'zod';
import { isTerminal } from '../../core/orders/order.js';
import type { OrderRow } from '../../core/matching/contract.js';
import { restExecution } from '../rows/execution-row.js';
import { restOrder } from '../rows/order-row.js';
import { invalidParameter } from '../server/refusal.js';
import { pageOf } from './cursors.js';
import { choice, integer, limit, parseLinear, text, type RawParams } from './params.js';
import { ok, type Answer, type PrivateRoute, type RouteContext } from './route.js';
import { timeSpan } from './time-span.js';

export const orderListRoutes: readonly PrivateRoute[] = [
  { access: 'read', method: 'GET', path: '/v5/order/realtime', handle: realtime },
  { access: 'read', method: 'GET', path: '/v5/order/history', handle: history },
  { access: 'read', method: 'GET', path: '/v5/execution/list', handle: executions },
];

/** Closed orders that order/realtime still shows (Bybit: the last 500). */
const RECENT_CLOSED_MAX = 500;
const DAY_MS = 86_400_000;

const orderFilter = choice(['Order', 'StopOrder', 'tpslOrder', 'OcoOrder', 'BidirectionalTpslOrder']);
const scopeSchema = { symbol: text, baseCoin: text, settleCoin: text, orderId: text, orderLinkId: text, orderFilter, limit: limit(50, 20), cursor: text };
const realtimeSchema = z.object({ ...scopeSchema, openOnly: integer({ min: 0, max: 2, fallback: 0 }) });

function realtime(params: RawParams, context: RouteContext): Answer {
  const query = parseLinear(realtimeSchema, params);
  const byId = query.orderId !== '' || query.orderLinkId !== '';
  if (!byId && query.symbol === '' && query.baseCoin === '' && query.settleCoin === '') {
    throw invalidParameter('params error: Missing some parameters that must be filled in, symbol or baseCoin or settleCoin');
  }
  const all = context.exchange.engine.orders();
  const closed = byId || query.openOnly !== 0 ? all.filter((order) => isTerminal(order.status)).slice(-RECENT_CLOSED_MAX) : [];
  const rows = [...all.filter((order) => !isTerminal(order.status)), ...closed].filter((order) => matches(order, query, context));
  return orderPage(newestFirst(rows), query);
}

const historySchema = z.object({ ...scopeSchema, orderStatus: text, startTime: text, endTime: text });

function history(params: RawParams, context: RouteContext): Answer {
  const query = parseLinear(historySchema, params);
  const nowMs = context.exchange.clock().atMs;
  const byId = query.orderId !== '' || query.orderLinkId !== '';
  const span = timeSpan(query, { nowMs, defaultMs: 7 * DAY_MS, unboundedById: byId });
  const visibleMs = nowMs - context.historyLagMs();
  const rows = context.exchange.engine.orders().filter((order) => isTerminal(order.status) && order.updatedMs <= visibleMs
    && order.updatedMs >= span.fromMs && order.updatedMs <= span.toMs && isKept(order, nowMs)
    && (query.orderStatus === '' || order.status === query.orderStatus) && matches(order, query, context));
  return orderPage(newestFirst(rows), query);
}

/** Unfilled closed orders are kept for a day only. */
function isKept(order: OrderRow, nowMs: number): boolean {
  return order.cumExecQty !== '0' || order.updatedMs >= nowMs - DAY_MS;
}

interface OrderScope { symbol: string; baseCoin: string; settleCoin: string; orderId: string; orderLinkId: string; orderFilter?: string | undefined }

function matches(order: OrderRow, scope: OrderScope, context: RouteContext): boolean {
  if (scope.orderId !== '') return order.orderId === scope.orderId;
  if (scope.orderLinkId !== '' && order.orderLinkId !== scope.orderLinkId) return false;
  if (scope.symbol !== '' && order.symbol !== scope.symbol) return false;
  if (scope.baseCoin !== '' && context.exchange.instrument(order.symbol).baseCoin !== scope.baseCoin) return false;
  if (scope.settleCoin !== '' && scope.settleCoin !== 'USDT') return false;
  return matchesFilter(order, scope.orderFilter);
}

function matchesFilter(order: OrderRow, filter: string | undefined): boolean {
  if (filter === undefined) return true;
  const isTpsl = /(StopLoss|TakeProfit)$/.test(order.stopOrderType);
  if (filter === 'Order') return order.stopOrderType === '';
  if (filter === 'tpslOrder') return isTpsl;
  return filter === 'StopOrder' && order.stopOrderType !== '';
}

function newestFirst(rows: readonly OrderRow[]): OrderRow[] {
  return rows.toSorted((left, right) => right.createdMs - left.createdMs || right.arrival - left.arrival || (left.orderId < right.orderId ? 1 : -1));
}

function orderPage(rows: readonly OrderRow[], query: { limit: number; cursor: string }): Answer {
  const page = pageOf({ rows, idOf: (order) => order.orderId, limit: query.limit, cursor: query.cursor });
  return ok({ category: 'linear', list: page.rows.map(restOrder), nextPageCursor: page.nextPageCursor });
}

const executionsSchema = z.object({
  symbol: text, baseCoin: text, orderId: text, orderLinkId: text, startTime: text, endTime: text, execType: text, limit: limit(100, 50), cursor: text,
});

function executions(params: RawParams, context: RouteContext): Answer {
  const query = parseLinear(executionsSchema, params);
  const byId = query.orderId !== '' || query.orderLinkId !== '';
  const span = timeSpan(query, { nowMs: context.exchange.clock().atMs, defaultMs: 7 * DAY_MS, unboundedById: byId });
  const rows = context.exchange.engine.executions().filter((row) => row.execMs >= span.fromMs && row.execMs <= span.toMs
    && (query.symbol === '' || row.symbol === query.symbol) && (query.orderId === '' || row.orderId === query.orderId)
    && (query.orderLinkId === '' || row.orderLinkId === query.orderLinkId) && (query.execType === '' || row.execType === query.execType));
  const page = pageOf({ rows: rows.toReversed(), idOf: (row) => row.execId, limit: query.limit, cursor: query.cursor });
  return ok({ category: 'linear', list: page.rows.map(restExecution), nextPageCursor: page.nextPageCursor });
}
