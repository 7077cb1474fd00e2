/** The field types of Bybit's JSON: numbers travel as strings, and an empty string means "none". */
import { z } from 'zod';
import { parseDecimal, toDecimalString, type DecimalString } from '../../../core/money/decimal.js';

/** A decimal that must be there. */
export const decimal = z.string().transform((text, context): DecimalString => {
  try {
    return toDecimalString(parseDecimal(text, 'field'));
  } catch {
    context.addIssue({ code: 'custom', message: 'not a decimal number' });
    return z.NEVER;
  }
});

/** A decimal that Bybit leaves empty, or out, when there is none: then 0. */
export const decimalOrZero = z.string().default('').transform((text) => (text === '' ? '0' : text)).pipe(decimal);

/** ms since epoch as text. */
export const milliseconds = z.string().regex(/^\d+$/).transform(Number);
export const millisecondsOrZero = z.string().regex(/^\d*$/).default('').transform(Number);

export const side = z.enum(['Buy', 'Sell']);
/** Bybit leaves the side empty, or "None" in older answers, while a position is flat. */
export const sideOrNone = z.enum(['Buy', 'Sell', 'None', '']).transform((text) => (text === '' ? 'None' : text));

export const textOrEmpty = z.string().default('');

/** One page of a list; the cursor of the next page is empty or missing on the last one. */
export function pageOf<T extends z.ZodType>(row: T) {
  return z.object({ list: z.array(row), nextPageCursor: textOrEmpty });
}
