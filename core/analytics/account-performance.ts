/**
 * Performance of the whole account by its equity, unrealised profit included: what an investor in it would have seen.
 * Deposits and withdrawals are gains and losses to it; the ledger cannot tell them apart.
 *
 * Invariants
 * 1. Readings come oldest first; the balance of a UTC day is its last reading.
 * 2. A day without a reading has no return of its own: the next one covers it, and the figure says so.
 */
import { boundaryAtOrBefore, isBoundary } from '../market/interval.js';
import { dec, ZERO, type Decimal } from '../money/decimal.js';
import type { DayRecord, EquityReading } from '../ports/analytics-ledger.js';
import { deepestFall, type Fall } from './drawdown.js';
import { figures, is, undefinedBecause, type Definition, type Figure, type Outcome } from './figure.js';
import { annualised } from './freqtrade-performance.js';
import { datesOf, DAY_MS, type Performance } from './performance.js';
import { mean, standardDeviation } from './statistics.js';
import { calmarOf, compoundGrowth, sharpeOf, sortinoOf } from './textbook-performance.js';

const ACCOUNT_METRICS = [
  'total_return', 'sharpe_ratio', 'sortino_ratio', 'calmar_ratio', 'max_drawdown_absolute', 'max_drawdown_percent', 'max_relative_drawdown_percent',
] as const;
export type AccountMetric = (typeof ACCOUNT_METRICS)[number];

export interface AccountPerformance {
  definition: Definition;
  readings: number;
  figures: Record<AccountMetric, Figure>;
  drawdown: Performance['drawdown'];
}

type Reading = Pick<EquityReading, 'asOfMs' | 'equity'>;
const READINGS_MIN = 2;

/** The opening and the last reading of every day. A reading at midnight ends the day before; it is dated one ms earlier, into that day. */
export function equityCurve(opening: EquityReading | null, records: readonly DayRecord[]): EquityReading[] {
  const readings = [opening, ...records.map(({ last }) => last)].filter((reading) => reading !== null);
  const dated = readings.map((reading) => (isBoundary(reading.asOfMs, 'D') ? { ...reading, asOfMs: reading.asOfMs - 1 } : reading));
  return dated.filter((reading, index) => index === 0 || reading.asOfMs > (dated[index - 1]?.asOfMs ?? 0));
}

export function accountPerformance(definition: Definition, readings: readonly Reading[]): AccountPerformance {
  const by = { textbook: 'ratio', freqtrade: 'absolute' } as const;
  const fall = fallOf(readings, by[definition]);
  const outcomes = readings.length < READINGS_MIN ? nothing(definition, readings.length) : outcomesBy[definition](readings, fall);
  return { definition, readings: readings.length, figures: figures(`${definition}.account`, outcomes), drawdown: datesOf(fall) };
}

type Outcomes = Record<AccountMetric, Outcome>;

const outcomesBy: Record<Definition, (readings: readonly Reading[], fall: Fall | null) => Outcomes> = { textbook, freqtrade };

function nothing(definition: Definition, count: number): Outcomes {
  const reason = `the account was read ${count} times in the period; ${READINGS_MIN} readings are needed`;
  const outcome: Outcome = definition === 'freqtrade' ? { value: ZERO, reason: `${reason}; freqtrade says 0 then` } : undefinedBecause(reason);
  return Object.fromEntries(ACCOUNT_METRICS.map((metric) => [metric, outcome])) as Outcomes;
}

function fallOf(readings: readonly Reading[], by: 'absolute' | 'ratio'): Fall | null {
  return deepestFall(readings.map(({ asOfMs, equity }) => ({ atMs: asOfMs, balance: dec(equity) })), by);
}

interface Ends {
  first: { atMs: number; equity: Decimal };
  last: { atMs: number; equity: Decimal };
}

function endsOf(readings: readonly Reading[]): Ends | null {
  const [first] = readings;
  const last = readings.at(-1);
  if (first === undefined || last === undefined || dec(first.equity).lte(0)) return null;
  return { first: { atMs: first.asOfMs, equity: dec(first.equity) }, last: { atMs: last.asOfMs, equity: dec(last.equity) } };
}

const NOTHING_LEFT = 'the equity was not above zero';

function textbook(readings: readonly Reading[], fall: Fall | null): Outcomes {
  const ends = endsOf(readings);
  const known = (outcome: (ends: Ends) => Outcome): Outcome => (ends === null ? undefinedBecause(NOTHING_LEFT) : outcome(ends));
  const { returns, skippedDays } = dailyReturns(readings);
  const noted = (outcome: Outcome): Outcome => (skippedDays === 0 || outcome.value === null ? outcome : { value: outcome.value, reason: `${skippedDays} days without a reading are covered by the day after them` });
  const percent = known(() => is(fall?.ratio.times(100) ?? ZERO));
  return {
    total_return: known(({ first, last }) => is(last.equity.div(first.equity).minus(1))),
    sharpe_ratio: noted(sharpeOf(returns)),
    sortino_ratio: noted(sortinoOf(returns)),
    calmar_ratio: known(({ first, last }) => calmarOf(compoundGrowth({ capital: first.equity, final: last.equity, startMs: first.atMs, endMs: last.atMs }), fall)),
    max_drawdown_absolute: known(() => is(fall?.absolute ?? ZERO)),
    max_drawdown_percent: percent,
    max_relative_drawdown_percent: percent,
  };
}

/** freqtrade: `generate_wallet_stats` and the `…_from_balance` functions of metrics.py. */
function freqtrade(readings: readonly Reading[], fall: Fall | null): Outcomes {
  const ends = endsOf(readings);
  const known = (outcome: (ends: Ends) => Outcome): Outcome => (ends === null ? undefinedBecause(NOTHING_LEFT) : outcome(ends));
  const { returns } = dailyReturns(readings);
  const ratio = (denominator: (values: Decimal[]) => Decimal | null, what: string): Outcome => {
    if (returns === null) return undefinedBecause(NOTHING_LEFT);
    const centre = mean(returns);
    return centre === null ? { value: ZERO, reason: 'all readings are of one day; freqtrade says 0 then' } : annualised(centre, denominator(returns), what);
  };
  return {
    total_return: known(({ first, last }) => is(last.equity.div(first.equity).minus(1))),
    sharpe_ratio: ratio((values) => standardDeviation(values, 0), 'the deviation of the daily returns'),
    sortino_ratio: ratio((values) => standardDeviation(values.filter((value) => value.lt(0)), 0), 'the deviation of the losing days'),
    calmar_ratio: known(({ first, last }) => {
      const days = Math.max(1, Math.floor((last.atMs - first.atMs) / DAY_MS));
      return annualised(last.equity.minus(first.equity).div(first.equity).div(days).times(100), fall?.ratio ?? null, 'the drawdown');
    }),
    max_drawdown_absolute: known(() => is(fall?.absolute ?? ZERO)),
    max_drawdown_percent: known(() => is(fall?.ratio.times(100) ?? ZERO)),
    max_relative_drawdown_percent: known(() => is(fallOf(readings, 'ratio')?.ratio.times(100) ?? ZERO)),
  };
}

/** Returns from one day's last reading to the next one's; null when a balance was not above zero. */
function dailyReturns(readings: readonly Reading[]): { returns: Decimal[] | null; skippedDays: number } {
  const lastOfDay = new Map(readings.map(({ asOfMs, equity }) => [boundaryAtOrBefore(asOfMs, 'D'), dec(equity)]));
  const days = [...lastOfDay];
  const returns: Decimal[] = [];
  let skippedDays = 0;
  for (const [index, [dayMs, equity]] of days.entries()) {
    const before = days[index - 1];
    if (before === undefined) continue;
    if (before[1].lte(0)) return { returns: null, skippedDays };
    skippedDays += (dayMs - before[0]) / DAY_MS - 1;
    returns.push(equity.div(before[1]).minus(1));
  }
  return { returns, skippedDays };
}
