/**
 * The price band of the exchange: the highest price a buyer and the lowest price a seller may reach.
 * Bybit: maxBuy = min(mark × (1+Y), max(index, mark × (1+X))), minSell mirrored; the premium term is left out.
 */
import { Decimal, ceilToTick, dec, floorToTick } from '../money/decimal.js';
import type { Side } from '../orders/order.js';
import { pricesOf, type SymbolState } from './exchange-state.js';

/** The band's edge for one side, rounded to the tick inwards. */
export function bandLimit(symbol: SymbolState, side: Side): Decimal {
  const { instrument } = symbol;
  const mark = dec(pricesOf(symbol).markPrice);
  const index = dec(pricesOf(symbol).indexPrice);
  const tick = dec(instrument.tickSize);
  if (side === 'Buy') {
    const near = Decimal.max(index, mark.times(dec(instrument.priceLimitRatioX).plus(1)));
    return floorToTick(Decimal.min(mark.times(dec(instrument.priceLimitRatioY).plus(1)), near), tick);
  }
  const near = Decimal.min(index, mark.times(new Decimal(1).minus(instrument.priceLimitRatioX)));
  return ceilToTick(Decimal.max(mark.times(new Decimal(1).minus(instrument.priceLimitRatioY)), near), tick);
}

/** Whether `price` is worse for its side than `limit`: a buyer above it, a seller below it. */
export function isBeyond(price: Decimal, limit: Decimal, side: Side): boolean {
  return side === 'Buy' ? price.gt(limit) : price.lt(limit);
}
