/**
 * What analytics reads: closed trades, what happened on each UTC day, and the equity curve at its ends.
 *
 * Invariants
 * 1. One answer is one statement, so one snapshot.
 * 2. Days are UTC whatever the session's time zone: they are made by adding 24 hours, never a calendar day.
 */
import { sql, type RawBuilder } from 'kysely';
import { toDecimalString } from '../../core/money/decimal.js';
import type { Side } from '../../core/orders/order.js';
import type { AnalyticsLedger, ClosedTrade, DayRecord, EquityReading } from '../../core/ports/analytics-ledger.js';
import { toTimestamp } from './instants.js';
import type { LedgerDatabase } from './ledger-database.js';

export function analyticsLedger(database: LedgerDatabase): AnalyticsLedger {
  return {
    closedTrades: async ({ fromMs, untilMs, limit }) => {
      const { rows } = await database.read('read closed trades', (queries) => closedTrades(fromMs, untilMs, limit).execute(queries));
      return rows.map(fromTradeRow);
    },
    dayRecords: async ({ firstDayMs, lastDayMs }) => {
      const { rows } = await database.read('read the days', (queries) => days(firstDayMs, lastDayMs).execute(queries));
      return rows.map(fromDayRow);
    },
    openingEquity: async (atMs) => {
      const { rows } = await database.read('read the opening equity', (queries) => openingEquity(atMs).execute(queries));
      const [row] = rows;
      return row === undefined ? null : readingOf(row.as_of, row.equity, row.unrealised_pnl);
    },
    strategyNames: async () => {
      const rows = await database.read('read the names of the strategies', (queries) => queries.selectFrom('strategies').select('name').orderBy('name').execute());
      return rows.map(({ name }) => name);
    },
  };
}

interface ClosedTradeRow {
  trade_id: string;
  strategy: string;
  symbol: string;
  side: Side;
  exit_reason: string | null;
  opened_at: Date;
  closed_at: Date;
  entry_value: string;
  leverage: string;
  entry_fees: string | null;
  gross_pnl: string;
  fees: string;
  funding: string;
  realised_pnl: string;
}

/** The figures of a closed trade are written together, so one of them stands for all. A trade without an entry has none. */
function closedTrades(fromMs: number, untilMs: number, limit: number): RawBuilder<ClosedTradeRow> {
  return sql<ClosedTradeRow>`
    select trade_id, strategy, symbol, side, exit_reason, opened_at, closed_at, qty * entry_price as entry_value, leverage, gross_pnl, fees, funding, realised_pnl,
      (select sum(fee) from executions where executions.trade_id = trades.trade_id and executions.side = trades.side and exec_type <> 'Funding') as entry_fees
    from trades
    where state = 'closed' and closed_at >= ${toTimestamp(fromMs)} and closed_at < ${toTimestamp(untilMs)}
      and realised_pnl is not null and opened_at is not null and qty * entry_price > 0
    order by closed_at, trade_id limit ${limit}`;
}

function fromTradeRow(row: ClosedTradeRow): ClosedTrade {
  return {
    tradeId: row.trade_id, strategy: row.strategy, symbol: row.symbol, side: row.side, exitReason: row.exit_reason,
    openedMs: row.opened_at.getTime(), closedMs: row.closed_at.getTime(),
    entryValue: toDecimalString(row.entry_value), leverage: toDecimalString(row.leverage), entryFees: row.entry_fees === null ? null : toDecimalString(row.entry_fees),
    grossPnl: toDecimalString(row.gross_pnl), fees: toDecimalString(row.fees), funding: toDecimalString(row.funding), realisedPnl: toDecimalString(row.realised_pnl),
  };
}

interface DayRow {
  day: Date;
  first_as_of: Date | null;
  first_equity: string;
  first_unrealised: string;
  last_as_of: Date | null;
  last_equity: string;
  last_unrealised: string;
  closed_trades: string;
  gross_pnl: string;
  fees: string;
  funding: string;
}

/** Funding is paid for the hours before it: the payment at midnight is of the day that ends, and stands in the reading that ends it. */
const SETTLEMENT = sql<string>`interval '1 minute'`;

/** Two probes of an index a day for the equity, and one range of an index each for trades and executions. */
function days(firstDayMs: number, lastDayMs: number): RawBuilder<DayRow> {
  const [first, last] = [toTimestamp(firstDayMs), toTimestamp(lastDayMs)];
  const dayOf = (column: RawBuilder<unknown>): RawBuilder<Date> => sql<Date>`date_trunc('day', ${column}, 'UTC')`;
  const end = sql<Date>`(${last}::timestamptz + interval '24 hours')`;
  const closedAt = sql.ref('closed_at');
  const bookedAt = sql<Date>`executed_at - case exec_type when 'Funding' then ${SETTLEMENT} else interval '0' end`;
  return sql<DayRow>`
    with days as (select day from generate_series(${first}::timestamptz, ${last}::timestamptz, interval '24 hours') as day),
    closed as (
      select ${dayOf(closedAt)} as day, count(*) as closed_trades, sum(gross_pnl) as gross_pnl
      from trades where state = 'closed' and closed_at >= ${first} and closed_at < ${end} group by 1),
    booked as (
      select ${dayOf(bookedAt)} as day, sum(fee) filter (where exec_type <> 'Funding') as fees, sum(fee) filter (where exec_type = 'Funding') as funding
      from executions where executed_at >= ${first} and executed_at < ${end} + ${SETTLEMENT} group by 1)
    select days.day, coalesce(closed_trades, 0) as closed_trades, coalesce(gross_pnl, 0) as gross_pnl, coalesce(fees, 0) as fees, coalesce(funding, 0) as funding,
      opening.as_of as first_as_of, opening.equity as first_equity, opening.unrealised_pnl as first_unrealised,
      ending.as_of as last_as_of, ending.equity as last_equity, ending.unrealised_pnl as last_unrealised
    from days
    left join closed on closed.day = days.day
    left join booked on booked.day = days.day
    left join lateral (select * from equity where as_of >= days.day and as_of < days.day + interval '24 hours' order by as_of, source limit 1) opening on true
    left join lateral (select * from equity where as_of >= days.day and as_of <= days.day + interval '24 hours' order by as_of desc, source limit 1) ending on opening.as_of is not null
    order by days.day`;
}

function fromDayRow(row: DayRow): DayRecord {
  return {
    dayMs: row.day.getTime(),
    first: row.first_as_of === null ? null : readingOf(row.first_as_of, row.first_equity, row.first_unrealised),
    last: row.last_as_of === null ? null : readingOf(row.last_as_of, row.last_equity, row.last_unrealised),
    closedTrades: Number(row.closed_trades),
    grossPnl: toDecimalString(row.gross_pnl), fees: toDecimalString(row.fees), funding: toDecimalString(row.funding),
  };
}

interface EquityRow {
  as_of: Date;
  equity: string;
  unrealised_pnl: string;
}

function openingEquity(atMs: number): RawBuilder<EquityRow> {
  const at = toTimestamp(atMs);
  return sql<EquityRow>`
    (select as_of, equity, unrealised_pnl, 1 as choice from equity where as_of <= ${at} order by as_of desc, source limit 1)
    union all
    (select as_of, equity, unrealised_pnl, 2 as choice from equity where as_of > ${at} order by as_of, source limit 1)
    order by choice limit 1`;
}

function readingOf(asOf: Date, equity: string, unrealised: string): EquityReading {
  return { asOfMs: asOf.getTime(), equity: toDecimalString(equity), unrealisedPnl: toDecimalString(unrealised) };
}
