/**
 * How figures look on the wire: value, name of the formula, and the reason where there is no value. Money is decimal
 * text of 8 decimals at most, as the exchange books it; what is no money is a number.
 */
import { z } from 'zod';
import type { Figure } from '../core/analytics/figure.js';
import type { Formula } from '../core/analytics/formulas.js';
import { dec, roundToWalletPrecision, toDecimalString, type Decimal, type DecimalString } from '../core/money/decimal.js';
import { decimalText } from './wire.js';

const formula = z.string().meta({ description: 'name of the formula; formulas has it in full', example: 'textbook.sharpe_ratio' });
const reason = z.string().nullable().meta({ description: 'why there is no value, or why it is not to be taken literally' });

export const ratioFigure = z.object({ value: z.number().nullable(), formula, reason }).meta({ id: 'RatioFigure' });
export const moneyFigure = z.object({ value: decimalText.nullable(), formula, reason }).meta({ id: 'MoneyFigure', description: 'USDT' });

export const formulasSchema = z.record(z.string(), z.object({ expression: z.string(), unit: z.enum(['USDT', 'ratio', 'percent', 'seconds', 'count']) }))
  .meta({ description: 'by name, see docs/ANALYTICS.md' });

export function ratioOnWire(figure: Figure): z.output<typeof ratioFigure> {
  return { value: figure.value === null ? null : Number(figure.value), formula: figure.formula, reason: figure.reason };
}

export function moneyOnWire(figure: Figure): z.output<typeof moneyFigure> {
  return { value: figure.value === null ? null : usdtText(figure.value), formula: figure.formula, reason: figure.reason };
}

export function usdtText(value: Decimal | DecimalString): DecimalString {
  return toDecimalString(roundToWalletPrecision(typeof value === 'string' ? dec(value) : value));
}

export function formulasOnWire(formulas: ReadonlyMap<string, Formula>): Record<string, Formula> {
  return Object.fromEntries(formulas);
}
