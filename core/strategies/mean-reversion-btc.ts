/**
 * Mean reversion: a price outside its Bollinger band with an extreme RSI tends to return to the average.
 * Enters against the move, leaves at the middle band or at the stop.
 */
import { z } from 'zod';
import { bollinger, type Bands } from '../indicators/bollinger.js';
import { rsi } from '../indicators/rsi.js';
import { valueBack } from '../indicators/value-back.js';
import { allMet, closesOf, exitWhenAny, shown, warmedUp } from './evaluation.js';
import { intervalParameter, percentText, rsiPeriodParameter, stopLossParameter, symbolParameter, takeProfitParameter } from './parameters.js';
import type { Condition, EvaluationInput, Signal, Strategy } from './strategy.js';
import type { Side } from '../orders/order.js';

const parametersSchema = z
  .strictObject({
    symbol: symbolParameter.default('BTCUSDT'),
    interval: intervalParameter.default('15'),
    rsi_period: rsiPeriodParameter.default(14),
    rsi_oversold: z.number().min(1).max(49).default(25),
    rsi_overbought: z.number().min(51).max(99).default(75),
    bb_period: z.int().min(5).max(200).default(20),
    bb_stddev: z.number().min(0.5).max(5).default(2),
    stop_loss: stopLossParameter.default(1.5),
    take_profit: takeProfitParameter.optional(),
  });

type Parameters = z.output<typeof parametersSchema>;

interface Seen {
  close: number;
  rsi: number;
  bands: Bands;
}

export const meanReversionBtc: Strategy<Parameters> = {
  name: 'mean_reversion_btc',
  description: 'Buys oversold and sells overbought closes outside the Bollinger bands; leaves at the middle band',
  parametersSchema,
  symbol: (parameters) => parameters.symbol,
  interval: (parameters) => parameters.interval,
  warmUp,
  evaluate,
};

/** Ten RSI periods: by then Wilder's memory of the first value is below a thousandth. */
function warmUp({ rsi_period, bb_period }: Parameters): number {
  return Math.max(rsi_period * 10, bb_period) + 1;
}

function evaluate({ candles, parameters, openTrade }: EvaluationInput<Parameters>): Signal {
  const window = warmedUp(candles, warmUp(parameters));
  const closes = closesOf(window);
  const seen: Seen = {
    close: valueBack(closes, 0),
    rsi: valueBack(rsi(closes, parameters.rsi_period), 0),
    bands: valueBack(bollinger(closes, parameters.bb_period, parameters.bb_stddev), 0),
  };
  if (openTrade !== undefined) return exitWhenAny([backAtTheMiddle(openTrade.side, seen)]);
  const long = longConditions(seen, parameters);
  const short = shortConditions(seen, parameters);
  const referencePrice = valueBack(window, 0).close;
  if (allMet(long)) return enter('Buy', long);
  if (allMet(short)) return enter('Sell', short);
  return { kind: 'hold', conditions: [...long, ...short] };

  function enter(side: Side, conditions: Condition[]): Signal {
    const target = parameters.take_profit === undefined ? {} : { takeProfitPercent: percentText(parameters.take_profit) };
    return { kind: 'enter', side, referencePrice, stopLossPercent: percentText(parameters.stop_loss), ...target, conditions };
  }
}

function longConditions({ close, rsi: strength, bands }: Seen, { rsi_oversold }: Parameters): Condition[] {
  return [
    { name: 'long: RSI is oversold', value: shown(strength), wanted: `below ${rsi_oversold}`, met: strength < rsi_oversold },
    { name: 'long: close is under the lower band', value: shown(close), wanted: `below ${shown(bands.lower)}`, met: close < bands.lower },
  ];
}

function shortConditions({ close, rsi: strength, bands }: Seen, { rsi_overbought }: Parameters): Condition[] {
  return [
    { name: 'short: RSI is overbought', value: shown(strength), wanted: `above ${rsi_overbought}`, met: strength > rsi_overbought },
    { name: 'short: close is over the upper band', value: shown(close), wanted: `above ${shown(bands.upper)}`, met: close > bands.upper },
  ];
}

function backAtTheMiddle(side: Side, { close, bands }: Seen): Condition {
  const isLong = side === 'Buy';
  return {
    name: 'exit: close is back at the middle band',
    value: shown(close),
    wanted: `${isLong ? 'at least' : 'at most'} ${shown(bands.middle)}`,
    met: isLong ? close >= bands.middle : close <= bands.middle,
  };
}
