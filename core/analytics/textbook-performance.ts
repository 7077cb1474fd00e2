/**
 * Performance as textbooks define it: returns per UTC day on the capital of that day, sample deviation, a year of 365 days.
 * A strategy is judged as if the account were its own: it starts with the account's equity and earns its own trades.
 *
 * Invariants
 * 1. Every UTC day that the period touches has one return, days without an exit zero.
 * 2. What is divided by zero, or measured on too little, is not defined and says why.
 */
import { Decimal, ZERO } from '../money/decimal.js';
import { boundaryAtOrBefore } from '../market/interval.js';
import type { ClosedTrade } from '../ports/analytics-ledger.js';
import { deepestFall, type Fall } from './drawdown.js';
import { figures, is, undefinedBecause, type Outcome } from './figure.js';
import { averageRatio, averageSeconds, capitalOf, datesOf, DAY_MS, NO_EQUITY, NO_TRADES, profitsOf, UNREALISED_UNKNOWN, winsAndLosses, type Metric, type Performance, type PerformanceInput } from './performance.js';
import { downsideDeviation, mean, standardDeviation, sum } from './statistics.js';
import { countTrades, resultOf } from './trade-counts.js';

const DAYS_PER_YEAR = 365;
const RETURNS_MIN = 2;
/** beyond this a number on the wire cannot hold it, and nobody believes it */
const GROWTH_MAX = new Decimal('1e15');

export function textbookPerformance(input: PerformanceInput): Performance {
  const profits = profitsOf(input.trades);
  const fall = fallOf(input, profits);
  const outcomes: Record<Metric, Outcome> = { ...tradeFigures(input.trades, profits), ...capitalFigures(input, profits, fall) };
  return { definition: 'textbook', counts: countTrades(input.trades, { drawsAreLosses: false }), figures: figures('textbook', outcomes), drawdown: datesOf(fall) };
}

type CapitalMetric = 'total_return' | 'total_return_with_open' | 'sharpe_ratio' | 'sortino_ratio' | 'calmar_ratio' | 'cagr'
  | 'max_drawdown_absolute' | 'max_drawdown_percent' | 'max_relative_drawdown_percent';

function capitalFigures(input: PerformanceInput, profits: readonly Decimal[], fall: Fall | null): Record<CapitalMetric, Outcome> {
  const capital = capitalOf(input);
  const profit = sum(profits);
  const returns = capital === null ? null : dailyReturns(input, profits, capital);
  const onCapital = (outcome: (capital: Decimal) => Outcome): Outcome => (capital === null ? undefinedBecause(NO_EQUITY) : outcome(capital));
  const whenTraded = (outcome: (capital: Decimal) => Outcome): Outcome => (input.trades.length === 0 ? undefinedBecause(NO_TRADES) : onCapital(outcome));
  const growth = whenTraded((known) => compoundGrowth({ capital: known, final: known.plus(profit), ...input }));
  const percent = onCapital(() => is(fall?.ratio.times(100) ?? ZERO));
  return {
    total_return: onCapital((known) => is(profit.div(known))),
    total_return_with_open: input.unrealisedPnl === null ? undefinedBecause(UNREALISED_UNKNOWN) : onCapital((known) => is(profit.plus(input.unrealisedPnl ?? 0).div(known))),
    sharpe_ratio: whenTraded(() => sharpeOf(returns)),
    sortino_ratio: whenTraded(() => sortinoOf(returns)),
    calmar_ratio: calmarOf(growth, fall),
    cagr: growth,
    max_drawdown_absolute: onCapital(() => is(fall?.absolute ?? ZERO)),
    max_drawdown_percent: percent,
    max_relative_drawdown_percent: percent,
  };
}

/** The deepest fall by its part of the peak; absolute and dates are those of the same fall. */
function fallOf(input: PerformanceInput, profits: readonly Decimal[]): Fall | null {
  const capital = capitalOf(input);
  if (capital === null) return null;
  let balance = capital;
  const points = input.trades.map(({ closedMs }, index) => {
    balance = balance.plus(profits[index] ?? ZERO);
    return { atMs: closedMs, balance };
  });
  return deepestFall([{ atMs: input.startMs, balance: capital }, ...points], 'ratio');
}

/** Null when a day began with nothing left: there is no return on it. */
function dailyReturns({ trades, startMs, endMs }: PerformanceInput, profits: readonly Decimal[], capital: Decimal): Decimal[] | null {
  const profitOfDay = new Map<number, Decimal>();
  for (const [index, { closedMs }] of trades.entries()) {
    const dayMs = boundaryAtOrBefore(closedMs, 'D');
    profitOfDay.set(dayMs, (profitOfDay.get(dayMs) ?? ZERO).plus(profits[index] ?? ZERO));
  }
  const returns: Decimal[] = [];
  let balance = capital;
  for (let dayMs = boundaryAtOrBefore(startMs, 'D'); dayMs < endMs; dayMs += DAY_MS) {
    const profit = profitOfDay.get(dayMs) ?? ZERO;
    if (balance.lte(0)) return null;
    returns.push(profit.div(balance));
    balance = balance.plus(profit);
  }
  return returns;
}

const BROKE = 'the capital was used up within the period';
const tooShort = (days: number): string => `the period has returns of ${days} UTC days; ${RETURNS_MIN} are needed`;

/** mean / sample deviation × √365 */
export function sharpeOf(returns: readonly Decimal[] | null): Outcome {
  if (returns === null) return undefinedBecause(BROKE);
  const deviation = standardDeviation(returns, 1);
  const centre = mean(returns);
  if (deviation === null || centre === null) return undefinedBecause(tooShort(returns.length));
  if (deviation.isZero()) return undefinedBecause('all daily returns are equal, so their deviation is zero');
  return is(centre.div(deviation).times(new Decimal(DAYS_PER_YEAR).sqrt()));
}

/** mean / downside deviation × √365 */
export function sortinoOf(returns: readonly Decimal[] | null): Outcome {
  if (returns === null) return undefinedBecause(BROKE);
  const deviation = downsideDeviation(returns);
  const centre = mean(returns);
  if (deviation === null || centre === null || returns.length < RETURNS_MIN) return undefinedBecause(tooShort(returns.length));
  if (deviation.isZero()) return undefinedBecause('no day lost, so the downside deviation is zero');
  return is(centre.div(deviation).times(new Decimal(DAYS_PER_YEAR).sqrt()));
}

export interface Growth {
  capital: Decimal;
  final: Decimal;
  startMs: number;
  endMs: number;
}

/** (final / capital)^(365 / days) − 1, days with their fraction. */
export function compoundGrowth({ capital, final, startMs, endMs }: Growth): Outcome {
  const days = new Decimal(endMs - startMs).div(DAY_MS);
  if (days.lt(1)) return undefinedBecause('the period is shorter than a day, too short for a rate per year');
  if (final.lte(0)) return undefinedBecause(BROKE);
  const growth = final.div(capital).pow(new Decimal(DAYS_PER_YEAR).div(days)).minus(1);
  return growth.gt(GROWTH_MAX) ? undefinedBecause('the period is too short for so large a gain: the rate per year is beyond all sense') : is(growth);
}

/** rate per year / deepest fall */
export function calmarOf(growth: Outcome, fall: Fall | null): Outcome {
  if (growth.value === null) return growth;
  if (fall === null || fall.ratio.isZero()) return undefinedBecause('the balance never fell, so there is no drawdown');
  return is(growth.value.div(fall.ratio));
}

type TradeMetric = Exclude<Metric, CapitalMetric>;

function tradeFigures(trades: readonly ClosedTrade[], profits: readonly Decimal[]): Record<TradeMetric, Outcome> {
  const { wins, losses, won, lost } = winsAndLosses(profits);
  const traded = (outcome: () => Outcome): Outcome => (trades.length === 0 ? undefinedBecause(NO_TRADES) : outcome());
  const onLosses = (outcome: () => Outcome): Outcome => traded(() => (losses.length === 0 ? undefinedBecause('no trade lost') : outcome()));
  return {
    net_profit: is(sum(profits)),
    sqn: traded(() => qualityNumber(profits)),
    win_rate: traded(() => is(new Decimal(wins.length).div(trades.length))),
    profit_factor: onLosses(() => is(won.div(lost))),
    expectancy: traded(() => is(sum(profits).div(profits.length))),
    expectancy_ratio: onLosses(() => is(sum(profits).div(profits.length).div(lost.div(losses.length)))),
    avg_trade_return: traded(() => is(averageRatio(trades.map(returnOnMargin)) ?? ZERO)),
    avg_trade_duration: durationOf(trades, NO_TRADES),
    avg_winner_duration: durationOf(trades.filter((trade) => resultOf(trade) === 'win'), 'no trade won'),
    avg_loser_duration: durationOf(trades.filter((trade) => resultOf(trade) === 'loss'), 'no trade lost'),
  };
}

/** System quality number of Van K. Tharp: √n × mean / sample deviation, neither capped nor rounded. */
function qualityNumber(profits: readonly Decimal[]): Outcome {
  const deviation = standardDeviation(profits, 1);
  if (deviation === null) return undefinedBecause('one trade has no deviation');
  if (deviation.isZero()) return undefinedBecause('all trades earned the same, so their deviation is zero');
  return is(new Decimal(profits.length).sqrt().times(sum(profits)).div(profits.length).div(deviation));
}

/** Of the margin that the entry took: entry value / leverage. */
function returnOnMargin({ realisedPnl, leverage, entryValue }: ClosedTrade): number {
  return Number(realisedPnl) * Number(leverage) / Number(entryValue);
}

function durationOf(trades: readonly ClosedTrade[], whenNone: string): Outcome {
  const seconds = averageSeconds(trades);
  return seconds === null ? undefinedBecause(whenNone) : is(seconds);
}
