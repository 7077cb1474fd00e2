/**
 * Decimal money. Prices, quantities and amounts are `Decimal` inside calculations and `DecimalString`
 * wherever they are data (wire, database, workflow history). They are never a JavaScript number.
 *
 * Invariants
 * 1. One cloned constructor with 40 significant digits: results do not depend on who configured decimal.js before.
 * 2. Every rounding names its direction in the function's name.
 * 3. A `DecimalString` is canonical: no exponent, no leading plus, no trailing zeros, `-0` is `0`.
 */
import { Decimal as DecimalJs } from 'decimal.js';

export const Decimal = DecimalJs.clone({ precision: 40, rounding: DecimalJs.ROUND_HALF_EVEN, toExpNeg: -40, toExpPos: 40 });
export type Decimal = DecimalJs;

declare const decimalString: unique symbol;
/** A canonical decimal number as text, for example `"64250.1"`. */
export type DecimalString = string & { readonly [decimalString]: true };

export const ZERO = new Decimal(0);

const PLAIN_DECIMAL = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;

/** Parses foreign text into a Decimal. Throws a RangeError that names the field when the text is not a finite decimal. */
export function parseDecimal(text: string, field: string): Decimal {
  if (!PLAIN_DECIMAL.test(text)) throw new RangeError(`${field}: "${text.slice(0, 40)}" is not a decimal number`);
  return new Decimal(text);
}

/** The canonical text of a decimal; the only way to make a `DecimalString`. */
export function toDecimalString(value: Decimal | string): DecimalString {
  const decimal = new Decimal(value);
  if (!decimal.isFinite()) throw new RangeError(`not a finite decimal: ${String(value)}`);
  return (decimal.isZero() ? '0' : decimal.toFixed()) as DecimalString;
}

export const dec = (value: DecimalString): Decimal => new Decimal(value);

/** Rounds a quantity DOWN to a multiple of the lot step, so an order is never larger than what risk approved. */
export function floorToStep(quantity: Decimal, step: Decimal): Decimal {
  return quantity.div(step).floor().times(step);
}

export function floorToTick(price: Decimal, tick: Decimal): Decimal {
  return price.div(tick).floor().times(tick);
}

export function ceilToTick(price: Decimal, tick: Decimal): Decimal {
  return price.div(tick).ceil().times(tick);
}

export function isMultipleOf(value: Decimal, step: Decimal): boolean {
  return value.div(step).isInteger();
}

/** USDT amounts that change the wallet are booked with 8 decimals, half to even, as the exchange's ledger holds them. */
export function roundToWalletPrecision(amount: Decimal): Decimal {
  return amount.toDecimalPlaces(8, Decimal.ROUND_HALF_EVEN);
}
