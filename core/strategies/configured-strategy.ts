/** A strategy together with its validated parameters: what the bot evaluates on each candle. */
import { BotError } from '../errors/bot-error.js';
import type { Candle } from '../market/candle.js';
import { INTERVALS, type Interval } from '../market/interval.js';
import type { OpenTradeView, Signal, Strategy } from './strategy.js';

/** Bybit serves at most this many candles per request; no decision needs more. */
export const WARM_UP_MAX_CANDLES = 1000;

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
  const symbol = strategy.symbol(parameters);
  const interval = strategy.interval(parameters);
  const warmUp = strategy.warmUp(parameters);
  assertUsable(strategy.name, { symbol, interval, warmUp });
  return {
    name: strategy.name, symbol, interval, warmUp,
    parameters: { ...(parameters as Record<string, unknown>) },
    evaluate: (candles, openTrade) => strategy.evaluate({ candles, parameters, openTrade }),
  };
}

/** What a strategy derives from its parameters; a user's strategy is not known to the compiler. */
function assertUsable(name: string, derived: { symbol: unknown; interval: unknown; warmUp: unknown }): void {
  const { symbol, interval, warmUp } = derived;
  const problems = [
    typeof symbol === 'string' && symbol !== '' ? undefined : `symbol() returned ${String(symbol)}, not a symbol`,
    INTERVALS.some((known) => known === interval) ? undefined : `interval() returned ${String(interval)}, not one of ${INTERVALS.join(', ')}`,
    typeof warmUp === 'number' && Number.isInteger(warmUp) && warmUp >= 1 && warmUp <= WARM_UP_MAX_CANDLES
      ? undefined : `warmUp() returned ${String(warmUp)}, not a number of candles from 1 to ${WARM_UP_MAX_CANDLES}`,
  ].filter((problem) => problem !== undefined);
  if (problems.length > 0) throw new BotError(10008, `strategy ${name}: ${problems.join('; ')}`);
}
