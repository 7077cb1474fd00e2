/** Sums, means and deviations of decimals, to 40 significant digits. `ddof` is what is taken off n: 0 population, 1 sample. */
import { ZERO, type Decimal } from '../money/decimal.js';

export function sum(values: readonly Decimal[]): Decimal {
  return values.reduce((total, value) => total.plus(value), ZERO);
}

/** Null without values. */
export function mean(values: readonly Decimal[]): Decimal | null {
  return values.length === 0 ? null : sum(values).div(values.length);
}

/** Null with too few values. */
export function standardDeviation(values: readonly Decimal[], ddof: 0 | 1): Decimal | null {
  const centre = mean(values);
  if (centre === null || values.length <= ddof) return null;
  return sum(values.map((value) => value.minus(centre).pow(2))).div(values.length - ddof).sqrt();
}

/** Root of the mean of the squared values below zero, the others counting as zero. Null without values. */
export function downsideDeviation(values: readonly Decimal[]): Decimal | null {
  const squares = values.map((value) => (value.isNegative() ? value.pow(2) : ZERO));
  return mean(squares)?.sqrt() ?? null;
}
