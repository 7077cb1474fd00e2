/**
 * Trades: one row per trade id, always written whole.
 *
 * Invariants
 * 1. A closed or failed trade never takes another state; a late writer of an earlier state changes nothing.
 * 2. The figures of a closed trade can still be corrected by a writer of the same state (a late funding payment).
 */
import { sql, type Insertable, type Selectable } from 'kysely';
import { toDecimalString, type DecimalString } from '../../core/money/decimal.js';
import type { Ledger, TradeRow } from '../../core/ports/ledger.js';
import { insertBatch, replaceWhen } from './batch-insert.js';
import { toOptionalMs, toOptionalTimestamp, toTimestamp } from './instants.js';
import type { LedgerDatabase } from './ledger-database.js';
import type { TradesTable } from './tables.js';

type TradeLedger = Pick<Ledger, 'saveTrade' | 'trade' | 'openTrades' | 'tradesSince'>;

const WHEN_NOT_OVER = sql`trades.state not in ('closed', 'failed') or trades.state = excluded.state`;

export function tradeLedger(database: LedgerDatabase): TradeLedger {
  return {
    saveTrade: async (trade) => {
      const row = toTradeRow(trade);
      const columns = Object.keys(row).filter((column) => column !== 'trade_id');
      await database.write(`save the trade ${trade.tradeId}`, (queries) =>
        insertBatch(queries, { table: 'trades', rows: [row], key: ['trade_id'], onConflict: replaceWhen(columns, WHEN_NOT_OVER) }),
      );
    },
    trade: async (tradeId) => {
      const row = await database.read(`read the trade ${tradeId}`, (queries) =>
        queries.selectFrom('trades').selectAll().where('trade_id', '=', tradeId).executeTakeFirst(),
      );
      return row === undefined ? null : fromTradeRow(row);
    },
    openTrades: async () => {
      const rows = await database.read('read the open trades', (queries) =>
        queries.selectFrom('trades').selectAll().where('state', 'in', ['intended', 'open', 'closing']).orderBy('timestamp').orderBy('trade_id').execute(),
      );
      return rows.map(fromTradeRow);
    },
    tradesSince: async (sinceMs, limit) => {
      const rows = await database.read('read recent trades', (queries) =>
        queries.selectFrom('trades').selectAll().where('timestamp', '>=', new Date(sinceMs))
          .orderBy('timestamp', 'desc').orderBy('trade_id', 'desc').limit(limit).execute(),
      );
      return rows.map(fromTradeRow);
    },
  };
}

export function toTradeRow(trade: TradeRow): Insertable<TradesTable> {
  return {
    trade_id: trade.tradeId,
    timestamp: toTimestamp(trade.decidedMs),
    strategy: trade.strategy,
    symbol: trade.symbol,
    side: trade.side,
    state: trade.state,
    reference_price: trade.referencePrice,
    qty: trade.qty,
    leverage: trade.leverage,
    stop_loss: trade.stopLoss,
    take_profit: trade.takeProfit,
    entry_price: trade.entryPrice,
    exit_price: trade.exitPrice,
    opened_at: toOptionalTimestamp(trade.openedMs),
    closed_at: toOptionalTimestamp(trade.closedMs),
    exit_reason: trade.exitReason,
    gross_pnl: trade.grossPnl,
    fees: trade.fees,
    funding: trade.funding,
    realised_pnl: trade.realisedPnl,
    error_code: trade.errorCode,
    error_message: trade.errorMessage,
    workflow_id: trade.workflowId,
    timings: trade.timings,
  };
}

export function fromTradeRow(row: Selectable<TradesTable>): TradeRow {
  return {
    tradeId: row.trade_id,
    strategy: row.strategy,
    symbol: row.symbol,
    side: row.side,
    state: row.state,
    decidedMs: row.timestamp.getTime(),
    referencePrice: toDecimalString(row.reference_price),
    qty: toDecimalString(row.qty),
    leverage: toDecimalString(row.leverage),
    stopLoss: toDecimalString(row.stop_loss),
    takeProfit: optionalDecimal(row.take_profit),
    entryPrice: optionalDecimal(row.entry_price),
    exitPrice: optionalDecimal(row.exit_price),
    openedMs: toOptionalMs(row.opened_at),
    closedMs: toOptionalMs(row.closed_at),
    exitReason: row.exit_reason,
    grossPnl: optionalDecimal(row.gross_pnl),
    fees: optionalDecimal(row.fees),
    funding: optionalDecimal(row.funding),
    realisedPnl: optionalDecimal(row.realised_pnl),
    errorCode: row.error_code,
    errorMessage: row.error_message,
    workflowId: row.workflow_id,
    timings: row.timings,
  };
}

function optionalDecimal(value: string | null): DecimalString | null {
  return value === null ? null : toDecimalString(value);
}
