/**
 * Profit and loss by UTC day of trading time.
 *
 * Invariants
 * 1. A day without trading has zeros; equity that nobody read is null, with the reason.
 * 2. What the equity did and what trades, fees, funding and open positions explain of it stand side by side; the rest
 *    (deposits, orders of others, a trade that closed in parts on two days) is named `unexplained`, never hidden.
 */
import { dec, toDecimalString, ZERO, type Decimal, type DecimalString } from '../money/decimal.js';
import type { DayRecord, EquityReading } from '../ports/analytics-ledger.js';
import { DAY_MS } from './performance.js';

/** Amounts in USDT. */
export interface DayPnl {
  dayMs: number;
  closedTrades: number;
  /** of the trades closed that day, before fees and funding */
  grossPnl: DecimalString;
  fees: DecimalString;
  /** positive is a cost */
  funding: DecimalString;
  /** grossPnl − fees − funding */
  realisedPnl: DecimalString;
  /** null where the equity of the day is not known */
  equity: DayEquity | null;
  /** why the equity, or the return on it, is not known */
  reason: string | null;
}

export interface DayEquity {
  start: DecimalString;
  end: DecimalString;
  endMs: number;
  change: DecimalString;
  /** of the positions open at the end */
  unrealised: DecimalString;
  unrealisedChange: DecimalString;
  /** realisedPnl + unrealisedChange */
  netPnl: DecimalString;
  /** netPnl in percent of the start; null when that was not above zero */
  returnPercent: DecimalString | null;
  /** change − netPnl */
  unexplained: DecimalString;
}

/** `newest` is the latest reading of the wallet, which is never older than the last point of the equity curve. */
export function dailyPnl(records: readonly DayRecord[], newest: EquityReading | null): DayPnl[] {
  return records.map((record) => pnlOf(withNewest(record, newest)));
}

/** The record with the reading as its last one, when it is of that day and not older than what it has. */
export function withNewest(record: DayRecord, newest: EquityReading | null): DayRecord {
  if (newest === null || newest.asOfMs < record.dayMs || newest.asOfMs >= record.dayMs + DAY_MS) return record;
  const isNewer = record.last === null || newest.asOfMs >= record.last.asOfMs;
  return isNewer ? { ...record, first: record.first ?? newest, last: newest } : record;
}

function pnlOf({ dayMs, closedTrades, grossPnl, fees, funding, first, last }: DayRecord): DayPnl {
  const realised = dec(grossPnl).minus(dec(fees)).minus(dec(funding));
  const equity = first === null || last === null ? null : equityOf({ first, last, realised });
  return { dayMs, closedTrades, grossPnl, fees, funding, realisedPnl: toDecimalString(realised), equity, reason: reasonOf(equity) };
}

function reasonOf(equity: DayEquity | null): string | null {
  if (equity === null) return 'the account was not read on this day, so its equity is not known';
  return equity.returnPercent === null ? 'the equity at the start of the day was not above zero, so there is no return on it' : null;
}

function equityOf({ first, last, realised }: { first: EquityReading; last: EquityReading; realised: Decimal }): DayEquity {
  const change = dec(last.equity).minus(dec(first.equity));
  const unrealisedChange = dec(last.unrealisedPnl).minus(dec(first.unrealisedPnl));
  const net = realised.plus(unrealisedChange);
  const start = dec(first.equity);
  return {
    start: first.equity, end: last.equity, endMs: last.asOfMs, change: toDecimalString(change),
    unrealised: last.unrealisedPnl, unrealisedChange: toDecimalString(unrealisedChange), netPnl: toDecimalString(net),
    returnPercent: start.gt(0) ? toDecimalString(net.div(start).times(100)) : null,
    unexplained: toDecimalString(change.minus(net)),
  };
}

/** The sums over all days. */
export function totalPnl(days: readonly DayPnl[]): Pick<DayPnl, 'closedTrades' | 'grossPnl' | 'fees' | 'funding' | 'realisedPnl'> {
  const total = (field: 'grossPnl' | 'fees' | 'funding' | 'realisedPnl'): DecimalString => toDecimalString(days.reduce((sum, day) => sum.plus(dec(day[field])), ZERO));
  return {
    closedTrades: days.reduce((count, day) => count + day.closedTrades, 0),
    grossPnl: total('grossPnl'), fees: total('fees'), funding: total('funding'), realisedPnl: total('realisedPnl'),
  };
}
