/** A strategy together with its validated parameters: what the bot evaluates on each candle. */
import { BotError } from '../errors/bot-error.js';
import type { Candle } from '../market/candle.js';
import type { Interval } from '../market/interval.js';
import type { OpenTradeView, Signal, Strategy } from './strategy.js';

export interface ConfiguredStrategy {
  name: string;
  symbol: string;
  interval: Interval;
  /** closed candles that `evaluate` needs */
  warmUp: number;
  /** complete, defaults filled in */
  parameters: Record<string, unknown>;
  evaluate(candles: readonly Candle[], openTrade: OpenTradeView | undefined): Signal;
}

/** Validates and completes the parameters. Throws BotError 10008 that names the strategy and every wrong parameter. */
export function configureStrategy(strategy: Strategy, rawParameters: unknown): ConfiguredStrategy {
  const parsed = strategy.parametersSchema.safeParse(rawParameters);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.map(String).join('.') || 'parameters'}: ${issue.message}`);
    throw new BotError(10008, `strategy ${strategy.name}: ${problems.join('; ')}`, { fix: `Correct the parameters of ${strategy.name} in the configuration` });
  }
  const parameters = parsed.data;
  return {
    name: strategy.name,
    symbol: strategy.symbol(parameters),
    interval: strategy.interval(parameters),
    warmUp: strategy.warmUp(parameters),
    parameters: { ...(parameters as Record<string, unknown>) },
    evaluate: (candles, openTrade) => strategy.evaluate({ candles, parameters, openTrade }),
  };
}
