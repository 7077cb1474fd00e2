/**
 * What analytics reads of the ledger. Types only; `adapters/postgres/analytics-ledger.ts` implements it.
 *
 * Contract
 * 1. A UTC day is a day of trading time: all instants are exchange time.
 * 2. Every answer is bounded: by `limit`, or by the number of days asked for.
 * 3. One answer is one snapshot: figures of one reply never mix two states of the ledger.
 */
import type { DecimalString } from '../money/decimal.js';
import type { Side } from '../orders/order.js';

/** A trade that is over, with everything its performance is counted from. Amounts in USDT. */
export interface ClosedTrade {
  tradeId: string;
  strategy: string;
  symbol: string;
  side: Side;
  /** an exit reason as in the trade's row; text here, because a summary may meet those of older versions */
  exitReason: string | null;
  /** first entry fill */
  openedMs: number;
  /** last exit fill */
  closedMs: number;
  /** quantity × average entry price */
  entryValue: DecimalString;
  leverage: DecimalString;
  /** fees of the entry fills; null when the ledger attributes no entry fill to the trade */
  entryFees: DecimalString | null;
  grossPnl: DecimalString;
  fees: DecimalString;
  /** positive is a cost */
  funding: DecimalString;
  /** grossPnl − fees − funding */
  realisedPnl: DecimalString;
}

export interface EquityReading {
  asOfMs: number;
  /** wallet balance plus unrealised profit */
  equity: DecimalString;
  unrealisedPnl: DecimalString;
}

/** What the ledger holds of one UTC day. */
export interface DayRecord {
  /** start of the day */
  dayMs: number;
  /** The first reading of the day and the last; one at the very start of the next day ends this one. Null: the account was not read that day. */
  first: EquityReading | null;
  last: EquityReading | null;
  /** trades whose last exit fill is of this day, and their profit before fees and funding */
  closedTrades: number;
  grossPnl: DecimalString;
  /** fees of the fills of this day */
  fees: DecimalString;
  /** payments for the hours of this day, also the one at the midnight that ends it; positive is a cost */
  funding: DecimalString;
}

export interface ClosedTradesQuery {
  /** last exit fill at or after */
  fromMs: number;
  /** last exit fill before */
  untilMs: number;
  limit: number;
}

export interface AnalyticsLedger {
  /** oldest exit first */
  closedTrades(query: ClosedTradesQuery): Promise<ClosedTrade[]>;
  /** one record for every day of the span, also where nothing happened, oldest first; both ends are starts of UTC days and included */
  dayRecords(span: { firstDayMs: number; lastDayMs: number }): Promise<DayRecord[]>;
  /** the newest reading at or before the instant, or else the first one after it; null before the first reading of all */
  openingEquity(atMs: number): Promise<EquityReading | null>;
  /** names of the strategies of the configuration as it was last saved, in alphabetical order */
  strategyNames(): Promise<string[]>;
}
