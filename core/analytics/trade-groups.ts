/**
 * Closed trades counted by symbol, side, exit reason and hour of day.
 *
 * Invariant: in every breakdown each trade stands in exactly one group, so the groups add up to the total.
 */
import { Decimal, dec, toDecimalString, ZERO, type DecimalString } from '../money/decimal.js';
import type { ClosedTrade } from '../ports/analytics-ledger.js';
import { mean, sum } from './statistics.js';
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
  return {
    total: groupOf('all', trades),
    bySymbol: groupedBy(trades, (trade) => trade.symbol),
    bySide: groupedBy(trades, (trade) => trade.side),
    byExitReason: groupedBy(trades, (trade) => trade.exitReason ?? 'unknown'),
    byHour: groupedBy(trades, (trade) => String(Math.floor(trade.openedMs / HOUR_MS) % 24).padStart(2, '0')),
  };
}

function groupedBy(trades: readonly ClosedTrade[], keyOf: (trade: ClosedTrade) => string): TradeGroup[] {
  const groups = new Map<string, ClosedTrade[]>();
  for (const trade of trades) {
    const key = keyOf(trade);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [trade]);
    else group.push(trade);
  }
  return [...groups].sort(([one], [other]) => (one < other ? -1 : 1)).map(([key, members]) => groupOf(key, members));
}

function groupOf(key: string, trades: readonly ClosedTrade[]): TradeGroup {
  const { wins, losses, draws } = countTrades(trades, { drawsAreLosses: false });
  const total = (field: 'grossPnl' | 'fees' | 'funding' | 'realisedPnl'): DecimalString => toDecimalString(sum(trades.map((trade) => dec(trade[field]))));
  return {
    key, trades: trades.length, wins, losses, draws,
    grossPnl: total('grossPnl'), fees: total('fees'), funding: total('funding'), realisedPnl: total('realisedPnl'),
    averages: trades.length === 0 ? null : averagesOf(trades, wins),
  };
}

function averagesOf(trades: readonly ClosedTrade[], wins: number): TradeAverages {
  const profits = trades.map((trade) => dec(trade.realisedPnl));
  const seconds = trades.map(({ openedMs, closedMs }) => new Decimal(closedMs - openedMs).div(1000));
  return {
    winRate: toDecimalString(new Decimal(wins).div(trades.length)),
    averagePnl: toDecimalString(mean(profits) ?? ZERO),
    bestPnl: toDecimalString(Decimal.max(...profits)),
    worstPnl: toDecimalString(Decimal.min(...profits)),
    averageDuration: toDecimalString(mean(seconds) ?? ZERO),
  };
}
