/** Client-given numbers: absent and '' mean "not given", anything else must be a decimal or the request is refused (10001). */
import { type Decimal, ZERO, dec, isMultipleOf, parseDecimal } from '../money/decimal.js';
import type { Instrument } from '../market/instrument.js';
import { REFUSALS, refuseParameter } from './refusals.js';

const LONGEST_NUMBER = 40;

/** undefined when not given. */
export function readNumber(text: string | undefined, field: string): Decimal | undefined {
  if (text === undefined || text === '') return undefined;
  if (text.length > LONGEST_NUMBER) return refuseParameter(`${field} invalid`);
  try {
    return parseDecimal(text, field);
  } catch (error) {
    if (error instanceof RangeError) return refuseParameter(`${field} invalid`);
    throw error;
  }
}

/** A price above zero on the instrument's tick. */
export function readPrice(text: string | undefined, field: string, instrument: Instrument): Decimal | undefined {
  const price = readNumber(text, field);
  if (price === undefined) return undefined;
  if (price.lte(0) || !isMultipleOf(price, dec(instrument.tickSize))) return refuseParameter(`${field} invalid`);
  return price;
}

/** As `readPrice`, and "0" means none. */
export function readProtectionPrice(text: string | undefined, field: string, instrument: Instrument): Decimal | undefined {
  const price = readNumber(text, field);
  return price?.isZero() === true ? ZERO : readPrice(text, field, instrument);
}

/** A positive multiple of the quantity step. */
export function readQty(text: string, instrument: Instrument): Decimal {
  const qty = readNumber(text, 'qty');
  if (qty === undefined || qty.lte(0) || !isMultipleOf(qty, dec(instrument.qtyStep))) return REFUSALS.qtyInvalid();
  return qty;
}
