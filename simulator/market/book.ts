/**
 * The order book of a played market: one level per tick around the last price, sized from the bar's volume. Its best
 * prices are those the engine's slippage model starts from.
 */
import { Decimal, ZERO, floorToStep, toDecimalString, type DecimalString } from '../../core/money/decimal.js';
import type { Instrument } from '../../core/market/instrument.js';
import type { MarketPrices } from '../../core/matching/contract.js';
import type { Level } from './public-market.js';

export interface BookInput {
  prices: MarketPrices;
  instrument: Instrument;
  halfSpreadTicks: number;
  depth: number;
}

/** share of the bar's volume that rests on the best level */
const BEST_LEVEL_SHARE = '0.01';

export function bookAround(input: BookInput): { bids: Level[]; asks: Level[] } {
  const { instrument, prices } = input;
  const best = floorToStep(new Decimal(prices.volume).times(BEST_LEVEL_SHARE), new Decimal(instrument.qtyStep));
  const unit = Decimal.max(best, instrument.minOrderQty);
  const level = (direction: 1 | -1, index: number): Level => {
    const distance = new Decimal(instrument.tickSize).times(input.halfSpreadTicks + index);
    return [toDecimalString(new Decimal(prices.lastPrice).plus(distance.times(direction))), toDecimalString(unit.times(1 + (index % 7)))];
  };
  const side = (direction: 1 | -1): Level[] => Array.from({ length: input.depth }, (_, index) => level(direction, index));
  return { bids: side(-1).filter(([price]) => new Decimal(price).gt(ZERO)), asks: side(1) };
}

/** What changed from one side of a book to the next: gone levels with size "0", then new and changed ones. */
export function levelChanges(before: readonly Level[], after: readonly Level[]): [DecimalString, DecimalString][] {
  const old = new Map(before);
  const now = new Map(after);
  const gone = before.filter(([price]) => !now.has(price)).map(([price]): [DecimalString, DecimalString] => [price, toDecimalString(ZERO)]);
  const changed = after.filter(([price, size]) => old.get(price) !== size).map(([price, size]): [DecimalString, DecimalString] => [price, size]);
  return [...gone, ...changed];
}
