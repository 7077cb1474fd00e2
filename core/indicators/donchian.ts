/** Donchian channel: highest high and lowest low of the last `period` bars, the current one included. */
import type { Bar } from './atr.js';

export interface Channel {
  lower: number;
  middle: number;
  upper: number;
}

/** Aligned to the end: `bars.length − period + 1` values. */
export function donchian(bars: readonly Pick<Bar, 'high' | 'low'>[], period: number): Channel[] {
  const count = Math.max(0, bars.length - period + 1);
  return Array.from({ length: count }, (_, start) => {
    const span = bars.slice(start, start + period);
    const upper = Math.max(...span.map((bar) => bar.high));
    const lower = Math.min(...span.map((bar) => bar.low));
    return { lower, middle: (lower + upper) / 2, upper };
  });
}
