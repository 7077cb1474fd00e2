/**
 * What recovering and reconciling read and insert (see `core/ports/history-ledger.ts`).
 *
 * Invariants
 * 1. Nothing that stands here is overwritten, but a trade's row that still is what the caller read.
 * 2. Flatness is counted from the fills alone, in their order: time, sequence, id.
 */
import { sql } from 'kysely';
import { toDecimalString } from '../../core/money/decimal.js';
import type { HistoryLedger, RecordedExecution, RecordedOrder } from '../../core/ports/history-ledger.js';
import type { TradeRow } from '../../core/ports/ledger.js';
import { insertBatch, KEEP_THE_FIRST } from './batch-insert.js';
import { fromExecutionRow } from './execution-ledger.js';
import { fromIntentRow, toRecoveredIntentRow } from './intent-rows.js';
import { toTimestamp } from './instants.js';
import type { LedgerDatabase } from './ledger-database.js';
import { fromOrderRow } from './order-ledger.js';
import { fromTradeRow, toTradeRow } from './trade-ledger.js';

type Executions = Pick<HistoryLedger, 'knownExecutions' | 'executionsBetween' | 'symbolsTraded' | 'heldSinceMs'>;
type Orders = Pick<HistoryLedger, 'recordedOrders' | 'ordersBelievedOpen' | 'markOrderGone' | 'ordersByLinkId' | 'ordersWithoutIntent' | 'intentsOfTrades' | 'recoverIntents'>;
type Rest = Omit<HistoryLedger, keyof Executions | keyof Orders>;

const STILL_OPEN = ['New', 'PartiallyFilled', 'Untriggered', 'Triggered'] as const;
/** What an order is marked with that the exchange neither lists as open nor remembers. */
const GONE = 'NotOnExchange';

export function historyLedger(database: LedgerDatabase): HistoryLedger {
  return { ...recordedExecutions(database), ...recordedOrders(database), ...tradesAndCandles(database) };
}

function recordedExecutions(database: LedgerDatabase): Executions {
  return {
    knownExecutions: (execIds) => database.read('look executions up', async (queries) => {
      if (execIds.length === 0) return { executions: [], funding: [] };
      const ids = [...execIds];
      const { rows } = await sql<{ exec_id: string; funded: boolean }>`
        select e.exec_id, f.exec_id is not null as funded from executions e left join funding f using (exec_id) where e.exec_id = any(${ids})`.execute(queries);
      return { executions: rows.map((row) => row.exec_id), funding: rows.filter(({ funded }) => funded).map((row) => row.exec_id) };
    }),
    executionsBetween: ({ symbol, fromMs, toMs }) => database.read('read the executions of a span', async (queries) => {
      let query = queries.selectFrom('executions').selectAll().where('executed_at', '>=', new Date(fromMs)).where('executed_at', '<=', new Date(toMs));
      if (symbol !== undefined) query = query.where('symbol', '=', symbol);
      const rows = await query.orderBy('executed_at').orderBy('seq').orderBy('exec_id').execute();
      return rows.map((row): RecordedExecution => ({ ...fromExecutionRow(row), tradeId: row.trade_id }));
    }),
    symbolsTraded: ({ fromMs, toMs }) => database.read('read which symbols were traded', async (queries) => {
      const rows = await queries.selectFrom('executions').select('symbol').distinct()
        .where('executed_at', '>=', new Date(fromMs)).where('executed_at', '<=', new Date(toMs)).orderBy('symbol').execute();
      return rows.map(({ symbol }) => symbol);
    }),
    heldSinceMs: (symbol, atMs) => database.read('read since when a position was held', async (queries) => {
      const { rows } = await sql<{ since: Date | null }>`
        select min(executed_at) filter (where place > coalesce(flat, 0)) as since from (
          select executed_at, place, max(place) filter (where size = 0) over () as flat from (
            select executed_at, row_number() over fills as place, sum(case side when 'Buy' then qty else -qty end) over fills as size
            from executions where symbol = ${symbol} and exec_type <> 'Funding' and executed_at < ${toTimestamp(atMs)}
            window fills as (order by executed_at, seq, exec_id)) as book) as since_flat`.execute(queries);
      return rows[0]?.since?.getTime() ?? null;
    }),
  };
}

function recordedOrders(database: LedgerDatabase): Orders {
  return {
    recordedOrders: (orderIds) => database.read('look orders up', async (queries) => {
      if (orderIds.length === 0) return [];
      return (await queries.selectFrom('orders').select(ORDER_COLUMNS).where('order_id', 'in', [...orderIds]).execute()).map(recordedOrder);
    }),
    ordersBelievedOpen: () => database.read('read the orders believed open', async (queries) =>
      (await queries.selectFrom('orders').select(ORDER_COLUMNS).where('status', 'in', [...STILL_OPEN]).orderBy('created_at').execute()).map(recordedOrder)),
    markOrderGone: ({ orderId, status, updatedMs }, atMs) => database.write(`mark the order ${orderId}`, async (queries) => {
      const result = await queries.updateTable('orders').set({ status: 'Cancelled', cancel_type: GONE, updated_at: toTimestamp(atMs) })
        .where('order_id', '=', orderId).where('status', '=', status).where('updated_at', '=', new Date(updatedMs)).executeTakeFirst();
      return result.numUpdatedRows > 0n;
    }),
    ordersByLinkId: (orderLinkIds) => database.read('look orders up by their link ids', async (queries) => {
      if (orderLinkIds.length === 0) return [];
      return (await queries.selectFrom('orders').selectAll().where('order_link_id', 'in', [...orderLinkIds]).execute()).map(fromOrderRow);
    }),
    ordersWithoutIntent: ({ fromMs, toMs }) => database.read('read the orders that no intent announced', async (queries) => {
      const orders = queries.selectFrom('orders').selectAll('orders').leftJoin('order_intents', 'order_intents.order_link_id', 'orders.order_link_id');
      const rows = await orders.where('orders.order_link_id', '<>', '').where('order_intents.order_link_id', 'is', null)
        .where('created_at', '>=', new Date(fromMs)).where('created_at', '<=', new Date(toMs)).orderBy('created_at').execute();
      return rows.map(fromOrderRow);
    }),
    intentsOfTrades: (tradeIds) => database.read('read the intents of trades', async (queries) => {
      if (tradeIds.length === 0) return [];
      return (await queries.selectFrom('order_intents').selectAll().where('trade_id', 'in', [...tradeIds]).orderBy('order_link_id').execute()).map(fromIntentRow);
    }),
    recoverIntents: async (intents) => {
      const rows = intents.map(toRecoveredIntentRow);
      const inserted = await database.transact(`insert ${rows.length} intents`, (queries) => insertBatch(queries, { table: 'order_intents', rows, key: ['order_link_id'], onConflict: KEEP_THE_FIRST }));
      return inserted.length;
    },
  };
}

const ORDER_COLUMNS = ['order_id', 'order_link_id', 'symbol', 'status', 'cum_exec_qty', 'created_at', 'updated_at'] as const;

function recordedOrder(row: { order_id: string; order_link_id: string; symbol: string; status: RecordedOrder['status']; cum_exec_qty: string; created_at: Date; updated_at: Date }): RecordedOrder {
  return {
    orderId: row.order_id, orderLinkId: row.order_link_id, symbol: row.symbol, status: row.status, cumExecQty: toDecimalString(row.cum_exec_qty),
    createdMs: row.created_at.getTime(), updatedMs: row.updated_at.getTime(),
  };
}

function tradesAndCandles(database: LedgerDatabase): Rest {
  return {
    candleStarts: ({ symbol, interval, fromMs, toMs }) => database.read('read which candles there are', async (queries) => {
      const rows = await queries.selectFrom('price_data').select('timestamp').where('symbol', '=', symbol).where('interval', '=', interval)
        .where('timestamp', '>=', new Date(fromMs)).where('timestamp', '<=', new Date(toMs)).orderBy('timestamp').execute();
      return rows.map(({ timestamp }) => timestamp.getTime());
    }),
    candleIntervals: (symbol) => database.read('read which intervals there are', async (queries) =>
      (await queries.selectFrom('price_data').select('interval').distinct().where('symbol', '=', symbol).orderBy('interval').execute()).map(({ interval }) => interval)),
    tradesById: (tradeIds) => database.read('look trades up', async (queries) => {
      if (tradeIds.length === 0) return [];
      return (await queries.selectFrom('trades').selectAll().where('trade_id', 'in', [...tradeIds]).execute()).map(fromTradeRow);
    }),
    strategyNamesEver: () => database.read('read the names of all strategies', async (queries) => {
      const { rows } = await sql<{ name: string }>`select name from strategies union select distinct strategy from trades order by name`.execute(queries);
      return rows.map(({ name }) => name);
    }),
    correctTrade: (expected, trade) => (expected === null ? insertTrade(database, trade) : replaceTrade(database, expected, trade)),
  };
}

async function insertTrade(database: LedgerDatabase, trade: TradeRow): Promise<boolean> {
  const inserted = await database.write(`insert the trade ${trade.tradeId}`, (queries) =>
    insertBatch(queries, { table: 'trades', rows: [toTradeRow(trade)], key: ['trade_id'], onConflict: KEEP_THE_FIRST }));
  return inserted.length > 0;
}

/** Under the row's lock, so that nobody writes between comparing and replacing. */
function replaceTrade(database: LedgerDatabase, expected: TradeRow, trade: TradeRow): Promise<boolean> {
  return database.transact(`correct the trade ${trade.tradeId}`, async (queries) => {
    const stands = await queries.selectFrom('trades').selectAll().where('trade_id', '=', expected.tradeId).forUpdate().executeTakeFirst();
    if (stands === undefined || JSON.stringify(fromTradeRow(stands)) !== JSON.stringify(expected)) return false;
    // What the bot measured is none of the figures, and jsonb goes in as it came out.
    const { trade_id: tradeId, timings: _timings, ...changes } = toTradeRow(trade);
    await queries.updateTable('trades').set(changes).where('trade_id', '=', tradeId).execute();
    return true;
  });
}
