/**
 * The path that a recorded candle is taken to have walked: open → the extreme adverse to the position → the other one
 * → close. With both a stop-loss and a take-profit inside one candle, the stop-loss is met first.
 */
import type { Candle } from '../market/candle.js';
import { closeMs } from '../market/candle.js';
import { dec, type DecimalString } from '../money/decimal.js';
import type { Side } from '../orders/order.js';

export interface PathPoint {
  atMs: number;
  price: DecimalString;
  /** false for the open: what lies between the last close and it was jumped over */
  continuous: boolean;
}

/**
 * Four points at the start, one and two thirds, and 1 ms before the close of the candle. Without a position the candle's own colour decides:
 * a rising candle dips first, a falling one rises first.
 */
export function candlePath(candle: Candle, positionSide: Side | 'None' = 'None'): PathPoint[] {
  const lengthMs = closeMs(candle) - candle.startMs;
  const lowFirst = positionSide === 'None' ? dec(candle.close).gte(candle.open) : positionSide === 'Buy';
  const [first, second] = lowFirst ? [candle.low, candle.high] : [candle.high, candle.low];
  return [
    { atMs: candle.startMs, price: candle.open, continuous: false },
    { atMs: candle.startMs + Math.floor(lengthMs / 3), price: first, continuous: true },
    { atMs: candle.startMs + Math.floor((lengthMs * 2) / 3), price: second, continuous: true },
    { atMs: closeMs(candle) - 1, price: candle.close, continuous: true },
  ];
}
