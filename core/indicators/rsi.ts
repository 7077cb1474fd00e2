/** Relative strength index after Wilder, 0 to 100. Aligned to the end: `values.length − period` values. */
import { wilderAverage } from './moving-average.js';

/** Without a single move in memory there is no strength either way: 50 (TA-Lib says 0, which would read as "oversold"). */
const NO_MOVE = 50;

export function rsi(values: readonly number[], period: number): number[] {
  const changes = values.slice(1).map((value, index) => value - (values[index] ?? value));
  const gains = wilderAverage(changes.map((change) => Math.max(change, 0)), period);
  const losses = wilderAverage(changes.map((change) => Math.max(-change, 0)), period);
  return gains.map((gain, index) => {
    const total = gain + (losses[index] ?? 0);
    return total === 0 ? NO_MOVE : (100 * gain) / total;
  });
}
