/**
 * Breakout: follows a close beyond the Donchian channel of the candles before it, when the market moves enough (ATR) for a
 * breakout to be worth its fees. Leaves at the opposite side of a shorter channel, or at a stop measured in ATRs.
 */
import { z } from 'zod';
import { atr } from '../indicators/atr.js';
import { donchian, type Channel } from '../indicators/donchian.js';
import { valueBack } from '../indicators/value-back.js';
import { allMet, barsOf, exitWhenAny, shown, warmedUp } from './evaluation.js';
import { intervalParameter, percentText, symbolParameter, takeProfitParameter } from './parameters.js';
import type { Condition, EvaluationInput, Signal, Strategy } from './strategy.js';
import type { DecimalString } from '../money/decimal.js';
import type { Side } from '../orders/order.js';

/** The stop in percent of price stays within these bounds, whatever the ATR says; the range of `trading.stop_loss_percent`. */
const STOP_MIN_PERCENT = 0.1;
const STOP_MAX_PERCENT = 20;

const parametersSchema = z
  .strictObject({
    symbol: symbolParameter.default('SOLUSDT'),
    interval: intervalParameter.default('60'),
    channel_period: z.int().min(2).max(200).default(20),
    exit_period: z.int().min(2).max(200).default(10),
    atr_period: z.int().min(2).max(100).default(14),
    /** no entry while the ATR is below this, percent of price */
    atr_min_percent: z.number().min(0).max(20).default(0.4),
    /** distance of the stop in ATRs */
    atr_stop_multiple: z.number().min(0.5).max(10).default(2.5),
    take_profit: takeProfitParameter.optional(),
  })
  .refine((parameters) => parameters.exit_period <= parameters.channel_period, { path: ['exit_period'], message: 'must not be larger than channel_period' });

type Parameters = z.output<typeof parametersSchema>;

interface Seen {
  close: number;
  entryChannel: Channel;
  exitChannel: Channel;
  /** percent of the close */
  atrPercent: number;
}

export const breakoutSol: Strategy<Parameters> = {
  name: 'breakout_sol',
  description: 'Follows closes beyond the Donchian channel while the ATR shows enough movement',
  parametersSchema,
  symbol: (parameters) => parameters.symbol,
  interval: (parameters) => parameters.interval,
  warmUp,
  evaluate,
};

function warmUp({ channel_period, atr_period }: Parameters): number {
  return Math.max(channel_period, atr_period * 10) + 1;
}

function evaluate({ candles, parameters, openTrade }: EvaluationInput<Parameters>): Signal {
  const window = warmedUp(candles, warmUp(parameters));
  const bars = barsOf(window);
  const close = valueBack(bars, 0).close;
  const seen: Seen = {
    close,
    entryChannel: valueBack(donchian(bars.slice(0, -1), parameters.channel_period), 0),
    exitChannel: valueBack(donchian(bars.slice(0, -1), parameters.exit_period), 0),
    atrPercent: (valueBack(atr(bars, parameters.atr_period), 0) / close) * 100,
  };
  if (openTrade !== undefined) return exitWhenAny([fellBack(openTrade.side, seen)]);
  const side: Side = close > seen.entryChannel.middle ? 'Buy' : 'Sell';
  const conditions = entryConditions(side, seen, parameters);
  if (!allMet(conditions)) return { kind: 'hold', conditions };
  const target = parameters.take_profit === undefined ? {} : { takeProfitPercent: percentText(parameters.take_profit) };
  const stopLossPercent = stopPercent(seen, parameters);
  return { kind: 'enter', side, referencePrice: valueBack(window, 0).close, stopLossPercent, ...target, conditions };
}

function entryConditions(side: Side, { close, entryChannel, atrPercent }: Seen, { atr_min_percent }: Parameters): Condition[] {
  const isLong = side === 'Buy';
  return [
    {
      name: `${isLong ? 'long' : 'short'}: close breaks out of the channel`,
      value: shown(close),
      wanted: isLong ? `above ${shown(entryChannel.upper)}` : `below ${shown(entryChannel.lower)}`,
      met: isLong ? close > entryChannel.upper : close < entryChannel.lower,
    },
    { name: 'the market moves enough (ATR)', value: `${shown(atrPercent)}%`, wanted: `at least ${atr_min_percent}%`, met: atrPercent >= atr_min_percent },
  ];
}

function fellBack(side: Side, { close, exitChannel }: Seen): Condition {
  const isLong = side === 'Buy';
  return {
    name: 'exit: close left the shorter channel',
    value: shown(close),
    wanted: isLong ? `below ${shown(exitChannel.lower)}` : `above ${shown(exitChannel.upper)}`,
    met: isLong ? close < exitChannel.lower : close > exitChannel.upper,
  };
}

/** Two decimals, so that the same candles give the same text everywhere. */
function stopPercent({ atrPercent }: Seen, { atr_stop_multiple }: Parameters): DecimalString {
  const percent = Math.min(Math.max(atrPercent * atr_stop_multiple, STOP_MIN_PERCENT), STOP_MAX_PERCENT);
  return percentText(Number(percent.toFixed(2)));
}
