/** A closed candle. `startMs` is its opening instant; it closes at `startMs + intervalMs(interval)`, exclusive. */
import type { DecimalString } from '../money/decimal.js';
import { intervalMs, type Interval } from './interval.js';

export interface Candle {
  symbol: string;
  interval: Interval;
  /** ms since epoch, UTC */
  startMs: number;
  open: DecimalString;
  high: DecimalString;
  low: DecimalString;
  close: DecimalString;
  /** in base coin */
  volume: DecimalString;
  /** in quote coin (USDT) */
  turnover: DecimalString;
}

export function closeMs(candle: Pick<Candle, 'startMs' | 'interval'>): number {
  return candle.startMs + intervalMs(candle.interval);
}
