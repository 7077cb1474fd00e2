/**
 * Refusals in Bybit's own codes and words; clients classify the overloaded 10001 by its text, so the words matter.
 * Prices inside the texts are ×10^4 and quantities ×10^8, as Bybit prints them.
 *
 * A refusal is thrown before anything was changed and becomes the reply in `applyCommand`; it never leaves the engine.
 */
import type { Decimal } from '../money/decimal.js';
import type { RefusedReply } from './contract.js';

export class Refused extends Error {
  override readonly name = 'Refused';
  constructor(readonly reply: RefusedReply) {
    super(reply.retMsg);
  }
}

export function refuse(retCode: number, retMsg: string): never {
  throw new Refused({ retCode, retMsg });
}

export const refuseParameter = (what: string): never => refuse(10001, `params error: ${what}`);

const scaledPrice = (price: Decimal): string => price.times(10_000).toFixed(0);
const scaledQty = (qty: Decimal): string => qty.times(100_000_000).toFixed(0);

export const REFUSALS = {
  symbolInvalid: () => refuse(10001, 'params error: symbol invalid'),
  notLive: () => refuse(110074, 'This contract is not live'),
  modeMismatch: () => refuse(10001, 'position idx not match position mode'),
  qtyInvalid: () => refuse(10001, 'Qty invalid: qty must be a positive multiple of the qty step'),
  tooLarge: (qty: Decimal, max: Decimal) =>
    refuse(10001, `The number of contracts exceeds maximum limit allowed: too large, order_qty:${scaledQty(qty)} > max_qty:${scaledQty(max)}`),
  tooSmall: (qty: Decimal, min: Decimal) =>
    refuse(10001, `The number of contracts exceeds minimum limit allowed: too small, order_qty:${scaledQty(qty)} < min_qty:${scaledQty(min)}`),
  belowMinNotional: () => refuse(110094, 'Order does not meet minimum order value 5USDT'),
  priceOutOfBand: () => refuse(110003, 'Order price exceeds the allowable range.'),
  duplicateLinkId: () => refuse(110072, 'OrderLinkedID is duplicate'),
  insufficientMargin: () => refuse(110007, 'ab not enough for new order'),
  leverageNeedsMargin: () => refuse(110044, 'Available margin is insufficient.'),
  zeroPositionReduceOnly: () => refuse(110017, 'current position is zero, cannot fix reduce-only order qty'),
  sameSideReduceOnly: () => refuse(110017, 'Reduce-only rule not satisfied'),
  orderGone: (verb: 'cancel' | 'replace') => refuse(110001, `order not exists or too late to ${verb}`),
  amendUnchanged: () => refuse(10001, 'The order remains unchanged as the parameters entered match the existing ones.'),
  activeOrderLimit: () => refuse(110020, 'Not allowed to have more than 500 active orders'),
  conditionalOrderLimit: () => refuse(110009, 'The number of stop orders exceeds the maximum allowable limit'),
  partialTpslLimit: () => refuse(110061, 'Not allowed to have more than 20 TP/SLs under Partial tpSlMode'),
  tpslUnchanged: () => refuse(34040, 'not modified'),
  tpslZeroPosition: () => refuse(10001, 'can not set tp/sl/ts for zero position'),
  leverageUnchanged: () => refuse(110043, 'leverage not modified'),
  leverageAboveTier: () => refuse(110013, 'Cannot set leverage due to risk limit level'),
  modeUnchanged: () => refuse(110025, 'Position mode is not modified'),
  modeHasPosition: () => refuse(110024, 'You have an existing position, so position mode cannot be switched'),
  modeHasOrders: () => refuse(110028, 'You have existing open orders, so position mode cannot be switched'),
  marginModeUnchanged: () => refuse(110026, 'Cross/isolated margin mode is not modified'),
  expectRising: (trigger: Decimal, current: Decimal, by: string) =>
    refuse(110092, `expect Rising, but trigger_price[${scaledPrice(trigger)}] <= current[${scaledPrice(current)}]??${by}`),
  expectFalling: (trigger: Decimal, current: Decimal, by: string) =>
    refuse(110093, `expect Falling, but trigger_price[${scaledPrice(trigger)}] >= current[${scaledPrice(current)}]??${by}`),
  stopLossSide: (wrong: WrongSide) =>
    refuse(10001, `sl:${scaledPrice(wrong.price)} set for ${wrong.side} position should ${wrong.side === 'Buy' ? 'lower' : 'greater'} base_price:${scaledPrice(wrong.base)}??${wrong.by}`),
  takeProfitSide: (wrong: WrongSide) =>
    refuse(10001, `TakeProfit:${scaledPrice(wrong.price)} set for ${wrong.side} position should be ${wrong.side === 'Buy' ? 'higher' : 'lower'} than base_price:${scaledPrice(wrong.base)}??${wrong.by}`),
} as const;

export interface WrongSide { price: Decimal; base: Decimal; side: 'Buy' | 'Sell'; by: string }
