/**
 * Moving averages over `trading-signals`, seeded as TA-Lib seeds them (fixtures in test/fixtures/talib).
 * Every indicator series of this folder is aligned to the END of its input: the last value belongs to the last input, and
 * inputs too early to have a value have none. Indicators are statistics, not money: they are numbers.
 */
import { EMA, SMA, WSMA } from 'trading-signals';

/** Simple moving average: `values.length − period + 1` values. */
export function sma(values: readonly number[], period: number): number[] {
  return defined(new SMA(period).updates(values));
}

/** Exponential moving average, seeded with the simple average of the first `period` values. */
export function ema(values: readonly number[], period: number): number[] {
  if (values.length < period) return [];
  const seed = values.slice(0, period).reduce((sum, value) => sum + value, 0) / period;
  return defined(new EMA(period).updates([seed, ...values.slice(period)]));
}

/** Wilder's smoothing, seeded with the simple average of the first `period` values. */
export function wilderAverage(values: readonly number[], period: number): number[] {
  return defined(new WSMA(period).updates(values));
}

function defined(results: readonly (number | null)[]): number[] {
  return results.filter((result) => result !== null);
}
