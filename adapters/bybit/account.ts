/**
 * The account's state and history over REST. Lists are complete and ascending by time; rows of one millisecond keep the
 * exchange's own order, which is newest first on the wire and therefore reversed here.
 */
import type { Account, ClosedPnl, ExecutionRange, TransactionLogEntry } from '../../core/ports/exchange.js';
import { isTerminal, type Execution, type Order, type Position } from '../../core/orders/order.js';
import type { z } from 'zod';
import { ENDPOINTS, type Endpoint } from './endpoints.js';
import { allPages, spansOf, uniqueBy } from './pages.js';
import { apiKeyInfo, closedPnlPage, transactionPage } from './parse/account.js';
import { compareExecutions, executionRow } from './parse/execution.js';
import { pageOf } from './parse/fields.js';
import { orderRow } from './parse/order.js';
import { positionRow } from './parse/position.js';
import { walletList } from './parse/wallet.js';
import type { RequestParams, RestCaller } from './rest-caller.js';

const LINEAR_USDT = { category: 'linear', settleCoin: 'USDT' } as const;
const ORDERS_PER_PAGE = 50;
const EXECUTIONS_PER_PAGE = 100;
const TRANSACTIONS_PER_PAGE = 50;
const CLOSED_PNL_PER_PAGE = 100;
const POSITIONS_PER_PAGE = 200;

const orderPage = pageOf(orderRow);
const executionPage = pageOf(executionRow);
const positionPage = pageOf(positionRow);

interface Reader {
  rest: RestCaller;
  /** an instant that nothing on the exchange is later than, ms: the end of open ranges */
  presentMs: (symbol: string | undefined) => Promise<number>;
}

export function createAccount(reader: Reader): Account {
  const { rest } = reader;
  return {
    async wallet() {
      const { result, timeMs } = await rest.call({ endpoint: ENDPOINTS.wallet, params: { accountType: 'UNIFIED' }, kind: 'read' }, walletList);
      return { ...result.list[0], asOfMs: timeMs };
    },
    positions: () => openPositions(rest),
    openOrders: () => openOrders(rest),
    findOrder: (query) => findOrder(rest, query),
    orderHistory: (range) => orderHistory(reader, range),
    executions: (range) => executions(reader, range),
    transactions: (range) => transactions(reader, range),
    closedPnl: (range) => closedPnl(reader, range),
    async apiKey() {
      const { result } = await rest.call({ endpoint: ENDPOINTS.apiKey, params: {}, kind: 'read' }, apiKeyInfo);
      return result;
    },
  };
}

async function openPositions(rest: RestCaller): Promise<Position[]> {
  const rows = await list(rest, { endpoint: ENDPOINTS.positions, filter: { ...LINEAR_USDT, limit: POSITIONS_PER_PAGE }, page: positionPage });
  return uniqueBy(rows, (row) => row.symbol).filter((row) => row.side !== 'None');
}

async function openOrders(rest: RestCaller): Promise<Order[]> {
  const rows = await list(rest, { endpoint: ENDPOINTS.openOrders, filter: { ...LINEAR_USDT, openOnly: 0, limit: ORDERS_PER_PAGE }, page: orderPage });
  return uniqueBy(rows, (row) => row.orderId).filter((row) => !isTerminal(row.status)).reverse().sort((one, other) => one.createdMs - other.createdMs);
}

/** `order/realtime` asked by id also knows recently closed orders; older ones have moved to the history. */
async function findOrder(rest: RestCaller, query: { symbol: string; orderLinkId: string }): Promise<Order | null> {
  for (const endpoint of [ENDPOINTS.openOrders, ENDPOINTS.orderHistory]) {
    const { result } = await rest.call({ endpoint, params: { category: 'linear', ...query }, kind: 'read' }, orderPage);
    const order = result.list.find((row) => row.orderLinkId === query.orderLinkId);
    if (order !== undefined) return order;
  }
  return null;
}

async function orderHistory(reader: Reader, range: { symbol?: string; fromMs: number; toMs?: number }): Promise<Order[]> {
  const filter = { ...LINEAR_USDT, ...symbolOf(range), limit: ORDERS_PER_PAGE };
  const rows = await listSpans(reader, range, { endpoint: ENDPOINTS.orderHistory, filter, page: orderPage });
  return uniqueBy(rows, (row) => row.orderId).filter((row) => isTerminal(row.status)).reverse().sort((one, other) => one.updatedMs - other.updatedMs);
}

async function executions(reader: Reader, range: ExecutionRange): Promise<Execution[]> {
  const link = range.orderLinkId === undefined ? {} : { orderLinkId: range.orderLinkId };
  const filter = { category: 'linear', ...symbolOf(range), ...link, limit: EXECUTIONS_PER_PAGE };
  const rows = await listSpans(reader, range, { endpoint: ENDPOINTS.executions, filter, page: executionPage });
  return uniqueBy(rows, (row) => row.execId).sort(compareExecutions);
}

async function transactions(reader: Reader, range: { fromMs: number; toMs?: number }): Promise<TransactionLogEntry[]> {
  const filter = { accountType: 'UNIFIED', currency: 'USDT', limit: TRANSACTIONS_PER_PAGE };
  const rows = await listSpans(reader, range, { endpoint: ENDPOINTS.transactions, filter, page: transactionPage });
  return uniqueBy(rows, (row) => row.id).reverse().sort((one, other) => one.atMs - other.atMs);
}

async function closedPnl(reader: Reader, range: { symbol?: string; fromMs: number; toMs?: number }): Promise<ClosedPnl[]> {
  const filter = { category: 'linear', ...symbolOf(range), limit: CLOSED_PNL_PER_PAGE };
  const rows = await listSpans(reader, range, { endpoint: ENDPOINTS.closedPnl, filter, page: closedPnlPage });
  return uniqueBy(rows, (row) => row.orderId).reverse().sort((one, other) => one.updatedMs - other.updatedMs);
}

interface ListQuery<T> {
  endpoint: Endpoint;
  filter: RequestParams;
  page: z.ZodType<{ list: T[]; nextPageCursor: string }>;
}

/** Newest span first, as the rows within each span come. */
async function listSpans<T>(reader: Reader, range: { symbol?: string; fromMs: number; toMs?: number }, query: ListQuery<T>): Promise<T[]> {
  const toMs = range.toMs ?? await reader.presentMs(range.symbol);
  const rows: T[] = [];
  for (const span of spansOf(range.fromMs, toMs).reverse()) {
    rows.push(...await list(reader.rest, { ...query, filter: { ...query.filter, ...span } }));
  }
  return rows;
}

function list<T>(rest: RestCaller, { endpoint, filter, page }: ListQuery<T>): Promise<T[]> {
  return allPages(endpoint.name, async (paging) => {
    const { result } = await rest.call({ endpoint, params: { ...filter, ...paging }, kind: 'read' }, page);
    return result;
  });
}

function symbolOf({ symbol }: { symbol?: string }): { symbol?: never } | { symbol: string } {
  return symbol === undefined ? {} : { symbol };
}
