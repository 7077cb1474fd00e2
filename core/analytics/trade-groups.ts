/**
 * Closed trades counted by symbol, side, exit reason and hour of day.
 *
 * Invariant: in every breakdown each trade stands in exactly one group, so the groups add up to the total.
 */
import { Decimal, dec, toDecimalString, ZERO, type DecimalString } from '../money/decimal.js';
import type { ClosedTrade } from '../ports/analytics-ledger.js';
import { averageSeconds } from './performance.js';
import { sum } from './statistics.js';
import { countTrades, type TradeCounts } from './trade-counts.js';

/** Amounts in USDT. */
export interface TradeGroup extends Pick<TradeCounts, 'trades' | 'wins' | 'losses' | 'draws'> {
  key: string;
  grossPnl: DecimalString;
  fees: DecimalString;
  /** positive is a cost */
  funding: DecimalString;
  /** grossPnl − fees − funding */
  realisedPnl: DecimalString;
  /** null without trades */
  averages: TradeAverages | null;
}

export interface TradeAverages {
  /** wins / trades */
  winRate: DecimalString;
  averagePnl: DecimalString;
  bestPnl: DecimalString;
  worstPnl: DecimalString;
  /** seconds */
  averageDuration: DecimalString;
}

export interface TradeBreakdown {
  total: TradeGroup;
  bySymbol: TradeGroup[];
  bySide: TradeGroup[];
  byExitReason: TradeGroup[];
  /** UTC hour of the first entry fill, 00 to 23; hours without trades are left out */
  byHour: TradeGroup[];
}

const HOUR_MS = 3_600_000;

export function breakDown(trades: readonly ClosedTrade[]): TradeBreakdown {
  const booked = trades.map(read);
  return {
    total: groupOf('all', booked),
    bySymbol: groupedBy(booked, (trade) => trade.symbol),
    bySide: groupedBy(booked, (trade) => trade.side),
    byExitReason: groupedBy(booked, (trade) => trade.exitReason ?? 'unknown'),
    byHour: groupedBy(booked, (trade) => String(Math.floor(trade.openedMs / HOUR_MS) % 24).padStart(2, '0')),
  };
}

/** A trade whose amounts were read once, although it stands in five groups. */
interface Booked {
  trade: ClosedTrade;
  gross: Decimal;
  fees: Decimal;
  funding: Decimal;
  realised: Decimal;
}

function read(trade: ClosedTrade): Booked {
  return { trade, gross: dec(trade.grossPnl), fees: dec(trade.fees), funding: dec(trade.funding), realised: dec(trade.realisedPnl) };
}

function groupedBy(trades: readonly Booked[], keyOf: (trade: ClosedTrade) => string): TradeGroup[] {
  const groups = new Map<string, Booked[]>();
  for (const booked of trades) {
    const key = keyOf(booked.trade);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [booked]);
    else group.push(booked);
  }
  return [...groups].sort(([one], [other]) => (one < other ? -1 : 1)).map(([key, members]) => groupOf(key, members));
}

function groupOf(key: string, booked: readonly Booked[]): TradeGroup {
  const { trades, wins, losses, draws } = countTrades(booked.map(({ trade }) => trade), { drawsAreLosses: false });
  const total = (field: 'gross' | 'fees' | 'funding' | 'realised'): DecimalString => toDecimalString(sum(booked.map((each) => each[field])));
  return {
    key, trades, wins, losses, draws,
    grossPnl: total('gross'), fees: total('fees'), funding: total('funding'), realisedPnl: total('realised'),
    averages: averagesOf(booked, wins),
  };
}

function averagesOf(booked: readonly Booked[], wins: number): TradeAverages | null {
  const [first] = booked;
  if (first === undefined) return null;
  const profits = booked.map(({ realised }) => realised);
  return {
    winRate: toDecimalString(new Decimal(wins).div(booked.length)),
    averagePnl: toDecimalString(sum(profits).div(booked.length)),
    bestPnl: toDecimalString(profits.reduce((best, profit) => (profit.gt(best) ? profit : best), first.realised)),
    worstPnl: toDecimalString(profits.reduce((worst, profit) => (profit.lt(worst) ? profit : worst), first.realised)),
    averageDuration: toDecimalString(averageSeconds(booked.map(({ trade }) => trade)) ?? ZERO),
  };
}
