/**
 * What a taker gets: a deterministic book around the last price.
 *
 * price(q) = last ± (halfSpreadTicks × tick + last × impactRate × q / volume), rounded to the tick against the taker,
 * never below one tick. Inside a limit, the book gives the largest quantity whose price still respects the limit.
 */
import { Decimal, ZERO, ceilToTick, dec, floorToStep, floorToTick } from '../money/decimal.js';
import type { Side } from '../orders/order.js';
import type { SlippageModel } from './contract.js';
import { pricesOf, type SymbolState } from './exchange-state.js';
import { isBeyond } from './price-band.js';

export interface TakerRequest {
  side: Side;
  qty: Decimal;
  /** undefined: any price (attached stops are exempt from the band) */
  limit?: Decimal;
}

/** Best ask for a buyer, best bid for a seller. */
export function touchPrice(symbol: SymbolState, side: Side, slippage: SlippageModel): Decimal {
  return takerPrice(symbol, { side, qty: ZERO }, slippage);
}

/** The price of the last unit of a taker order of this quantity. */
export function takerPrice(symbol: SymbolState, request: TakerRequest, slippage: SlippageModel): Decimal {
  const tick = dec(symbol.instrument.tickSize);
  const moved = half(symbol, slippage).plus(impactPerUnit(symbol, slippage).times(request.qty));
  const last = dec(pricesOf(symbol).lastPrice);
  if (request.side === 'Buy') return ceilToTick(last.plus(moved), tick);
  return Decimal.max(tick, floorToTick(last.minus(moved), tick));
}

/** How much of the request the book gives inside its limit; 0 when the touch is beyond it. */
export function availableQty(symbol: SymbolState, request: TakerRequest, slippage: SlippageModel): Decimal {
  const { limit, side, qty } = request;
  if (limit === undefined || !isBeyond(takerPrice(symbol, request, slippage), limit, side)) return qty;
  if (isBeyond(touchPrice(symbol, side, slippage), limit, side)) return ZERO;
  const last = dec(pricesOf(symbol).lastPrice);
  const room = limit.minus(last).abs().minus(half(symbol, slippage));
  return Decimal.min(qty, floorToStep(room.div(impactPerUnit(symbol, slippage)), dec(symbol.instrument.qtyStep)));
}

function half(symbol: SymbolState, slippage: SlippageModel): Decimal {
  return dec(symbol.instrument.tickSize).times(slippage.halfSpreadTicks);
}

function impactPerUnit(symbol: SymbolState, slippage: SlippageModel): Decimal {
  const { lastPrice, volume } = pricesOf(symbol);
  return dec(volume).lte(0) ? ZERO : dec(lastPrice).times(slippage.impactRate).div(volume);
}
