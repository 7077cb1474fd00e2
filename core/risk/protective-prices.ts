/**
 * Stop and target prices of an entry.
 *
 * Invariants
 * 1. Both round to the tick TOWARDS the entry: the loss at the stop never exceeds the percentage that was asked for, and
 *    the target is never further away than promised.
 * 2. A stop that rounding pushed onto the entry price protects nothing sensible and is not returned.
 */
import { ceilToTick, dec, floorToTick, type Decimal, type DecimalString } from '../money/decimal.js';
import type { Side } from '../orders/order.js';

export interface ProtectiveInput {
  side: Side;
  entryPrice: Decimal;
  tickSize: Decimal;
  /** of the entry price */
  percent: DecimalString;
}

/** undefined when no tick lies strictly between the entry price and the wanted stop, or the stop is not above zero */
export function stopPrice(input: ProtectiveInput): Decimal | undefined {
  const distance = input.entryPrice.times(dec(input.percent)).div(100);
  const stop = input.side === 'Buy'
    ? ceilToTick(input.entryPrice.minus(distance), input.tickSize)
    : floorToTick(input.entryPrice.plus(distance), input.tickSize);
  return stop.gt(0) && isBeyond(input.side, input.entryPrice, stop) ? stop : undefined;
}

/** undefined when no tick lies strictly between the entry price and the wanted target, or the target is not above zero */
export function targetPrice(input: ProtectiveInput): Decimal | undefined {
  const distance = input.entryPrice.times(dec(input.percent)).div(100);
  const target = input.side === 'Buy'
    ? floorToTick(input.entryPrice.plus(distance), input.tickSize)
    : ceilToTick(input.entryPrice.minus(distance), input.tickSize);
  return target.gt(0) && isBeyond(input.side, target, input.entryPrice) ? target : undefined;
}

/** True when a position of this side gains on the way from `lower` to `upper`. */
export function isBeyond(side: Side, upper: Decimal, lower: Decimal): boolean {
  return side === 'Buy' ? upper.gt(lower) : upper.lt(lower);
}
