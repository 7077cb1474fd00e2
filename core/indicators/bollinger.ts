/** Bollinger bands: simple average ± a multiple of the population standard deviation, as TA-Lib's BBANDS with MA type 0. */
import { BollingerBands } from 'trading-signals';

export interface Bands {
  lower: number;
  middle: number;
  upper: number;
}

/** Aligned to the end: `values.length − period + 1` values. */
export function bollinger(values: readonly number[], period: number, deviations: number): Bands[] {
  return new BollingerBands(period, deviations).updates(values).filter((bands) => bands !== null);
}
