/**
 * What is wrong with one candle by itself: a value that no market can have (40007) or a time off its grid (40002).
 * A candle with a defect is never decided on.
 */
import { dec } from '../money/decimal.js';
import type { Candle } from './candle.js';
import { isBoundary } from './interval.js';

export interface CandleDefect {
  code: 40002 | 40007;
  /** with the values that contradict each other */
  message: string;
}

/** The first defect found; undefined for a sound candle. */
export function defectOf(candle: Candle): CandleDefect | undefined {
  const { symbol, interval, startMs, open, high, low, close, volume, turnover } = candle;
  const at = `candle ${symbol} ${interval} of ${startMs} ms`;
  if (!isBoundary(startMs, interval)) return { code: 40002, message: `${at}: its start is no boundary of its interval` };
  if ([open, high, low, close].some((price) => !dec(price).gt(0))) return { code: 40007, message: `${at}: a price is not above zero (open ${open}, high ${high}, low ${low}, close ${close})` };
  if ([open, low, close].some((price) => dec(price).gt(dec(high)))) return { code: 40007, message: `${at}: high ${high} is below open ${open}, low ${low} or close ${close}` };
  if ([open, close].some((price) => dec(price).lt(dec(low)))) return { code: 40007, message: `${at}: low ${low} is above open ${open} or close ${close}` };
  if (dec(volume).lt(0) || dec(turnover).lt(0)) return { code: 40007, message: `${at}: volume ${volume} or turnover ${turnover} is negative` };
  return undefined;
}
