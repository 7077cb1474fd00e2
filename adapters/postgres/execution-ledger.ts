/**
 * Executions, the facts all money is counted from.
 *
 * Invariants
 * 1. An execution id stands here at most once, whatever order and however often executions are reported.
 * 2. A funding payment stands in `executions` and in `funding`, both or neither.
 * 3. The first trade an execution is attributed to keeps it; an unattributed one can be attributed later.
 */
import { sql, type Insertable, type Selectable } from 'kysely';
import { toDecimalString } from '../../core/money/decimal.js';
import type { Execution } from '../../core/orders/order.js';
import type { Ledger } from '../../core/ports/ledger.js';
import { insertBatch, KEEP_THE_FIRST } from './batch-insert.js';
import { toTimestamp } from './instants.js';
import type { LedgerDatabase, Queries } from './ledger-database.js';
import type { ExecutionsTable, FundingTable } from './tables.js';

type ExecutionLedger = Pick<Ledger, 'saveExecutions' | 'newestExecutionMs' | 'executionsOf' | 'lastTradeMs'>;

export function executionLedger(database: LedgerDatabase): ExecutionLedger {
  return {
    saveExecutions: async (executions, tradeId) => {
      if (executions.length === 0) return 0;
      return database.transact(`save ${executions.length} executions`, (queries) => insertExecutions(queries, executions, tradeId ?? null));
    },
    newestExecutionMs: () =>
      database.read('read the newest execution', async (queries) => {
        const row = await queries.selectFrom('executions').select('executed_at').orderBy('executed_at', 'desc').limit(1).executeTakeFirst();
        return row?.executed_at.getTime() ?? 0;
      }),
    executionsOf: async (query) => {
      const rows = await database.read('read executions', (queries) => selectExecutions(queries, query));
      return rows.map(fromExecutionRow);
    },
    lastTradeMs: () =>
      database.read('read the last trade', async (queries) => {
        const filled = queries.selectFrom('executions').select('executed_at').where('exec_type', '<>', 'Funding');
        const row = await filled.orderBy('executed_at', 'desc').limit(1).executeTakeFirst();
        return row?.executed_at.getTime() ?? null;
      }),
  };
}

async function insertExecutions(queries: Queries, executions: readonly Execution[], tradeId: string | null): Promise<number> {
  const rows = executions.map((execution) => toRow(execution, tradeId));
  const inserted = await insertBatch(queries, { table: 'executions', rows, key: ['exec_id'], onConflict: KEEP_THE_FIRST });
  const funding = executions.filter((execution) => execution.execType === 'Funding').map(toFundingRow);
  await insertBatch(queries, { table: 'funding', rows: funding, key: ['exec_id'], onConflict: KEEP_THE_FIRST });
  if (tradeId !== null && inserted.length < rows.length) await attribute(queries, rows.map((row) => row.exec_id), tradeId);
  return inserted.length;
}

async function attribute(queries: Queries, execIds: string[], tradeId: string): Promise<void> {
  await sql`
    update executions set trade_id = ${tradeId}
    where exec_id in (select exec_id from executions where exec_id = any(${execIds}) and trade_id is null order by exec_id for update)`.execute(queries);
}

function selectExecutions(queries: Queries, { symbol, tradeId, fromMs }: { symbol?: string; tradeId?: string; fromMs: number }) {
  let query = queries.selectFrom('executions').selectAll().where('executed_at', '>=', new Date(fromMs));
  if (symbol !== undefined) query = query.where('symbol', '=', symbol);
  if (tradeId !== undefined) query = query.where('trade_id', '=', tradeId);
  return query.orderBy('executed_at').orderBy('seq').orderBy('exec_id').execute();
}

function toRow(execution: Execution, tradeId: string | null): Insertable<ExecutionsTable> {
  return {
    exec_id: execution.execId,
    exec_type: execution.execType,
    trade_id: tradeId,
    order_id: execution.orderId,
    order_link_id: execution.orderLinkId,
    symbol: execution.symbol,
    side: execution.side,
    stop_order_type: execution.stopOrderType,
    create_type: execution.createType,
    price: execution.price,
    qty: execution.qty,
    value: execution.value,
    fee: execution.fee,
    fee_rate: execution.feeRate,
    is_maker: execution.isMaker,
    closed_size: execution.closedSize,
    mark_price: execution.markPrice,
    executed_at: toTimestamp(execution.execMs),
    seq: execution.seq,
  };
}

function toFundingRow(execution: Execution): Insertable<FundingTable> {
  return {
    exec_id: execution.execId,
    symbol: execution.symbol,
    timestamp: toTimestamp(execution.execMs),
    side: execution.side,
    position_size: execution.qty,
    mark_price: execution.markPrice,
    funding_rate: execution.feeRate,
    amount: execution.fee,
  };
}

export function fromExecutionRow(row: Selectable<ExecutionsTable>): Execution {
  return {
    execId: row.exec_id,
    execType: row.exec_type,
    orderId: row.order_id,
    orderLinkId: row.order_link_id,
    symbol: row.symbol,
    side: row.side,
    stopOrderType: row.stop_order_type,
    createType: row.create_type,
    price: toDecimalString(row.price),
    qty: toDecimalString(row.qty),
    value: toDecimalString(row.value),
    fee: toDecimalString(row.fee),
    feeRate: toDecimalString(row.fee_rate),
    isMaker: row.is_maker,
    closedSize: toDecimalString(row.closed_size),
    markPrice: toDecimalString(row.mark_price),
    execMs: row.executed_at.getTime(),
    seq: Number(row.seq),
  };
}
