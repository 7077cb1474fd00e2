/**
 * Code that the project did not write meets the rest of the bot here: its shape is checked once, its signals every time,
 * and whatever it throws becomes a BotError.
 */
import { z } from 'zod';
import { BotError, isBotError } from '../errors/bot-error.js';
import { parseDecimal, toDecimalString, type DecimalString } from '../money/decimal.js';
import type { EvaluationInput, Signal, Strategy } from './strategy.js';

const method = z.custom<(...values: unknown[]) => unknown>((value) => typeof value === 'function', 'must be a function');

const strategyShape = z.object({
  name: z.string().min(1).max(64),
  description: z.string().min(1),
  parametersSchema: z.custom<Strategy['parametersSchema']>(hasSafeParse, 'must be a zod schema'),
  symbol: method,
  interval: method,
  warmUp: method,
  evaluate: method,
});

const positiveDecimal = z.string().transform((text, context): DecimalString => {
  try {
    const value = parseDecimal(text, 'value');
    if (value.gt(0)) return toDecimalString(value);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  context.addIssue({ code: 'custom', message: `must be a decimal number above zero as text, not "${text.slice(0, 40)}"` });
  return z.NEVER;
});

const conditions = z.array(z.object({ name: z.string(), value: z.string(), wanted: z.string(), met: z.boolean() }));

const signalShape = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('hold'), conditions }),
  z.strictObject({
    kind: z.literal('enter'),
    side: z.enum(['Buy', 'Sell']),
    referencePrice: positiveDecimal,
    stopLossPercent: z.exactOptional(positiveDecimal),
    takeProfitPercent: z.exactOptional(positiveDecimal),
    conditions,
  }),
  z.strictObject({ kind: z.literal('exit'), reason: z.string().min(1), conditions }),
]);

/** Throws BotError 10008 that says what is wrong with the shape. */
export function guardedStrategy(foreign: unknown, origin: string): Strategy {
  const checked = strategyShape.safeParse(foreign);
  if (!checked.success) throw new BotError(10008, `${origin}: the exported strategy is not usable: ${issuesOf(checked.error)}`);
  const strategy = foreign as Strategy;
  return {
    name: strategy.name,
    description: strategy.description,
    parametersSchema: strategy.parametersSchema,
    symbol: (parameters) => strategy.symbol(parameters),
    interval: (parameters) => strategy.interval(parameters),
    warmUp: (parameters) => strategy.warmUp(parameters),
    evaluate: (input) => guardedEvaluation(strategy, input, origin),
  };
}

function guardedEvaluation(strategy: Strategy, input: EvaluationInput<unknown>, origin: string): Signal {
  const signal = signalShape.safeParse(evaluated(strategy, input, origin));
  if (signal.success) return signal.data;
  throw new BotError(10008, `${origin}: evaluate returned no usable signal: ${issuesOf(signal.error)}`);
}

function evaluated(strategy: Strategy, input: EvaluationInput<unknown>, origin: string): unknown {
  try {
    return strategy.evaluate(input);
  } catch (error) {
    if (isBotError(error)) throw error;
    const reason = error instanceof Error ? error.message : 'it threw something that is no error';
    throw new BotError(10008, `${origin}: evaluate failed: ${reason}`, { cause: error });
  }
}

function hasSafeParse(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'safeParse' in value && typeof value.safeParse === 'function';
}

function issuesOf(error: z.ZodError): string {
  return error.issues.map((issue) => `${issue.path.map(String).join('.') || 'strategy'}: ${issue.message}`).join('; ');
}
