/** Average true range after Wilder. The first bar has no previous close, hence no true range (as TA-Lib). */
import { wilderAverage } from './moving-average.js';

export interface Bar {
  high: number;
  low: number;
  close: number;
}

/** Aligned to the end: `bars.length − period` values. */
export function atr(bars: readonly Bar[], period: number): number[] {
  return wilderAverage(trueRanges(bars), period);
}

function trueRanges(bars: readonly Bar[]): number[] {
  return bars.slice(1).map((bar, index) => {
    const previousClose = bars[index]?.close ?? bar.close;
    return Math.max(bar.high, previousClose) - Math.min(bar.low, previousClose);
  });
}
