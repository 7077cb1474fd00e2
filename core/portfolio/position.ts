/**
 * The one accounting of a position: a pure fold of fills and fundings. The simulated exchange books with it and the
 * ledger's checker proves the ledger with it, so both agree to the last decimal or one of them lost a fill.
 *
 * Invariants
 * 1. The average entry price is weighted by quantity with 40 significant digits; reducing keeps it; flat has none (0).
 * 2. A fill through zero is two steps at one price: close all, then open the rest.
 * 3. What changes the wallet is rounded once, when it happens, with `roundToWalletPrecision`: the realised profit of a
 *    reduction (exit − average) × quantity × direction, the fee price × quantity × rate, the funding size × mark × rate.
 *    So wallet = start + Σ realised − Σ fees − Σ funding holds exactly, not nearly.
 * Source of the rules: Bybit help centre, USDT perpetual profit and loss; fees and funding as in the V5 documentation.
 */
import { Decimal, ZERO, dec, roundToWalletPrecision, toDecimalString, type DecimalString } from '../money/decimal.js';
import type { Side } from '../orders/order.js';

/** The state of the fold; plain data. */
export interface PositionBook {
  /** base coin; positive long, negative short */
  signedSize: DecimalString;
  averagePrice: DecimalString;
  /** fees paid for opening what is still open, USDT; reductions take their share along */
  openFees: DecimalString;
  /** all time, USDT */
  realisedPnl: DecimalString;
  /** all time, USDT, positive was paid */
  fees: DecimalString;
  /** all time, USDT, positive was paid */
  funding: DecimalString;
}

export interface PositionFill {
  side: Side;
  price: DecimalString;
  /** base coin, above zero */
  qty: DecimalString;
  feeRate: DecimalString;
}

/** What one fill did. */
export interface FillEffect {
  closedQty: DecimalString;
  openedQty: DecimalString;
  /** price × quantity, unrounded, USDT */
  value: DecimalString;
  fee: DecimalString;
  /** profit of the closed part before fees, USDT */
  realisedPnl: DecimalString;
  /** average entry price of the closed part, 0 when nothing was closed */
  entryPrice: DecimalString;
  /** this fill's fee for the part that closed, and the opening fees that the closed part had carried */
  closeFee: DecimalString;
  openFeeShare: DecimalString;
}

const NOTHING = toDecimalString(ZERO);

export const EMPTY_POSITION: PositionBook = {
  signedSize: NOTHING, averagePrice: NOTHING, openFees: NOTHING, realisedPnl: NOTHING, fees: NOTHING, funding: NOTHING,
};

/** Books one fill. Throws a RangeError when its quantity is not above zero. */
export function applyFill(book: PositionBook, fill: PositionFill): { book: PositionBook; effect: FillEffect } {
  const qty = dec(fill.qty);
  if (qty.lte(0)) throw new RangeError(`a fill needs a quantity above zero, not ${fill.qty}`);
  const direction = fill.side === 'Buy' ? 1 : -1;
  const size = dec(book.signedSize);
  const closed = size.times(direction).lt(0) ? Decimal.min(size.abs(), qty) : ZERO;
  const effect = effectOf(book, fill, closed);
  const opened = dec(effect.openedQty);
  const averagePrice = opened.isZero()
    ? (closed.eq(size.abs()) ? ZERO : dec(book.averagePrice))
    : averageAfterOpening({ heldQty: size.abs().minus(closed), heldAverage: dec(book.averagePrice), openedQty: opened, price: dec(fill.price) });
  const openingFee = dec(effect.fee).minus(effect.closeFee);
  return {
    effect,
    book: {
      signedSize: toDecimalString(size.plus(qty.times(direction))),
      averagePrice: toDecimalString(averagePrice),
      openFees: toDecimalString(dec(book.openFees).minus(effect.openFeeShare).plus(openingFee)),
      realisedPnl: toDecimalString(dec(book.realisedPnl).plus(effect.realisedPnl)),
      fees: toDecimalString(dec(book.fees).plus(effect.fee)),
      funding: book.funding,
    },
  };
}

/** Books one funding: payment = signed size × mark × rate (positive was paid: a long pays a positive rate). */
export function applyFunding(
  book: PositionBook, funding: { markPrice: DecimalString; rate: DecimalString },
): { book: PositionBook; payment: DecimalString } {
  const payment = roundToWalletPrecision(dec(book.signedSize).times(funding.markPrice).times(funding.rate));
  return { book: { ...book, funding: toDecimalString(dec(book.funding).plus(payment)) }, payment: toDecimalString(payment) };
}

/** size × (price − average) × direction, unrounded: a valuation, not a booking. */
export function unrealisedPnl(book: PositionBook, price: Decimal): Decimal {
  return dec(book.signedSize).times(price.minus(book.averagePrice));
}

/** What the position has changed the wallet by: realised − fees − funding. */
export function walletChange(book: PositionBook): Decimal {
  return dec(book.realisedPnl).minus(book.fees).minus(book.funding);
}

function effectOf(book: PositionBook, fill: PositionFill, closed: Decimal): FillEffect {
  const qty = dec(fill.qty);
  const price = dec(fill.price);
  const size = dec(book.signedSize);
  const value = price.times(qty);
  const fee = roundToWalletPrecision(value.times(fill.feeRate));
  const heldDirection = size.isNegative() ? -1 : 1;
  const realised = roundToWalletPrecision(price.minus(book.averagePrice).times(closed).times(heldDirection));
  return {
    closedQty: toDecimalString(closed),
    openedQty: toDecimalString(qty.minus(closed)),
    value: toDecimalString(value),
    fee: toDecimalString(fee),
    realisedPnl: toDecimalString(closed.isZero() ? ZERO : realised),
    entryPrice: closed.isZero() ? NOTHING : book.averagePrice,
    closeFee: toDecimalString(shareOf(fee, closed, qty)),
    openFeeShare: toDecimalString(closed.isZero() ? ZERO : shareOf(dec(book.openFees), closed, size.abs())),
  };
}

function averageAfterOpening(part: { heldQty: Decimal; heldAverage: Decimal; openedQty: Decimal; price: Decimal }): Decimal {
  if (part.heldQty.isZero()) return part.price;
  const value = part.heldAverage.times(part.heldQty).plus(part.price.times(part.openedQty));
  return value.div(part.heldQty.plus(part.openedQty));
}

/** The part's share of an amount, rounded; the whole gets all of it, so shares add up. */
function shareOf(amount: Decimal, part: Decimal, whole: Decimal): Decimal {
  return part.eq(whole) ? amount : roundToWalletPrecision(amount.times(part).div(whole));
}
