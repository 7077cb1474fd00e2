/**
 * Moving average crossover: follows a fresh cross of the fast over the slow average, unless the RSI says that the move is
 * overdone already. Leaves when the averages cross back, or at the stop.
 */
import { z } from 'zod';
import { rsi } from '../indicators/rsi.js';
import { sma } from '../indicators/moving-average.js';
import { valueBack } from '../indicators/value-back.js';
import { allMet, closesOf, exitWhenAny, shown, warmedUp } from './evaluation.js';
import { intervalParameter, percentText, rsiPeriodParameter, stopLossParameter, symbolParameter, takeProfitParameter } from './parameters.js';
import type { Condition, EvaluationInput, Signal, Strategy } from './strategy.js';
import type { Side } from '../orders/order.js';

/** A cross may be this many candles old: the candle that closed the opposite trade cannot also open the next one. */
const CROSS_AGE_MAX_CANDLES = 3;

const parametersSchema = z
  .strictObject({
    symbol: symbolParameter.default('ETHUSDT'),
    interval: intervalParameter.default('60'),
    sma_fast: z.int().min(2).max(200).default(10),
    sma_slow: z.int().min(3).max(400).default(40),
    rsi_period: rsiPeriodParameter.default(14),
    /** longs need an RSI of at most 100 − threshold, shorts of at least threshold */
    rsi_threshold: z.number().min(1).max(49).default(25),
    stop_loss: stopLossParameter.default(2),
    take_profit: takeProfitParameter.optional(),
  })
  .refine((parameters) => parameters.sma_fast < parameters.sma_slow, { path: ['sma_fast'], message: 'must be smaller than sma_slow' });

type Parameters = z.output<typeof parametersSchema>;

interface Seen {
  fast: number;
  slow: number;
  rsi: number;
  /** how many candles ago fast and slow changed sides; undefined: longer than an entry may wait */
  crossAge: number | undefined;
}

export const smaCrossEth: Strategy<Parameters> = {
  name: 'sma_cross_eth',
  description: 'Follows crosses of a fast and a slow moving average, unless the RSI calls the move overdone',
  parametersSchema,
  symbol: (parameters) => parameters.symbol,
  interval: (parameters) => parameters.interval,
  warmUp,
  evaluate,
};

function warmUp({ sma_slow, rsi_period }: Parameters): number {
  return Math.max(sma_slow + CROSS_AGE_MAX_CANDLES, rsi_period * 10) + 1;
}

function evaluate({ candles, parameters, openTrade }: EvaluationInput<Parameters>): Signal {
  const window = warmedUp(candles, warmUp(parameters));
  const seen = look(closesOf(window), parameters);
  if (openTrade !== undefined) return exitWhenAny([crossedBack(openTrade.side, seen)]);
  const side: Side = seen.fast > seen.slow ? 'Buy' : 'Sell';
  const conditions = entryConditions(side, seen, parameters);
  if (!allMet(conditions)) return { kind: 'hold', conditions };
  const target = parameters.take_profit === undefined ? {} : { takeProfitPercent: percentText(parameters.take_profit) };
  const referencePrice = valueBack(window, 0).close;
  return { kind: 'enter', side, referencePrice, stopLossPercent: percentText(parameters.stop_loss), ...target, conditions };
}

function look(closes: readonly number[], parameters: Parameters): Seen {
  const fast = sma(closes, parameters.sma_fast);
  const slow = sma(closes, parameters.sma_slow);
  return {
    fast: valueBack(fast, 0),
    slow: valueBack(slow, 0),
    rsi: valueBack(rsi(closes, parameters.rsi_period), 0),
    crossAge: crossAge(fast, slow),
  };
}

function crossAge(fast: readonly number[], slow: readonly number[]): number | undefined {
  const isAbove = (back: number): boolean => valueBack(fast, back) > valueBack(slow, back);
  for (let age = 0; age < CROSS_AGE_MAX_CANDLES; age += 1) {
    if (isAbove(age) !== isAbove(age + 1)) return age;
  }
  return undefined;
}

function entryConditions(side: Side, seen: Seen, { rsi_threshold }: Parameters): Condition[] {
  const isLong = side === 'Buy';
  const word = isLong ? 'long' : 'short';
  const bound = isLong ? 100 - rsi_threshold : rsi_threshold;
  return [
    {
      name: `${word}: the averages crossed ${isLong ? 'up' : 'down'} just now`,
      value: `fast ${shown(seen.fast)}, slow ${shown(seen.slow)}, ${seen.crossAge === undefined ? 'no recent cross' : `crossed ${seen.crossAge} candles ago`}`,
      wanted: `a cross within ${CROSS_AGE_MAX_CANDLES} candles`,
      met: seen.crossAge !== undefined,
    },
    {
      name: `${word}: RSI is not overdone`,
      value: shown(seen.rsi),
      wanted: `${isLong ? 'at most' : 'at least'} ${bound}`,
      met: isLong ? seen.rsi <= bound : seen.rsi >= bound,
    },
  ];
}

function crossedBack(side: Side, { fast, slow }: Seen): Condition {
  const isLong = side === 'Buy';
  return {
    name: 'exit: the averages crossed back',
    value: `fast ${shown(fast)}`,
    wanted: `${isLong ? 'below' : 'above'} slow ${shown(slow)}`,
    met: isLong ? fast < slow : fast > slow,
  };
}
