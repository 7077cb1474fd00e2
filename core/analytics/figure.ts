/**
 * A figure with the name of its formula.
 *
 * Invariants
 * 1. What is not defined is null, and the reason stands beside it in words; there is no other null.
 * 2. A value that stands for "not defined" in its definition (freqtrade's −100) keeps its value, with the same words.
 */
import { toDecimalString, type Decimal, type DecimalString } from '../money/decimal.js';

export type Definition = 'textbook' | 'freqtrade';

export interface Figure {
  /** a name in the catalogue of formulas */
  formula: string;
  value: DecimalString | null;
  /** why there is no value, or why it is not to be taken literally */
  reason: string | null;
}

/** An outcome before it has been given its formula's name. */
export type Outcome = { value: Decimal; reason?: string } | { value: null; reason: string };

export const is = (value: Decimal): Outcome => ({ value });
export const undefinedBecause = (reason: string): Outcome => ({ value: null, reason });

export function figure(formula: string, { value, reason }: Outcome): Figure {
  return { formula, value: value === null ? null : toDecimalString(value), reason: reason ?? null };
}

/** Every outcome under the name `<prefix>.<metric>`. */
export function figures<Metric extends string>(prefix: string, outcomes: Record<Metric, Outcome>): Record<Metric, Figure> {
  const named = Object.entries<Outcome>(outcomes).map(([metric, outcome]) => [metric, figure(`${prefix}.${metric}`, outcome)]);
  return Object.fromEntries(named) as Record<Metric, Figure>;
}
