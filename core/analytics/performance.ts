/** What a performance is counted from, and which figures it has. The two definitions of them have a module each. */
import { dec, Decimal, type DecimalString } from '../money/decimal.js';
import type { ClosedTrade } from '../ports/analytics-ledger.js';
import type { Definition, Figure } from './figure.js';
import type { Fall } from './drawdown.js';
import { sum } from './statistics.js';
import type { TradeCounts } from './trade-counts.js';

export interface PerformanceInput {
  /** in the order of their exits */
  trades: readonly ClosedTrade[];
  /** USDT on the account at the start of the period; null when nobody knows */
  openingEquity: DecimalString | null;
  startMs: number;
  endMs: number;
  /** USDT of the positions that are still open, 0 without any; null when it is not known */
  unrealisedPnl: DecimalString | null;
}

export type Metric =
  | 'net_profit' | 'total_return' | 'total_return_with_open' | 'sharpe_ratio' | 'sortino_ratio' | 'calmar_ratio' | 'cagr' | 'sqn'
  | 'max_drawdown_absolute' | 'max_drawdown_percent' | 'max_relative_drawdown_percent' | 'win_rate' | 'profit_factor' | 'expectancy' | 'expectancy_ratio'
  | 'avg_trade_return' | 'avg_trade_duration' | 'avg_winner_duration' | 'avg_loser_duration';

export interface Performance {
  definition: Definition;
  counts: TradeCounts;
  figures: Record<Metric, Figure>;
  /** from the peak to the trough of `max_drawdown_*`; null where there is none */
  drawdown: { fromMs: number | null; toMs: number | null };
}

export const NO_EQUITY = 'the equity of the account at the start of the period is not known';
export const NO_TRADES = 'no trade was closed in the period';
export const UNREALISED_UNKNOWN = 'the unrealised profit of the open positions is not known';
export const DAY_MS = 86_400_000;

/** USDT; null when it is not known, or not above zero, so that nothing can be a part of it. */
export function capitalOf({ openingEquity }: Pick<PerformanceInput, 'openingEquity'>): Decimal | null {
  const capital = openingEquity === null ? null : dec(openingEquity);
  return capital?.gt(0) === true ? capital : null;
}

/** USDT after fees and funding. Reading decimals is dear: once per performance. */
export const profitsOf = (trades: readonly ClosedTrade[]): Decimal[] => trades.map((trade) => dec(trade.realisedPnl));

/** Seconds from the first entry fill to the last exit fill, on average; null without trades. */
export function averageSeconds(trades: readonly ClosedTrade[]): Decimal | null {
  if (trades.length === 0) return null;
  const ms = trades.reduce((total, { openedMs, closedMs }) => total + closedMs - openedMs, 0);
  return new Decimal(ms).div(1000).div(trades.length);
}

/** Of numbers without a unit; null without any. */
export function averageRatio(ratios: readonly number[]): Decimal | null {
  return ratios.length === 0 ? null : new Decimal(ratios.reduce((total, ratio) => total + ratio, 0) / ratios.length);
}

export interface WinsAndLosses {
  wins: Decimal[];
  losses: Decimal[];
  /** USDT, both not negative */
  won: Decimal;
  lost: Decimal;
}

export function winsAndLosses(profits: readonly Decimal[]): WinsAndLosses {
  const wins = profits.filter((profit) => profit.gt(0));
  const losses = profits.filter((profit) => profit.lt(0));
  return { wins, losses, won: sum(wins), lost: sum(losses).abs() };
}

/** Dates of a fall; a balance that never fell has none. */
export function datesOf(fall: Fall | null): Performance['drawdown'] {
  return fall === null || fall.absolute.isZero() ? { fromMs: null, toMs: null } : { fromMs: fall.peakMs, toMs: fall.troughMs };
}
