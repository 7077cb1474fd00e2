/**
 * The rules an order must pass before it is accepted: size, price, trigger, attached protection, count, margin.
 * Each throws a refusal in Bybit's words and changes nothing.
 */
import { ZERO, dec, type Decimal } from '../money/decimal.js';
import type { Instrument } from '../market/instrument.js';
import type { OrderType, Side } from '../orders/order.js';
import type { TriggerBy, TriggerDirection } from './contract.js';
import { openOrdersOf, pricesOf, type ExchangeState, type SymbolState } from './exchange-state.js';
import { accountMargin, openingPart, orderCost } from './margin.js';
import { bandLimit, isBeyond } from './price-band.js';
import { isProtection, positionSide } from './protection.js';
import { REFUSALS } from './refusals.js';
import { seriesPrice } from './trigger.js';

/** Bybit: at most 500 active orders, 10 conditional orders and 20 partial take-profits or stop-losses a symbol. */
export const ACTIVE_ORDERS_MAX = 500;
export const CONDITIONAL_ORDERS_MAX = 10;
export const PARTIAL_TPSL_MAX = 20;

/** Reduce-only orders may be dust and may exceed the maximum (Bybit splits them): they only close. */
export function judgeSize(instrument: Instrument, order: { qty: Decimal; price: Decimal; orderType: OrderType; reduceOnly: boolean }): void {
  const { qty, price, orderType, reduceOnly } = order;
  const largest = dec(orderType === 'Market' ? instrument.maxMarketOrderQty : instrument.maxOrderQty);
  const smallest = dec(instrument.minOrderQty);
  if (qty.lt(smallest)) REFUSALS.tooSmall(qty, smallest);
  if (reduceOnly) return;
  if (qty.gt(largest)) REFUSALS.tooLarge(qty, largest);
  if (qty.times(price).lt(instrument.minNotional)) REFUSALS.belowMinNotional();
}

/** The price an order may have: clamped into the band, or refused where clamping is switched off. */
export function priceInBand(state: ExchangeState, symbol: SymbolState, order: { side: Side; price: Decimal }): Decimal {
  const limit = bandLimit(symbol, order.side);
  if (!isBeyond(order.price, limit, order.side)) return order.price;
  return state.clampLimitPrices ? limit : REFUSALS.priceOutOfBand();
}

/** A rising trigger must lie above the present price, a falling one below it. */
export function judgeTrigger(symbol: SymbolState, trigger: { price: Decimal; direction: TriggerDirection; by: TriggerBy }): void {
  const current = seriesPrice(pricesOf(symbol), trigger.by);
  if (trigger.direction === 1 && trigger.price.lte(current)) REFUSALS.expectRising(trigger.price, current, trigger.by);
  if (trigger.direction === 2 && trigger.price.gte(current)) REFUSALS.expectFalling(trigger.price, current, trigger.by);
}

/** There must be a position on the other side to reduce. */
export function judgeReduceOnly(symbol: SymbolState, side: Side): void {
  const held = positionSide(symbol);
  if (held === 'None') REFUSALS.zeroPositionReduceOnly();
  if (held === side) REFUSALS.sameSideReduceOnly();
}

export interface ProtectionLevel { price: Decimal; base: Decimal; by: TriggerBy }

/** A stop-loss of a long lies below the base price, its take-profit above; mirrored for a short. 0 means none. */
export function judgeProtection(side: Side, levels: { stopLoss?: ProtectionLevel; takeProfit?: ProtectionLevel }): void {
  const { stopLoss, takeProfit } = levels;
  if (stopLoss !== undefined && !stopLoss.price.isZero() && !isWorse(side, stopLoss)) REFUSALS.stopLossSide({ ...stopLoss, side });
  if (takeProfit !== undefined && !takeProfit.price.isZero() && !isBetter(side, takeProfit)) REFUSALS.takeProfitSide({ ...takeProfit, side });
}

export function judgeOrderCount(state: ExchangeState, symbol: SymbolState, conditional: boolean): void {
  const own = openOrdersOf(state, symbol).filter((order) => !isProtection(order));
  const waiting = own.filter((order) => order.status === 'Untriggered').length;
  if (conditional && waiting >= CONDITIONAL_ORDERS_MAX) REFUSALS.conditionalOrderLimit();
  if (!conditional && own.length - waiting >= ACTIVE_ORDERS_MAX) REFUSALS.activeOrderLimit();
}

/** What the order would reserve must be available. `released` is what the order reserves already (when amended). */
export function judgeMargin(
  state: ExchangeState, symbol: SymbolState, order: { side: Side; qty: Decimal; price: Decimal; released?: Decimal },
): void {
  const opening = openingPart(symbol, order);
  if (opening.lte(0)) return;
  const cost = orderCost(state, symbol, { side: order.side, price: order.price, qty: opening });
  const available = accountMargin(state).available.plus(order.released ?? ZERO);
  if (cost.gt(available)) REFUSALS.insufficientMargin();
}

const isWorse = (side: Side, { price, base }: ProtectionLevel) => (side === 'Buy' ? price.lt(base) : price.gt(base));
const isBetter = (side: Side, { price, base }: ProtectionLevel) => (side === 'Buy' ? price.gt(base) : price.lt(base));
