/**
 * Performance as freqtrade 2026.9 defines it (freqtrade/data/metrics.py and optimize/optimize_reports/optimize_reports.py), quirks included:
 * it takes returns per trade but means per day, calls what it cannot divide −100, and knows 0 where others know nothing.
 *
 * Invariants
 * 1. Equal to freqtrade's own figures to 1e-9 wherever its binary floats are that good.
 * 2. A figure that is a convention and no measurement says so in its reason.
 */
import { Decimal, ZERO } from '../money/decimal.js';
import type { ClosedTrade } from '../ports/analytics-ledger.js';
import { deepestFall, type BalancePoint, type Fall } from './drawdown.js';
import { figures, is, undefinedBecause, type Outcome } from './figure.js';
import { averageRatio, capitalOf, DAY_MS, NO_EQUITY, NO_TRADES, profitsOf, UNREALISED_UNKNOWN, winsAndLosses, type Metric, type Performance, type PerformanceInput } from './performance.js';
import { standardDeviation, sum } from './statistics.js';
import { countTrades, resultOf } from './trade-counts.js';

const NOT_OPTIMAL = new Decimal(-100);
const NO_LOSSES_EXPECTANCY = new Decimal(100);
const DAYS_PER_YEAR = 365;
const SQN_DECIMALS = 4;
const MINUTE_MS = 60_000;
/** largest binary float: where Python raises OverflowError */
const FLOAT_MAX = new Decimal(Number.MAX_VALUE);

const convention = (value: Decimal | number, reason: string): Outcome => ({ value: new Decimal(value), reason: `${reason}; freqtrade says ${value.toString()} then` });

export function freqtradePerformance(input: PerformanceInput): Performance {
  const profits = profitsOf(input.trades);
  const curve = curveOf(input, profits);
  const fall = deepestFall(curve, 'absolute');
  const outcomes: Record<Metric, Outcome> = { ...tradeFigures(input.trades, profits), ...capitalFigures(input, profits, { fall, relativeFall: deepestFall(curve, 'ratio') }) };
  return {
    definition: 'freqtrade',
    counts: countTrades(input.trades, { drawsAreLosses: true }),
    figures: figures('freqtrade', outcomes),
    drawdown: fall === null ? { fromMs: null, toMs: null } : { fromMs: fall.peakMs, toMs: fall.troughMs },
  };
}

type CapitalMetric = 'total_return' | 'total_return_with_open' | 'sharpe_ratio' | 'sortino_ratio' | 'calmar_ratio' | 'cagr' | 'sqn'
  | 'max_drawdown_absolute' | 'max_drawdown_percent' | 'max_relative_drawdown_percent';

/** The figures that need the capital. */
function capitalFigures(input: PerformanceInput, profits: readonly Decimal[], { fall, relativeFall }: { fall: Fall | null; relativeFall: Fall | null }): Record<CapitalMetric, Outcome> {
  const capital = capitalOf(input);
  const onCapital = (outcome: (capital: Decimal) => Outcome): Outcome => (capital === null ? undefinedBecause(NO_EQUITY) : outcome(capital));
  const whenTraded = (outcome: (capital: Decimal) => Outcome): Outcome => onCapital((known) => (profits.length === 0 ? convention(0, NO_TRADES) : outcome(known)));
  const percent = (of: Fall | null): Outcome => whenTraded(() => is(of?.ratio.times(100) ?? ZERO));
  return {
    total_return: onCapital((known) => is(sum(profits).div(known))),
    total_return_with_open: input.unrealisedPnl === null ? undefinedBecause(UNREALISED_UNKNOWN) : onCapital((known) => is(sum(profits).plus(input.unrealisedPnl ?? 0).div(known))),
    sharpe_ratio: whenTraded(() => sharpe(profits, input)),
    sortino_ratio: whenTraded(() => sortino(profits, input)),
    calmar_ratio: whenTraded((known) => calmar(sum(profits).div(known), fall, input)),
    cagr: onCapital((known) => freqtradeCagr(known, known.plus(sum(profits)), wholeDays(input))),
    sqn: whenTraded(() => sqn(profits)),
    max_drawdown_absolute: whenTraded(() => is(fall?.absolute ?? ZERO)),
    max_drawdown_percent: percent(fall),
    max_relative_drawdown_percent: percent(relativeFall),
  };
}

/** The curve begins at the exit of the first trade, so a fall from the very start is dated there. */
function curveOf(input: PerformanceInput, profits: readonly Decimal[]): BalancePoint[] {
  const capital = capitalOf(input);
  const byExit = input.trades.map(({ closedMs }, index) => ({ closedMs, profit: profits[index] ?? ZERO })).sort((one, other) => one.closedMs - other.closedMs);
  const [first] = byExit;
  if (capital === null || first === undefined) return [];
  let balance = capital;
  const points = byExit.map(({ closedMs, profit }) => {
    balance = balance.plus(profit);
    return { atMs: closedMs, balance };
  });
  return [{ atMs: first.closedMs, balance: capital }, ...points];
}

type Period = Pick<PerformanceInput, 'startMs' | 'endMs'>;

const wholeDays = ({ startMs, endMs }: Period): number => Math.max(1, Math.floor((endMs - startMs) / DAY_MS));

/** freqtrade: `_calculate_annualized_ratio`. */
export function annualised(daily: Decimal, denominator: Decimal | null, what: string): Outcome {
  if (denominator === null || denominator.isZero()) return convention(NOT_OPTIMAL, `${what} is zero or not defined`);
  return is(daily.div(denominator).times(new Decimal(DAYS_PER_YEAR).sqrt()));
}

const EMPTY_PERIOD = 'the period has no length';

// Of profits instead of returns on the capital in the next three: it stands above and below the line, and cancels out.

function sharpe(profits: readonly Decimal[], period: Period): Outcome {
  if (period.startMs === period.endMs) return convention(0, EMPTY_PERIOD);
  return annualised(sum(profits).div(wholeDays(period)), standardDeviation(profits, 0), 'the deviation of the returns');
}

function sortino(profits: readonly Decimal[], period: Period): Outcome {
  if (period.startMs === period.endMs) return convention(0, EMPTY_PERIOD);
  const losses = profits.filter((profit) => profit.lt(0));
  return annualised(sum(profits).div(wholeDays(period)), standardDeviation(losses, 0), 'the deviation of the losing returns');
}

function calmar(totalReturn: Decimal, fall: Fall | null, period: Period): Outcome {
  if (period.startMs === period.endMs) return convention(0, EMPTY_PERIOD);
  return annualised(totalReturn.div(wholeDays(period)).times(100), fall?.ratio ?? null, 'the drawdown');
}

function freqtradeCagr(capital: Decimal, final: Decimal, days: number): Outcome {
  if (final.isNegative()) return convention(0, 'the final balance is negative');
  const growth = final.div(capital).pow(new Decimal(DAYS_PER_YEAR).div(days));
  return growth.gt(FLOAT_MAX) ? convention(0, 'the growth of a year is beyond all numbers') : is(growth.minus(1));
}

function sqn(profits: readonly Decimal[]): Outcome {
  const deviation = standardDeviation(profits, 1);
  if (deviation === null || deviation.isZero()) return convention(NOT_OPTIMAL, 'the deviation of the returns is zero or not defined');
  const quality = new Decimal(profits.length).sqrt().times(sum(profits).div(profits.length)).div(deviation);
  return is(quality.toDecimalPlaces(SQN_DECIMALS, Decimal.ROUND_HALF_EVEN));
}

type TradeMetric = Exclude<Metric, CapitalMetric>;

/** The figures that need nothing but trades. */
function tradeFigures(trades: readonly ClosedTrade[], profits: readonly Decimal[]): Record<TradeMetric, Outcome> {
  const { wins, losses, won, lost } = winsAndLosses(profits);
  const traded = (outcome: () => Outcome, without = 0): Outcome => (trades.length === 0 ? convention(without, NO_TRADES) : outcome());
  const averageWin = wins.length === 0 ? ZERO : won.div(wins.length);
  const averageLoss = losses.length === 0 ? ZERO : lost.div(losses.length);
  const winRate = trades.length === 0 ? ZERO : new Decimal(wins.length).div(trades.length);
  const lossRate = trades.length === 0 ? ZERO : new Decimal(losses.length).div(trades.length);
  return {
    net_profit: is(sum(profits)),
    win_rate: traded(() => is(winRate)),
    profit_factor: traded(() => (lost.isZero() ? convention(0, 'no trade lost') : is(won.div(lost)))),
    expectancy: traded(() => is(winRate.times(averageWin).minus(lossRate.times(averageLoss)))),
    expectancy_ratio: traded(
      () => (lost.isZero() ? convention(NO_LOSSES_EXPECTANCY, 'no trade lost') : is(averageWin.div(averageLoss).plus(1).times(winRate).minus(1))),
      NO_LOSSES_EXPECTANCY.toNumber(),
    ),
    avg_trade_return: traded(() => averageReturn(trades)),
    avg_trade_duration: traded(() => is(averageMinutes(trades))),
    avg_winner_duration: durationOf(trades, 'win'),
    avg_loser_duration: durationOf(trades, 'loss'),
  };
}

function averageReturn(trades: readonly ClosedTrade[]): Outcome {
  const ratios = trades.map(profitRatio);
  const known = ratios.filter((ratio) => ratio !== null);
  if (known.length < ratios.length) return undefinedBecause(`the ledger knows no entry fill of ${ratios.length - known.length} trades`);
  return is(averageRatio(known) ?? ZERO);
}

/** freqtrade's profit_ratio: profit × leverage of what the entry cost, its fee included. Null when that is not known. */
export function profitRatio({ side, realisedPnl, leverage, entryValue, entryFees }: ClosedTrade): number | null {
  if (entryFees === null) return null;
  const openValue = Number(entryValue) + (side === 'Buy' ? Number(entryFees) : -Number(entryFees));
  return Number(realisedPnl) * Number(leverage) / openValue;
}

function durationOf(trades: readonly ClosedTrade[], result: 'win' | 'loss'): Outcome {
  const those = trades.filter((trade) => resultOf(trade) === result);
  return those.length === 0 ? convention(0, `no trade was a ${result}`) : is(averageMinutes(those));
}

/** Seconds: whole minutes of each trade, averaged, and rounded half to even to whole minutes again. */
function averageMinutes(trades: readonly ClosedTrade[]): Decimal {
  const minutes = trades.reduce((total, { openedMs, closedMs }) => total + Math.floor((closedMs - openedMs) / MINUTE_MS), 0);
  return new Decimal(minutes).div(trades.length).toDecimalPlaces(0, Decimal.ROUND_HALF_EVEN).times(60);
}
